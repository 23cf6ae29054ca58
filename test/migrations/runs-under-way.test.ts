import { expect, it } from 'vitest';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { migratedBefore } from '../support/migrated-before.ts';

it('0016: a run that was not staged begins again, one that was goes on', async () => {
  const { url, client, drop } = await migratedBefore('0016');
  const states = ['planned', 'rehearsed', 'approved', 'staging', 'staged', 'reconciled'];
  for (const [n, state] of states.entries()) {
    const isApproved = n >= states.indexOf('approved');
    const id = `00000000-0000-7000-8000-00000000000${n}`;
    await client.query({
      text: `INSERT INTO runs (run_id, title, state, state_since, cohort, planned_by, planned_at, approved_by, approved_at)
             VALUES ($1, $2, $2, now(), 10000, 'operator:olwen', now(), $3, $4)`,
      values: [id, state, isApproved ? 'operator:bryn' : null, isApproved ? new Date() : null],
    });
    await client.query({
      text: `INSERT INTO run_parts (run_id, part, source, import_id, file_name, file_place, file_digest, file_bytes, manifest,
                                    is_older, definition, source_version, found, done, counts, lease_no)
             VALUES ($1, 0, 'old', gen_random_uuid(), 'f', 'f', '', 1, 'none', false, '{}', 1, '{}', $2, $3, 0)`,
      values: [
        id,
        n === 0 ? 'planned' : 'staged',
        JSON.stringify({ validate: { read: 7 }, ...(n >= 4 && { staged: { read: 7, costs: { 'bcrypt:10': 7 } } }) }),
      ],
    });
    if (n >= states.indexOf('staging'))
      await client.query({
        text: `INSERT INTO run_batches (run_id, part, batch, rows, weak, weak_lines, keys, staged, expected)
               VALUES ($1, 0, 0, 7, 0, '[]', '', '', '[]')`,
        values: [id],
      });
  }
  expect((await migrate(url)).applied[0]).toBe('0016_batches_before_staging.sql');
  const { rows } = await client.query(
    `SELECT title, state, approved_by, done, counts->'validate'->'costs' AS costs, count(b.batch)::int AS batches
     FROM runs JOIN run_parts USING (run_id) LEFT JOIN run_batches AS b USING (run_id, part)
     GROUP BY run_id, title, state, approved_by, done, counts ORDER BY run_id`,
  );
  const again = { state: 'planned', approved_by: null, done: 'planned', costs: null, batches: 0 };
  const past = { approved_by: 'operator:bryn', done: 'staged', costs: { 'bcrypt:10': 7 }, batches: 1 };
  expect(rows).toEqual([
    ...['planned', 'rehearsed', 'approved', 'staging'].map((title) => ({ title, ...again })),
    ...['staged', 'reconciled'].map((title) => ({ title, state: title, ...past })),
  ]);
  await drop();
});
