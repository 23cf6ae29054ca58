import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../src/platform/failure/latchkey-error.ts';
import { rentCsv, ssha512Of } from '../support/legacy-estate.ts';
import { BRYN, done, OLWEN, type RunDesk, runDesk } from '../support/run-desk.ts';

let desk: RunDesk;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const PASSWORD = 'correct horse battery staple';
const HASH = `$2y$10$${'a'.repeat(52)}e`;
const WEAK = ssha512Of('a secret');
const TABLES = [
  'runs',
  'run_parts',
  'source_runs',
  'run_batches',
  'run_rehearsals',
  'run_before',
  'run_shared_emails',
  'source_progress',
  'imports',
  'audit_events',
  'legacy_accounts',
];

/** Everything of a table as text, bytes too. */
async function dump(table: string): Promise<string> {
  const rows = await desk.db.query<Record<string, unknown>>({ text: `SELECT * FROM ${table}` });
  return rows
    .flatMap((row) => Object.values(row))
    .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
    .join('\n');
}

it('G1: no table of runs holds a name, an address, an old id or a hash that can be read', async () => {
  const source = await desk.newSource('sealed');
  const people = (name: string) => [
    { id: 'Sealed-Id-1', login: 'sealed.login', hash: WEAK, email: 'sealed@example.org', name },
    { id: 'Sealed-Id-2', login: 'other.login', hash: HASH, email: 'sealed@example.org', name },
    { id: 'Sealed-Id-3', login: 'third.login', hash: 'no hash at all', name },
  ];
  const words = [
    'Sealed-Id',
    'sealed.login',
    'sealed@',
    'example.org',
    'Gwen',
    'Morgan',
    'no hash at all',
    HASH.slice(7, 30),
    WEAK.slice(9, 40),
    Buffer.from(WEAK.slice(9), 'base64').subarray(0, 12).toString('latin1'),
  ];
  const look = async (): Promise<void> => {
    for (const table of TABLES) {
      const text = await dump(table);
      for (const word of words) expect(text.includes(word), `${word} in ${table}`).toBe(false);
    }
  };
  await desk.finished([await desk.file(source, rentCsv(people('Gwen Owen')))]);
  await look();
  const { runId } = await desk.approved([await desk.file(source, rentCsv(people('Gwen Morgan')))]);
  await desk.bring(runId, 'staged');
  await look();
  await desk.bring(runId, 'reconciled');
  await look();
  expect((await dump('run_before')).length).toBeGreaterThan(100);
});

