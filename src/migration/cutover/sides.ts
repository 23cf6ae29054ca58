import { type Static, Type } from 'typebox';
import { answeredBy } from '../../legacy/index.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import type { CutoverPlan } from './cutover-plan.ts';

/** What either side may be believed about. */
export const ATTRIBUTES = ['password', 'email', 'phone', 'name', 'status'] as const;

export const Side = Type.Enum(['old', 'new']);
export type Side = Static<typeof Side>;

export const Authority = Type.Object({ password: Side, email: Side, phone: Side, name: Side, status: Side });
export type Authority = Static<typeof Authority>;

/**
 * `before`: nobody has said anything of it. `side-by-side`: what is believed of which side is on record. `cutting-over`: a
 * part of its people is served by the new side. `finalised`: the old system is not asked any more, for ever.
 */
export type Stage = 'before' | 'side-by-side' | 'cutting-over' | 'finalised';
export type StopReason = 'failure-rate' | 'latency' | 'complaints';

/** How old and new of one source stand to each other. */
export interface Sides {
  readonly source: string;
  /** 0: there is no record yet. */
  readonly version: number;
  readonly stage: Stage;
  readonly authority: Authority;
  /** What an outage of the old system means where it must be asked: nobody comes in, or whoever the export knows. */
  readonly whenAway: 'refuse' | 'imported';
  readonly shadowSince: Date | undefined;
  readonly plan: CutoverPlan | undefined;
  /** Of the plan's steps; 0: nobody has moved. */
  readonly step: number;
  readonly stepSince: Date | undefined;
  /** Since then. */
  readonly complaints: number;
  readonly stopped: { readonly by: StopReason; readonly at: Date } | undefined;
  readonly finalisedAt: Date | undefined;
  readonly changedBy: string | undefined;
  readonly changedAt: Date | undefined;
}

/** Whether another system is asked, in whatever way: not where only what it exported is looked at. */
export const hasLiveSystem = ({ adapter }: SourceDefinition): boolean =>
  adapter !== undefined && answeredBy(adapter) !== 'export';

/** Whether a name and a password are all that it asks for, and the policy takes its yes for a proof. */
export const takesTyped = ({ adapter, policy }: SourceDefinition): boolean =>
  adapter !== undefined && answeredBy(adapter) === 'password' && allowedProof(policy, 'old-sign-in') !== undefined;

/** Who holds the truth until somebody says otherwise: the old system, as long as there is one to ask. */
export function assumedSides(definition: SourceDefinition): Sides {
  const side = hasLiveSystem(definition) ? 'old' : 'new';
  return {
    source: definition.source,
    version: 0,
    stage: 'before',
    authority: { password: side, email: side, phone: side, name: side, status: side },
    whenAway: 'refuse',
    shadowSince: undefined,
    plan: undefined,
    step: 0,
    stepSince: undefined,
    complaints: 0,
    stopped: undefined,
    finalisedAt: undefined,
    changedBy: undefined,
    changedAt: undefined,
  };
}

export function stageOf({ version, step, finalisedAt }: Pick<Sides, 'version' | 'step' | 'finalisedAt'>): Stage {
  if (finalisedAt) return 'finalised';
  if (step > 0) return 'cutting-over';
  return version > 0 ? 'side-by-side' : 'before';
}
