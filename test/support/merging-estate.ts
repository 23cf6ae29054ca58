import { randomBytes } from 'node:crypto';
import { type Accounts, createAccounts, type PasswordHash } from '../../src/accounts/index.ts';
import type { AccountProof, MergeResult, SubjectChange, UnmergeResult } from '../../src/accounts/index.ts';
import { readSide } from '../../src/accounts/merging/store/read-side.ts';
import type { Transaction } from '../../src/platform/postgres/database.ts';
import { uuidv7 } from '../../src/platform/crypto/uuid.ts';
import { testAccounts, type TestAccounts } from './accounts.ts';
import { testConfig } from './config.ts';
import { comparable } from './merging-pairs.ts';

/** What an account of a test has. */
export interface PersonSpec {
  readonly emails: number;
  readonly password: boolean;
  readonly name: boolean;
  readonly language: 'en' | 'cy';
  readonly secondFactor: 'when-asked' | 'always';
  readonly derived: readonly string[];
  readonly inherited: readonly string[];
  readonly links: number;
  readonly devices: number;
}

export const PLAIN: PersonSpec = {
  emails: 1,
  password: true,
  name: false,
  language: 'en',
  secondFactor: 'when-asked',
  derived: [],
  inherited: [],
  links: 0,
  devices: 0,
};

export interface Person {
  readonly accountId: string;
  readonly emails: readonly string[];
  readonly password: string | undefined;
  readonly legacyKeys: readonly Buffer[];
}

export type Place = { readonly journeyId: string; readonly browserKey: string };
export const PLACE: Place = { journeyId: 'journey-1', browserKey: 'browser-1' };
const CITIZEN = { actor: 'citizen' };

export interface MergingEstate extends Omit<TestAccounts, 'person'> {
  /** What the callback heard, in the order it did. */
  readonly heard: SubjectChange[];
  person(spec?: Partial<PersonSpec>): Promise<Person>;
  link(accountId: string): Promise<Buffer>;
  prove(accountId: string, level?: 'Cl' | 'Cl.Cm', place?: Place): Promise<AccountProof>;
  merge(survivor: Person, absorbed: Person, within?: (tx: Transaction) => Transaction): Promise<MergeResult>;
  mustMerge(survivor: Person, absorbed: Person): Promise<Extract<MergeResult, { outcome: 'merged' }>>;
  unmerge(survivor: Person, mergeId: string): Promise<UnmergeResult>;
  /** Everything that is of these accounts, opened, but for versions. */
  dump(accountIds: readonly string[]): Promise<unknown>;
}

