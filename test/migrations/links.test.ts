import { expect, it } from 'vitest';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { migratedBefore } from '../support/migrated-before.ts';

it('0004: what was adopted before counts as linked, and its policy is on record', async () => {
  const { url, client, drop } = await migratedBefore('0004');
  await client.query(`
    INSERT INTO sources VALUES ('old', '{"policy": {"version": 3, "proofs": ["old-password"], "assurance": "Cl"}}', 1, 'open', now(), now());
    INSERT INTO legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed, row_digest, account_id,
                                 import_id, imported_at, adopted_at)
      VALUES ('\\x01', 'old', 'adopted', 'active', '', '', '', gen_random_uuid(), gen_random_uuid(), now(), '2026-01-01'),
             ('\\x02', 'old', 'waiting', 'active', '', '', '', NULL, gen_random_uuid(), now(), NULL);
    INSERT INTO legacy_proofs (proof_key, legacy_key, source, kind, bound_to, proved_at, expires_at)
      VALUES ('\\x01', '\\x02', 'old', 'old-password', '', now(), now());`);
  expect((await migrate(url)).applied).toContain('0004_links.sql');
  const rows = await client.query('SELECT state, links_made, state_since FROM legacy_accounts ORDER BY legacy_key');
  expect(rows.rows).toEqual([
    { state: 'adopted', links_made: 1, state_since: new Date('2026-01-01') },
    { state: 'waiting', links_made: 0, state_since: null },
  ]);
  expect((await client.query('SELECT source, version FROM source_policies')).rows).toEqual([
    { source: 'old', version: 3 },
  ]);
  expect((await client.query('SELECT purpose FROM legacy_proofs')).rows).toEqual([{ purpose: 'first-sign-in' }]);
  await drop();
});