describe('rows that no import may decide about', () => {
  it('E9, G2: are shown masked, with the look and its reason on record, until their owner has proved them', async () => {
    const source = await desk.newSource('disputed');
    const hash = ssha512Of(PASSWORD);
    const people = Array.from({ length: 3 }, (_, at) => ({
      id: `Claimant-${at}`,
      login: `claimant${at}`,
      hash,
      email: 'shared@disputed.example',
      name: `Myfanwy ${at}`,
    }));
    const { runId } = await desk.finished([await desk.file(source, rentCsv(people))]);
    const asked = { source, limit: 10, meta: BRYN, reason: 'a call from the department' };
    const shown = await desk.runs.disputed(asked);
    expect(shown).toEqual(
      [0, 1, 2].map((at) => ({
        runId,
        source,
        line: at + 2,
        code: 'email_shared',
        id: `C•••${at}`,
        email: 's•••@d•••.example',
        name: `M•••${at}`,
        since: expect.any(Date) as Date,
      })),
    );
    const looks = await desk.db.query<{ body: unknown }>({
      text: `SELECT body FROM audit_events WHERE chain_id = $1 AND type = 'run.rows-looked-at'`,
      values: [`run:${runId}`],
    });
    expect(looks).toMatchObject([
      { body: { actor: 'operator:bryn', detail: { rows: 3, reason: 'a call from the department' } } },
    ]);
    for (const refused of [{ reason: '' }, { reason: '   ' }, { meta: { actor: 'citizen' } }])
      await expect(desk.runs.disputed({ ...asked, ...refused })).rejects.toBeInstanceOf(LatchkeyError);
    // Nothing but asking and looking: no operator's act settles one.
    expect(Object.keys(desk.runs).filter((name) => /settle|decide|assign|merge|link/.test(name))).toEqual([]);
    const place = { journeyId: 'j', browserKey: 'b' };
    const proved = await desk.migration.oldAccounts.check({
      source,
      login: 'claimant1',
      password: PASSWORD,
      ip: '10.0.0.9',
      ...place,
    });
    if (proved.outcome !== 'match') throw new Error(proved.outcome);
    const newAccount = { email: 'new@disputed.example', emailProvedAt: desk.clock.now, language: 'en' } as const;
    const adopted = await desk.migration.adoptAccount({
      proof: proved.proof,
      ...place,
      meta: { actor: 'citizen' },
      newAccount,
    });
    expect(adopted.outcome).toBe('adopted');
    expect((await desk.runs.disputed(asked)).map(({ line }) => line)).toEqual([2, 4]);
  });

  it('E9: are found behind any number that are settled, once each, and no more when their run is undone', async () => {
    const source = await desk.newSource('behind');
    const people = (n: number, from = 0, name = 'Ann') =>
      Array.from({ length: n }, (_, at) => ({ id: `B${from + at}`, hash: HASH, email: 'b@behind.example', name }));
    const early = await desk.finished([await desk.file(source, rentCsv(people(3)))]);
    await desk.finished([await desk.file(source, rentCsv([...people(3, 0, 'Änne'), ...people(1200, 100)]))]);
    await desk.db.query({
      text: `UPDATE legacy_accounts SET state = 'retired' WHERE source = $1 AND import_id <> ALL(
               SELECT import_id FROM run_parts WHERE run_id = $2) AND legacy_key NOT IN (
               SELECT legacy_key FROM run_before)`,
      values: [source, early.runId],
    });
    const asked = { source, limit: 100, meta: OLWEN, reason: 'the weekly look' };
    const shown = await desk.runs.disputed(asked);
    expect(shown.map(({ id, line }) => `${id} ${line}`)).toEqual(['••• 2', '••• 3', '••• 4']);
    expect(new Set(shown.map(({ runId }) => runId)).size).toBe(1);
    const [latest] = await desk.runs.list({ source });
    done(await desk.runs.undo(latest!.runId, OLWEN, 'the wrong file'));
    await desk.workOn(latest!.runId);
    expect((await desk.runs.disputed(asked)).map(({ runId }) => runId)).toEqual(Array(3).fill(early.runId));
  });
});

describe('the schema of runs', () => {
  it('S1, S8, S16: each table has one distribution key, in its primary key and in every unique constraint, and no trigger', async () => {
    const KEYS: Record<string, string> = {
      runs: 'run_id',
      run_parts: 'run_id',
      run_batches: 'run_id',
      run_rehearsals: 'run_id',
      run_before: 'run_id',
      run_shared_emails: 'run_id',
      source_runs: 'source',
      source_progress: 'source',
    };
    const tables = await desk.db.query<{ name: string }>({
      text: `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
             AND (relname LIKE 'run%' OR relname IN ('source_runs', 'source_progress')) ORDER BY relname`,
    });
    expect(tables.map(({ name }) => name)).toEqual(Object.keys(KEYS).toSorted());
    for (const [table, key] of Object.entries(KEYS)) {
      const unique = await desk.db.query<{ columns: string[]; primary: boolean }>({
        text: `SELECT i.indisprimary AS primary, array_agg(a.attname::text) AS columns FROM pg_index AS i
               JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
               WHERE i.indrelid = $1::regclass AND i.indisunique GROUP BY i.indexrelid, i.indisprimary`,
        values: [table],
      });
      expect(
        unique.filter(({ primary }) => primary),
        `keys of ${table}`,
      ).toHaveLength(1);
      for (const { columns } of unique) expect(columns, `of ${table}`).toContain(key);
    }
    // Foreign keys stay within one run; nothing fires, nothing excludes, nothing is deferred, no number comes from a sequence.
    const [odd] = await desk.db.query({
      text: `SELECT (SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal) AS triggers,
                    (SELECT count(*)::int FROM pg_constraint WHERE contype = 'x' OR condeferrable) AS odd,
                    (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY($1::regclass[])
                       AND NOT confrelid = ANY(ARRAY['runs', 'run_parts']::regclass[])) AS strangers,
                    (SELECT count(*)::int FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace) AS sequences`,
      values: [Object.keys(KEYS)],
    });
    expect(odd).toEqual({ triggers: 0, odd: 0, strangers: 0, sequences: 0 });
  });
});