export async function mergingEstate(): Promise<MergingEstate> {
  const test = await testAccounts({ poolSize: 12 });
  const { db, keyRing, clock } = test;
  const heard: SubjectChange[] = [];
  const accounts: Accounts = createAccounts({
    db,
    keyRing,
    passwordWork: test.passwordWork,
    config: testConfig(),
    now: () => clock.now,
    onSubjectsMerged: async (_tx, change) => void heard.push(change),
  });
  await db.query({
    text: `INSERT INTO sources (source, definition, version, status, created_at, updated_at)
           VALUES ('portal', '{}', 1, 'open', now(), now())`,
  });
  const passwords = await Promise.all(
    ['correct horse battery', 'staple of the paper kind', 'eleven purple kettles'].map(async (text) => ({
      text,
      hash: await accounts.hashPassword(text),
    })),
  );
  let count = 0;

  const link = async (accountId: string): Promise<Buffer> => {
    const legacyKey = randomBytes(32);
    const linkId = uuidv7();
    // By what the tables are, whatever columns later migrations added.
    await db.query({
      text: 'INSERT INTO legacy_accounts SELECT (jsonb_populate_record(NULL::legacy_accounts, $1::jsonb)).*',
      values: [
        JSON.stringify({
          legacy_key: `\\x${legacyKey.toString('hex')}`,
          source: 'portal',
          state: 'adopted',
          source_status: 'active',
          data_key: '\\x00',
          personal_sealed: '\\x00',
          row_digest: '\\x00',
          account_id: accountId,
          import_id: uuidv7(),
          imported_at: '2026-01-01T00:00:00Z',
          adopted_at: '2026-02-01T00:00:00Z',
          state_since: '2026-02-01T00:00:00Z',
          links_made: 1,
        }),
      ],
    });
    await db.query({
      text: 'INSERT INTO links SELECT (jsonb_populate_record(NULL::links, $1::jsonb)).*',
      values: [
        JSON.stringify({
          account_id: accountId,
          link_id: linkId,
          legacy_key: `\\x${legacyKey.toString('hex')}`,
          source: 'portal',
          proofs: [{ of: 'legacy', kind: 'old-password' }],
          policy_version: 1,
          assurance: 'Cl',
          linked_by: 'citizen',
          linked_at: '2026-02-01T00:00:00.123456Z',
          changed: { sectors: [] },
        }),
      ],
    });
    return legacyKey;
  };

  const create = async (spec: PersonSpec, password: { text: string; hash: PasswordHash } | undefined) => {
    const emails = Array.from({ length: spec.emails }, () => `person-${(count += 1)}@example.org`);
    const number = count;
    const accountId = await db.transaction(async (tx) => {
      const made = await accounts.create(
        tx,
        {
          email: emails[0] ?? '',
          language: spec.language,
          name: spec.name ? `Name ${number}` : undefined,
          password: password?.hash,
        },
        CITIZEN,
      );
      if (made.outcome !== 'created') throw new Error(made.outcome);
      for (const address of emails.slice(1)) await accounts.addEmail(tx, made.accountId, { address }, CITIZEN);
      for (const sector of spec.inherited) {
        const sub = `R-${number}-${sector}`;
        await accounts.subjects.inherit(tx, { accountId: made.accountId, sector, sub, source: 'portal' });
      }
      for (const sector of spec.derived) await accounts.subjects.ensure(tx, { accountId: made.accountId, sector });
      for (let n = 0; n < spec.devices; n += 1) await accounts.devices.remember(tx, made.accountId, `device-${n}`);
      await tx.query({
        text: 'UPDATE accounts SET second_factor = $2 WHERE account_id = $1',
        values: [made.accountId, spec.secondFactor],
      });
      return made.accountId;
    });
    return { accountId, emails };
  };

  const prove = async (accountId: string, level: 'Cl' | 'Cl.Cm' = 'Cl.Cm', place = PLACE): Promise<AccountProof> => {
    const proof = await db.transaction((tx) =>
      accounts.merging.prove(tx, { accountId, method: 'password', level, ...place }),
    );
    if (!proof) throw new Error('test: not provable');
    return proof;
  };

  const merge: MergingEstate['merge'] = async (survivor, absorbed, within = (tx) => tx) => {
    const proofs = { survivor: await prove(survivor.accountId), absorbed: await prove(absorbed.accountId) };
    return db.transaction((tx) =>
      accounts.merging.merge(within(tx), {
        survivor: survivor.accountId,
        absorbed: absorbed.accountId,
        proofs,
        ...PLACE,
        policyVersion: 1,
        meta: CITIZEN,
      }),
    );
  };

  return {
    ...test,
    accounts,
    heard,
    async person(changes = {}) {
      const spec = { ...PLAIN, ...changes };
      const password = spec.password ? passwords[count % passwords.length] : undefined;
      const { accountId, emails } = await create(spec, password);
      const legacyKeys: Buffer[] = [];
      for (let n = 0; n < spec.links; n += 1) legacyKeys.push(await link(accountId));
      return { accountId, emails, password: password?.text, legacyKeys };
    },
    link,
    prove,
    merge,
    async mustMerge(survivor, absorbed) {
      const result = await merge(survivor, absorbed);
      if (result.outcome !== 'merged') throw new Error(JSON.stringify(result));
      return result;
    },
    unmerge: (survivor, mergeId) =>
      db.transaction((tx) => accounts.merging.unmerge(tx, { survivor: survivor.accountId, mergeId }, CITIZEN)),
    async dump(accountIds) {
      const rows = (table: string, columns: string): Promise<unknown> =>
        db.query({
          text: `SELECT ${columns} FROM ${table} AS t WHERE account_id = ANY($1) ORDER BY 1, 2`,
          values: [accountIds],
        });
      return {
        sides: await Promise.all(
          accountIds.map(async (id) => {
            const held = await readSide(db, keyRing, id);
            return held && comparable(held.side);
          }),
        ),
        dataKeys: await rows('accounts', 'account_id, data_key, profile_sealed'),
        identityClaims: await rows('identity_claims', 'account_id, value_key, kind, claimed_at'),
        subjectClaims: await rows('subject_claims', 'account_id, sub_key, sector, claimed_at'),
        links: await rows('links', 'account_id, link_id, to_jsonb(t) AS link'),
        legacyAccounts: await rows('legacy_accounts', 'account_id, legacy_key, to_jsonb(t) AS legacy'),
        devices: await rows('known_devices', 'account_id, device_key, to_jsonb(t) AS device'),
      };
    },
  };
}
