import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEGACY_SCHEMES, encodeWithSide, parseLegacyHash } from '../../src/accounts/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { readLegacyAccount } from '../../src/migration/ledger/read-legacy-account.ts';
import { openVerifier } from '../../src/migration/ledger/seal-legacy-row.ts';
import { hashVectors } from '../support/hash-vectors.ts';
import { type LegacyEstate, legacyEstate } from '../support/legacy-estate.ts';
import { passwordFiles } from '../support/old-password-files.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const secrets: Record<string, string> = {};
// An empty value is no password: such a row is rejected, whatever its scheme.
const vectors = hashVectors().filter(
  ({ tier, expect: matches, scheme, stored }) => tier === 1 && matches && scheme && stored !== '',
);
const files = passwordFiles(vectors, secrets);

let database: TestDatabase;
let estate: LegacyEstate;
beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db, { sourceSecrets: secrets });
});
afterAll(() => database.drop());

let asked = 0;
const check = (source: string, login: string, password: string) =>
  estate.migration.oldAccounts.check({
    source,
    login,
    password,
    ip: `10.9.${Math.floor((asked += 1) / 200)}.${asked % 200}`,
    journeyId: 'journey',
    browserKey: 'browser',
  });

async function storedOf(source: string, id: string): Promise<{ scheme: string | undefined; verifier: string }> {
  const legacyKey = legacyKeyOf(estate.keyRing, source, id);
  const row = await readLegacyAccount(database.db, legacyKey);
  if (!row?.verifierSealed) throw new Error(`no verifier of ${id}`);
  const { dataKey, verifierSealed, scheme } = row;
  return { scheme, verifier: openVerifier(estate.keyRing, legacyKey, { dataKey, verifierSealed }) };
}

describe('A7, E12: every kind of tier 1 goes through a definition, and only its password opens it', () => {
  it.each(files.map((file) => [file.vectors[0]?.scheme, file.vectors.length, file] as const))(
    '%s: %i rows',
    async (_scheme, rows, { source, definition, ndjson, vectors: known }) => {
      const added = await estate.migration.sources.add(definition, { actor: 'operator:test' });
      expect(added).toMatchObject({ outcome: 'added' });
      const outcome = await estate.importText(ndjson, { source });
      expect(outcome).toMatchObject({ outcome: 'imported', created: rows, rejected: 0 });
      expect(await estate.importText(ndjson, { source })).toMatchObject({ unchanged: rows });

      for (const { login, password, scheme, stored, side } of known) {
        expect(await check(source, login, `not ${password}`)).toEqual({ outcome: 'mismatch' });
        expect(await check(source, login, password)).toMatchObject({ outcome: 'match' });
        const parsed = parseLegacyHash(encodeWithSide(stored, side), scheme);
        const isWeak = 'weak' in parsed;
        const atRest = await storedOf(source, login);
        expect(atRest.scheme).toBe(isWeak ? 'wrapped' : scheme);
        if (!isWeak) continue;
        expect(atRest.verifier).toMatch(
          new RegExp(`^\\$wrapped\\$${scheme}\\$[\\w-]+\\$argon2id\\$v=19\\$m=1024,t=2,p=1\\$`),
        );
        // LA26: what the export held is neither at rest nor a way in.
        const template = Buffer.from(atRest.verifier.split('$')[3] ?? '', 'base64url').toString();
        expect(stored.length > 12 && (template + atRest.verifier).includes(stored)).toBe(false);
        expect(await check(source, login, stored)).toEqual({ outcome: 'mismatch' });
      }
    },
  );

  it('there are as many as the vectors have', () => {
    expect(files.flatMap((file) => file.vectors)).toHaveLength(vectors.length);
    expect(new Set(vectors.map(({ scheme }) => scheme)).size).toBeGreaterThan(40);
    expect(LEGACY_SCHEMES.length).toBeGreaterThan(100);
  });
});
