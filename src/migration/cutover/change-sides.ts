import { appendAudit, type AuditEventType, type AuditValue } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Accounts } from '../../accounts/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database, Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { RequestTarget } from '../linking/ask-or-approve.ts';
import type { Source } from '../sources/definition.ts';
import { findSource, type SourceMeta } from '../sources/source-store.ts';
import { holdSides, writeSides } from './side-rows.ts';
import type { Sides } from './sides.ts';

export interface SidesDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  /** The run that has a source and is not finished yet, by id. */
  readonly unfinishedRun: (source: string) => Promise<string | undefined>;
  readonly now: () => Date;
}

export type SidesRefusal =
  | 'finalised'
  /** No old system takes what is typed on our page: there is nobody to believe, or to serve people. */
  | 'nobody-to-ask'
  /** The policy takes no old password, or none was imported: the new side could let nobody in. */
  | 'nothing-imported'
  | 'runs-unfinished'
  /** Without the old system no proof that the policy asks for is left. */
  | 'no-other-way'
  | 'no-plan'
  | 'under-way'
  | 'at-the-end'
  | 'at-the-beginning'
  | 'too-few-answers'
  | 'not-quiet';

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: SidesRefusal;
}
export const refused = (reason: SidesRefusal): Refused => ({ outcome: 'refused', reason });

/** What becomes of the sides, and what goes on record. */
export interface Change {
  readonly sides: Sides;
  readonly type: AuditEventType;
  readonly detail?: Readonly<Record<string, AuditValue>>;
}

export interface Changed {
  readonly outcome: 'changed';
  readonly sides: Sides;
}

/** Changes how the sides of a source stand: decided while they are held, recorded with the change. @throws `not_found` */
export async function changeSides<Other>(
  { db, now }: Pick<SidesDependencies, 'db' | 'now'>,
  key: string,
  meta: SourceMeta,
  decide: (tx: Transaction, held: { readonly source: Source; readonly sides: Sides }) => Promise<Change | Other>,
): Promise<Changed | Other> {
  return db.transaction(async (tx) => {
    const source = await needSource(tx, key);
    const at = now();
    const sides = await holdSides(tx, source, at);
    const change = await decide(tx, { source, sides });
    if (!isChange(change)) return change;
    const written = await writeSides(tx, change.sides, { by: meta.actor, at });
    const { type, detail = {} } = change;
    const { actor, correlationId } = meta;
    const event = { chain: `source:${key}`, type, actor, correlationId };
    await appendAudit(tx, { ...event, detail: { ...detail, version: written.version } });
    return { outcome: 'changed', sides: written };
  });
}

const isChange = (change: unknown): change is Change =>
  typeof change === 'object' && change !== null && 'sides' in change && 'type' in change;

/** @throws LatchkeyError `not_found` */
export async function needSource(queryable: Queryable, key: string): Promise<Source> {
  const source = await findSource(queryable, key);
  if (source) return source;
  throw new LatchkeyError('not_found', `There is no source "${key}". \`latchkey sources list\` shows them all.`);
}

/**
 * What an act is about, where it is a whole source. Going on anyway is about the step that is passed over: what was asked
 * of one must not be approved of another.
 */
export function requestAbout(
  { keyRing }: Pick<SidesDependencies, 'keyRing'>,
  { source, step, stepSince }: Pick<Sides, 'source' | 'step' | 'stepSince'>,
  kind: 'finalise-source' | 'cutover-anyway',
): RequestTarget {
  const passedOver = kind === 'cutover-anyway' ? [`${step}`, stepSince?.toISOString() ?? ''] : [];
  return { kind, source, legacyKey: keyRing.lookupKey('whole-source', source, ...passedOver), reason: kind };
}
