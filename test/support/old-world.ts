import type { AdoptResult, LegacyProof, OldPasswordAttempt, ProofPlace } from '../../src/migration/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { type LegacyEstate, legacyEstate, type OldPerson, rentCsv, rentPortal, ssha512Of } from './legacy-estate.ts';
import { testDatabase } from './postgres.ts';

type Known = OldPerson & { readonly login: string; readonly source: string };

/** A legacy estate with people in it, and the short ways through it that tests of links take. */
export interface OldWorld extends LegacyEstate {
  readonly citizen: { readonly actor: string; readonly correlationId: string };
  readonly password: string;
  oldPerson(changes?: Partial<OldPerson>, source?: string): Promise<Known>;
  place(name?: string): ProofPlace;
  check(
    person: Known,
    changes?: Partial<OldPasswordAttempt>,
  ): ReturnType<LegacyEstate['migration']['oldAccounts']['check']>;
  prove(person: Known, changes?: Partial<OldPasswordAttempt>): Promise<LegacyProof>;
  /** A first sign-in with the old password, into a new account. */
  adopt(person: Known): Promise<{ accountId: string; linkId: string; email: string }>;
  /** Adds the old account to one that is signed in. */
  add(person: Known, accountId: string): Promise<AdoptResult>;
  newEmail(): string;
  legacyKey(person: Known): Buffer;
  legacyRow(person: Known): Promise<Record<string, unknown> | undefined>;
  /** Types on an account's chain, in order. */
  trail(accountId: string): Promise<string[]>;
  tick(ms?: number): void;
  readonly url: string;
  drop(): Promise<void>;
}

export async function oldWorld(): Promise<OldWorld> {
  const database = await testDatabase({ poolSize: 10 });
  const estate = legacyEstate(database.db);
  await estate.migration.sources.add(rentPortal(), { actor: 'operator:test' });
  let count = 0;
  const citizen = { actor: 'citizen', correlationId: 'j1' };
  const password = 'correct horse battery staple';
  const world: OldWorld = {
    ...estate,
    citizen,
    password,
    url: database.url,
    drop: () => database.drop(),
    newEmail: () => `person${(count += 1)}@example.org`,
    place: (name = 'one') => ({ journeyId: `journey-${name}`, browserKey: `browser-${name}` }),
    async oldPerson(changes = {}, source = 'rent-portal') {
      const id = `P${(count += 1)}`;
      const person = { id, login: `login-${id}`, hash: ssha512Of(password), name: 'Ann Example', ...changes, source };
      const outcome = await estate.importText(rentCsv([person]), { source });
      if (outcome.outcome !== 'imported' || outcome.created !== 1) throw new Error(JSON.stringify(outcome));
      return person;
    },
    check: (person, changes = {}) =>
      estate.migration.oldAccounts.check({
        source: person.source,
        login: person.login,
        password,
        ip: `10.${(count += 1) % 250}.${Math.floor(count / 250)}.7`,
        ...world.place(),
        ...changes,
      }),
    async prove(person, changes) {
      const result = await world.check(person, changes);
      if (result.outcome !== 'match') throw new Error(`no match: ${result.outcome}`);
      return result.proof;
    },
    async adopt(person) {
      const email = world.newEmail();
      const result = await estate.migration.adoptAccount({
        proof: await world.prove(person),
        ...world.place(),
        meta: citizen,
        newAccount: { email, emailProvedAt: estate.clock.now, language: 'en' },
      });
      if (result.outcome !== 'adopted') throw new Error(JSON.stringify(result));
      return { ...result, email };
    },
    async add(person, accountId) {
      const place = { ...world.place(), purpose: 'add-old-account', accountId } as const;
      const proof = await world.prove(person, place);
      const accountProvedAt = estate.clock.now;
      return estate.migration.addOldAccount({ proof, ...place, meta: citizen, accountId, accountProvedAt });
    },
    legacyKey: (person) => legacyKeyOf(estate.keyRing, person.source, person.id),
    async legacyRow(person) {
      const [row] = await database.db.query({
        text: 'SELECT * FROM legacy_accounts WHERE legacy_key = $1',
        values: [world.legacyKey(person)],
      });
      return row;
    },
    async trail(accountId) {
      const rows = await database.db.query<{ type: string }>({
        text: 'SELECT type FROM audit_events WHERE chain_id = $1 ORDER BY seq',
        values: [`account:${accountId}`],
      });
      return rows.map(({ type }) => type);
    },
    tick(ms = 1000) {
      estate.clock.now = new Date(estate.clock.now.getTime() + ms);
    },
  };
  return world;
}
