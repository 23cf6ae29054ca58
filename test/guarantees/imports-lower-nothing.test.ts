import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openVerifier } from '../../src/migration/ledger/seal-legacy-row.ts';
import { bcryptOf, djangoOf, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { type OldWorld, oldWorld } from '../support/old-world.ts';

let world: OldWorld;
beforeAll(async () => {
  world = await oldWorld();
});
beforeEach(() => {
  world.unverifiable.length = 0;
});
afterAll(() => world.drop());

const sha1 = (text: string): string => `{SHA}${createHash('sha1').update(text).digest('base64')}`;
const PASSWORDS = ['correct horse battery staple', 'hunter2', 'Llanfairpwll'];
const HASHES = PASSWORDS.flatMap((word) => [bcryptOf(word), djangoOf(word), ssha512Of(word), sha1(word)]);

/** A row as any old system may have it, today or in an older backup: hash, contact, status, and second factors. */
const row = (id: string) =>
  fc.record({
    id: fc.constant(id),
    hash: fc.oneof(fc.constantFrom(...HASHES), fc.constantFrom('!', '', 'not a hash')),
    email: fc.constantFrom('', 'ann@example.org', 'ann@other.example', 'not an address'),
    phone: fc.constantFrom('', '07700 900123', '1'),
    status: fc.constantFrom('live', 'closed', 'banned'),
    seed: fc.constantFrom('', 'JBSWY3DPEHPK3PXP'),
    verified: fc.constantFrom('true', 'false', ''),
  });

const IDS = ['waiting', 'linked', 'taken-back'] as const;

interface Held extends Record<string, unknown> {
  readonly state: string;
  readonly scheme: string | null;
  readonly legacy_key: Buffer;
  readonly data_key: Buffer;
  readonly verifier_sealed: Buffer | null;
}

/** All that is a way in: accounts, their ways in, and what the ledger holds of rows that were linked. */
async function waysIn(source: string): Promise<string> {
  const [tables] = await world.db.query<{ all: unknown }>({
    text: `SELECT jsonb_build_object(
             'accounts', (SELECT jsonb_agg(a ORDER BY account_id) FROM accounts a),
             'identities', (SELECT jsonb_agg(i ORDER BY identity_id) FROM identities i),
             'credentials', (SELECT jsonb_agg(c ORDER BY credential_id) FROM credentials c),
             'claims', (SELECT count(*) FROM identity_claims),
             'subjects', (SELECT count(*) FROM subjects),
             'linked', (SELECT jsonb_agg(l ORDER BY state) FROM legacy_accounts l
                         WHERE source = $1 AND state IN ('adopted', 'released'))) AS all`,
    values: [source],
  });
  return JSON.stringify(tables?.all);
}

it('E8, E12: no import lowers the strength of a password, verifies an address or turns on a second factor', async () => {
  const source = 'lowered';
  const columns = { id: 'id', hash: 'hash', email: 'email', phone: 'phone', status: 'status' };
  const file = {
    format: 'ndjson',
    columns,
    statuses: { live: 'active', closed: 'disabled', banned: 'refused' },
    extras: { totpSeed: 'seed', emailVerified: 'verified' },
  };
  const definition = rentPortal({ source, file, sectors: ['lowered.example'] });
  expect(await world.migration.sources.add(definition, { actor: 'operator:test' })).toMatchObject({ outcome: 'added' });
  const password = 'correct horse battery staple';
  const people = IDS.map((id) => ({ id, login: id, source, hash: ssha512Of(password), status: 'live' }));
  const ndjson = (rows: readonly unknown[]): string => rows.map((one) => JSON.stringify(one)).join('\n');
  await world.importText(ndjson(people), { source });
  const [, linked, takenBack] = people;
  const { email } = await world.adopt(linked!);
  const { accountId, linkId } = await world.adopt(takenBack!);
  const undone = await world.migration.links.undo({
    linkId,
    accountId,
    accountProvedAt: world.clock.now,
    reason: 'mistake',
    meta: world.citizen,
  });
  expect(undone).toMatchObject({ outcome: 'undone' });
  const before = await waysIn(source);
  expect(JSON.parse(before)).toMatchObject({ linked: [{ state: 'adopted' }, { state: 'released' }] });

  const exports = fc.tuple(...IDS.map(row), row('new')).chain((rows) => fc.shuffledSubarray(rows, { minLength: 1 }));
  await fc.assert(
    fc.asyncProperty(exports, async (rows) => {
      const outcome = await world.importText(ndjson(rows), { source });
      expect(outcome).toMatchObject({ outcome: 'imported', read: rows.length });
      expect(await waysIn(source)).toBe(before);
      const held = await world.db.query<Held>({
        text: `SELECT * FROM legacy_accounts WHERE source = $1 AND state IN ('waiting', 'refused')`,
        values: [source],
      });
      for (const { scheme, legacy_key: legacyKey, data_key: dataKey, verifier_sealed: sealed } of held) {
        const stored = sealed ? openVerifier(world.keyRing, legacyKey, { dataKey, verifierSealed: sealed }) : undefined;
        expect(scheme ?? 'none').toMatch(/^(none|wrapped|bcrypt|django-pbkdf2)$/);
        expect(stored ?? '$wrapped$').toMatch(/^\$wrapped\$|^\$2y\$|^pbkdf2_sha256\$/);
      }
    }),
    { numRuns: 60 },
  );
  expect(await world.accounts.checkPassword(email, password)).toMatchObject({ outcome: 'match' });
  for (const other of PASSWORDS.slice(1))
    expect(await world.accounts.checkPassword(email, other)).toMatchObject({ outcome: 'mismatch' });
});
