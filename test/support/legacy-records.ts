import { randomInt, randomUUID } from 'node:crypto';
import {
  createLegacy,
  type AdapterSettings,
  type Delivery,
  type Legacy,
  type LegacyRecord,
  type LegacyRecords,
} from '../../src/legacy/index.ts';

type Adapter = Extract<Awaited<ReturnType<Legacy['adapterOf']>>, { kind: 'password' }>;
type Answer = Awaited<ReturnType<Adapter['answer']>>;
type Counters = Pick<LegacyRecords, 'counter' | 'advance'>;

export interface ExportedRow extends LegacyRecord {
  readonly password?: string;
  readonly isDisabled?: boolean;
}

/** Rows of an export, in memory; each question is answered in a later turn, as a database's would be. */
export function createRecords(rows: readonly ExportedRow[], counters = createCounters()): LegacyRecords {
  const live = (typed: string): ExportedRow | undefined =>
    rows.find(({ login, accountKey, isDisabled }) => !isDisabled && (typed === login || typed === accountKey));
  return {
    async find(typed) {
      await nextTurn();
      const row = live(typed);
      if (!row) return undefined;
      const { password: _, isDisabled: __, ...record } = row;
      return record;
    },
    async checkPassword(typed, password) {
      await nextTurn();
      return live(typed)?.password === password;
    },
    ...counters,
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createCounters(): Counters & { readonly written: ReadonlyMap<string, number> } {
  const written = new Map<string, number>();
  return {
    written,
    async counter(accountKey, name) {
      await nextTurn();
      return written.get(`${accountKey} ${name}`);
    },
    async advance(accountKey, name, { from, to }) {
      await nextTurn();
      const key = `${accountKey} ${name}`;
      if (written.get(key) !== from) return false;
      written.set(key, to);
      return true;
    },
  };
}

type Message = Parameters<Delivery['send']>[0];
export interface SentMessage extends Message {
  readonly code: string;
}

/** Keeps what would have been sent, and checks as the real one does: six tries, once, in the same place. */
export function createOutbox(now: () => Date): Delivery & { readonly sent: SentMessage[] } {
  const challenges = new Map<string, { message: SentMessage; ends: number; tries: number; isUsed: boolean }>();
  const sent: SentMessage[] = [];
  return {
    sent,
    async send(message) {
      const code = message.code ?? String(randomInt(1_000_000)).padStart(6, '0');
      const challenge = message.code === undefined ? randomUUID() : '';
      const ends = now().getTime() + message.lifetimeSeconds * 1000;
      challenges.set(challenge, { message: { ...message, code }, ends, tries: 0, isUsed: false });
      sent.push({ ...message, code });
      return { challenge };
    },
    async check(challenge, code, binding) {
      const known = challenges.get(challenge);
      if (!known || known.message.binding.join() !== binding.join() || known.ends <= now().getTime()) return 'expired';
      if (known.isUsed || known.tries >= 6) return 'used-up';
      known.tries += 1;
      if (known.message.code !== code) return known.tries >= 6 ? 'used-up' : 'wrong';
      known.isUsed = true;
      return 'ok';
    },
  };
}

export interface ExportedSystem {
  /** Asks through the guard, as a journey would. `browser`: what a code is bound to. */
  answer(fields: Readonly<Record<string, string>>, state?: string, browser?: string): Promise<Answer>;
  open: () => ReturnType<Adapter['open']>;
  readonly sent: readonly SentMessage[];
  /** How many attempts were reserved. */
  attempts(): number;
  close: () => Promise<void>;
}

export interface Exported {
  readonly settings: AdapterSettings;
  readonly rows: readonly ExportedRow[];
  readonly now?: () => Date;
  readonly counters?: Counters;
  readonly delivery?: Partial<Delivery>;
}

/** The keys that settings in tests name. */
const SECRETS = { 'positions-key': 'p'.repeat(32), 'letter-key': 'l'.repeat(32), 'digest-key': 'd'.repeat(32) };

/** A source whose rows were imported, behind its guard. Never waits for the floor on time. */
export function exportedSystem({
  settings,
  rows,
  now = () => new Date(),
  counters,
  delivery,
}: Exported): ExportedSystem {
  const outbox = createOutbox(now);
  let attempts = 0;
  const legacy = createLegacy({
    allow: [],
    secrets: SECRETS,
    records: () => createRecords(rows, counters && { ...createCounters(), ...counters }),
    replays: () => ({ once: async () => true }),
    metrics: { answered: () => {}, fault: () => {} },
    now,
    onFault: () => {},
  });
  const source = {
    source: 'old-export',
    version: 1,
    identifierLabel: { en: 'User name' },
    settings: { ...settings, limits: { floorMs: 0, concurrency: 100, ...settings.limits } },
  };
  const adapter = async (): Promise<Adapter> => {
    const found = await legacy.adapterOf(source);
    if (found.kind !== 'password') throw new Error('not a password adapter');
    return found;
  };
  const placeOf = (browser: string) =>
    ({ binding: ['old-export', browser], language: 'en', delivery: { ...outbox, ...delivery } }) as const;
  const reserve = async (): Promise<undefined> => {
    attempts += 1;
  };
  return {
    answer: async (fields, state = '', browser = 'browser') =>
      (await adapter()).answer({ ...placeOf(browser), fields, state }, reserve),
    open: async () => (await adapter()).open(placeOf('browser')),
    sent: outbox.sent,
    attempts: () => attempts,
    close: () => legacy.close(),
  };
}

/** What was asked next; a test that gets something else ends here. */
export function asked(answer: Answer): Extract<Answer, { outcome: 'asks' }> {
  if (answer.outcome !== 'asks') throw new Error(`not asked anything: ${JSON.stringify(answer)}`);
  return answer;
}
