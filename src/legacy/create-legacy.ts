import { randomBytes } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { LatchkeyError } from '../platform/failure/latchkey-error.ts';
import type {
  Arrival,
  AssertionAdapter,
  Came,
  Departed,
  Departure,
  LegacyAdapter,
  LegacyRecords,
  Opening,
  PasswordAdapter,
  RedirectAdapter,
  Replays,
  Return,
  Round,
  Sifted,
} from './adapter.ts';
import { type Answered, type Asking, refused, type Words } from './answer.ts';
import { type AllowList, createEgress } from './egress/egress.ts';
import { type AdapterSettings, createAdapter } from './families.ts';
import {
  createGuard,
  type Guard,
  type Question,
  type SourceHealth,
  type TooMany,
  type Unavailable,
} from './guard/guard.ts';
import type { LegacyMetrics } from './guard/metrics.ts';

export interface LegacyDependencies {
  /** `host:port` that old systems may be asked at; what is not here is not connected to. */
  readonly allow: AllowList;
  /** By name; never in a definition. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly records: (source: string) => LegacyRecords;
  /** Keys are a source's own: the same one of two sources is two. */
  readonly replays: (source: string) => Replays;
  readonly metrics: LegacyMetrics;
  readonly now: () => Date;
  readonly onFault: (fault: unknown) => void;
}

/** What the configuration of one source says of its old system. */
export interface LiveSource {
  readonly source: string;
  /** Changes with every change of its definition. */
  readonly version: number;
  readonly identifierLabel: Words;
  readonly settings: AdapterSettings;
}

type Reserve = Question<never>['reserve'];
type Guarded<Answer> = Promise<Answer | TooMany | Unavailable>;

/** An adapter as others see it: always through its guard. */
export type GuardedAdapter =
  | {
      readonly kind: 'password';
      open(opening: Omit<Opening, 'signal'>): Guarded<Asking>;
      answer(round: Omit<Round, 'signal'>, reserve: Reserve): Guarded<Answered | Asking>;
      /** For what nobody can be called there: counted and timed like any other, and the old system is not asked. */
      decline(reserve: Reserve): Guarded<Answered>;
    }
  | {
      readonly kind: 'redirect';
      depart(departure: Omit<Departure, 'signal'>, reserve: Reserve): Guarded<Departed>;
      handleOf: RedirectAdapter['handleOf'];
      finish(back: Omit<Return, 'signal'>): Guarded<Answered>;
    }
  | {
      readonly kind: 'assertion';
      readonly entryUrl: string;
      /** Asks nobody. */
      sift(came: Came): Sifted;
      read(arrival: Omit<Arrival, 'signal'>, reserve: Reserve): Guarded<Answered>;
    };

export interface Legacy {
  adapterOf(source: LiveSource): Promise<GuardedAdapter>;
  /** Asks whether the old system is there. Resolves to undefined when it is. */
  probe(source: LiveSource): Promise<Unavailable | undefined>;
  /** Of every source that was asked since the start, as this node sees it. */
  health(): readonly SourceHealth[];
  close(): Promise<void>;
}

interface Live {
  readonly version: number;
  readonly guard: Guard;
  readonly adapter: Promise<LegacyAdapter>;
}

/** Old systems that still run, each behind one guard. */
export function createLegacy(deps: LegacyDependencies): Legacy {
  const egress = createEgress({ allow: deps.allow });
  const live = new Map<string, Live>();

  const open = ({ source, version, identifierLabel, settings }: LiveSource): Live => {
    const known = live.get(source);
    if (known?.version === version) return known;
    void known?.adapter.then((adapter) => adapter.close()).catch(deps.onFault);
    const secret = (name: string): string => secretOf(deps.secrets, source, name);
    const records = deps.records(source);
    const replays = deps.replays(source);
    const { now, metrics, onFault } = deps;
    const guard = createGuard({
      source,
      family: settings.family,
      limits: settings.limits,
      metrics,
      now,
      clock: () => Number(process.hrtime.bigint()) / 1e6,
      sleep: async (ms) => sleepFor(ms),
      onFault,
    });
    const adapter = createAdapter(settings, {
      source,
      identifierLabel,
      egress,
      secret,
      records,
      replays,
      now,
      randomBytes,
    });
    const opened = { version, guard, adapter };
    live.set(source, opened);
    // A definition that cannot be made is tried anew the next time: a secret may have been added.
    adapter.catch(() => live.get(source) === opened && live.delete(source));
    return opened;
  };

  return {
    async adapterOf(source) {
      const { adapter, guard } = open(source);
      return guarded(await adapter, guard);
    },
    async probe(source) {
      const { adapter, guard } = open(source);
      const ready = await adapter;
      const answer = await guard.ask({
        reserve: unlimited,
        work: async (signal) => {
          await ready.health(signal);
          return { outcome: 'there' };
        },
      });
      return answer.outcome === 'unavailable' && 'reason' in answer ? answer : undefined;
    },
    health: () => [...live.values()].map(({ guard }) => guard.health()),
    async close() {
      const ends = [...live.values()].map(async ({ adapter }) => (await adapter).close());
      await Promise.allSettled(ends);
    },
  };
}

const unlimited = async (): Promise<undefined> => undefined;

function guarded(adapter: LegacyAdapter, guard: Guard): GuardedAdapter {
  if (adapter.kind === 'password') return guardPassword(adapter, guard);
  return adapter.kind === 'redirect' ? guardRedirect(adapter, guard) : guardAssertion(adapter, guard);
}

const guardPassword = (adapter: PasswordAdapter, guard: Guard): GuardedAdapter => ({
  kind: 'password',
  // What to ask first depends on nobody and asks nobody: it says nothing of the old system's health.
  open: async (opening) => guard.closed() ?? adapter.open({ ...opening, signal: new AbortController().signal }),
  answer: (round, reserve) => guard.ask({ reserve, work: (signal) => adapter.answer({ ...round, signal }) }),
  decline: async (reserve) => (await guard.decline(reserve)) ?? refused('misshapen'),
});

const guardRedirect = (adapter: RedirectAdapter, guard: Guard): GuardedAdapter => ({
  kind: 'redirect',
  depart: (departure, reserve) => guard.ask({ reserve, work: (signal) => adapter.depart({ ...departure, signal }) }),
  handleOf: (parameters) => adapter.handleOf(parameters),
  finish: (back) => guard.ask({ reserve: unlimited, work: (signal) => adapter.finish({ ...back, signal }) }),
});

const guardAssertion = (adapter: AssertionAdapter, guard: Guard): GuardedAdapter => ({
  kind: 'assertion',
  entryUrl: adapter.entryUrl,
  sift: (came) => adapter.sift(came),
  read: (arrival, reserve) => guard.ask({ reserve, work: (signal) => adapter.read({ ...arrival, signal }) }),
});

function secretOf(secrets: Readonly<Record<string, string>>, source: string, name: string): string {
  const secret = secrets[name];
  if (secret !== undefined) return secret;
  const variable = `LATCHKEY_SOURCE_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
  throw new LatchkeyError('config_invalid', `The source ${source} needs a secret that is not set: ${variable}.`);
}
