import type { Migration, ProvingAttempt, ProvingResult } from '../../src/migration/index.ts';
import { countAnswer } from '../../src/migration/cutover/count-answers.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { type ChangingOldSystem, changingOldSystem } from './changing-old-system.ts';
import { bcryptOf, legacyEstate, type LegacyEstate, rentCsv, rentPortal } from './legacy-estate.ts';
import { testDatabase } from './postgres.ts';

export const PASSWORD = 'correct horse battery staple';
export const CHANGED = 'a new one that was set at the old site';
export const by = { actor: 'operator:amy' } as const;

type Way = 'old-password' | 'old-system';

interface Came {
  readonly ms?: number;
  readonly side?: 'old' | 'new';
  readonly inMs?: number;
}

/** A source that was exported and still runs: what both sides know, and the short ways through. */
export interface TwoSides extends LegacyEstate {
  readonly old: ChangingOldSystem;
  readonly url: string;
  readonly sides: Migration['sideBySide'];
  /** Somebody on both sides, with one password. Returns the name. */
  person(changes?: { readonly email?: string; readonly status?: string }): Promise<string>;
  /** The file that brought somebody. */
  exportOf(login: string): string;
  signIn(login: string, password?: string, way?: Way): Promise<ProvingResult>;
  adopt(login: string, password?: string): Promise<{ readonly email: string }>;
  /** As if so many people had come in this very moment, 300 ms each, on the new side, unless something else is said. */
  came(kind: 'good' | 'failed' | 'away', times: number, of?: Came): Promise<void>;
  /** Types on the source's chain, in order. */
  trail(): Promise<string[]>;
  row(login: string): Promise<Record<string, unknown>>;
  /** Another node over the same database and the same clock. */
  anotherNode(): LegacyEstate;
  tick(ms: number): void;
  drop(): Promise<void>;
}

export async function twoSides(changes: Record<string, unknown> = {}): Promise<TwoSides> {
  const [database, old] = await Promise.all([testDatabase({ poolSize: 10 }), changingOldSystem()]);
  const estate = legacyEstate(database.db);
  const definition = rentPortal({
    adapter: old.adapter,
    identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'], pattern: '^[a-z0-9-]{1,40}$' },
    policy: { version: 1, proofs: ['old-password', 'old-sign-in'], assurance: 'Cl' },
    ...changes,
  });
  const added = await estate.migration.sources.add(definition, { actor: 'operator:test' });
  if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
  const nodes = [estate];
  const exports = new Map<string, string>();
  let count = 0;
  const attempt = (way: Way): ProvingAttempt => ({
    source: 'rent-portal',
    way,
    place: { journeyId: `j${count}`, browserKey: 'b' },
    ip: `10.${(count += 1) % 250}.${Math.floor(count / 250)}.7`,
    language: 'en',
    tag: 'test',
    deliver: async () => {},
  });
  return {
    ...estate,
    old,
    url: database.url,
    sides: estate.migration.sideBySide,
    async person({ email = '', status = 'live' } = {}) {
      const login = `p${(count += 1)}`;
      const id = login.toUpperCase();
      old.people.set(login, { id, password: PASSWORD, ...(email && { email }) });
      const rows = rentCsv([{ id, login, hash: bcryptOf(PASSWORD), email, status }]);
      exports.set(login, rows);
      const imported = await estate.importText(rows);
      if (imported.outcome !== 'imported' || imported.created !== 1) throw new Error(JSON.stringify(imported));
      return login;
    },
    exportOf: (login) => exports.get(login) ?? '',
    async signIn(login, password = PASSWORD, way = 'old-password') {
      const made = attempt(way);
      const started = await estate.migration.proving.start(made);
      if (started.outcome !== 'asks') throw new Error(started.outcome);
      return estate.migration.proving.answer({ ...made, state: started.state, fields: { login, password } });
    },
    async adopt(login, password = PASSWORD) {
      const made = attempt('old-password');
      const proved = await estate.migration.proving.answer({ ...made, state: '', fields: { login, password } });
      if (proved.outcome !== 'match') throw new Error(proved.outcome);
      const email = `${login}@example.org`;
      const adopted = await estate.migration.adoptAccount({
        proof: proved.proof,
        ...made.place,
        newAccount: { email, emailProvedAt: estate.clock.now, language: 'en' },
        meta: { actor: 'citizen' },
      });
      if (adopted.outcome !== 'adopted') throw new Error(JSON.stringify(adopted));
      return { email };
    },
    async came(kind, times, { ms = 300, side = 'new', inMs = 0 } = {}) {
      const deps = { db: database.db, now: () => new Date(estate.clock.now.getTime() + inMs) };
      for (let time = 0; time < times; time += 1) await countAnswer(deps, { source: 'rent-portal', side, kind, ms });
    },
    async trail() {
      const rows = await database.db.query<{ type: string }>({
        text: "SELECT type FROM audit_events WHERE chain_id = 'source:rent-portal' ORDER BY seq",
      });
      return rows.map(({ type }) => type);
    },
    async row(login) {
      const [row] = await database.db.query({
        text: 'SELECT * FROM legacy_accounts WHERE legacy_key = $1',
        values: [legacyKeyOf(estate.keyRing, 'rent-portal', login.toUpperCase())],
      });
      if (!row) throw new Error(`no row of ${login}`);
      return row;
    },
    anotherNode() {
      const node = legacyEstate(database.db);
      node.clock.now = estate.clock.now;
      nodes.push(node);
      return node;
    },
    tick(ms) {
      for (const node of nodes) node.clock.now = new Date(node.clock.now.getTime() + ms);
    },
    async drop() {
      await Promise.all(nodes.map((node) => node.migration.oldSystems.close()));
      await old.stop();
      await database.drop();
    },
  };
}
