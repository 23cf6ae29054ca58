import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/migration/index.ts';
import { openPersonal } from '../../src/migration/ledger/seal-legacy-row.ts';
import { rentCsv } from '../support/legacy-estate.ts';
import { BRYN, done, type RunDesk, runDesk } from '../support/run-desk.ts';

let desk: RunDesk;
let count = 0;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const HASH = `$2y$10$${'a'.repeat(52)}e`;
const HEAD = 'id,login,hash,email,name,status\n';
const row = (id: string, changes: Record<string, string> = {}): string =>
  Object.values({ id, login: `l${id}`, hash: HASH, email: '', name: '', status: 'live', ...changes }).join(',');

async function newSource(file: Record<string, unknown> = {}): Promise<string> {
  const columns = { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' };
  const statuses = { live: 'active', closed: 'disabled' };
  return desk.newSource(`bad-run-${(count += 1)}`, { file: { format: 'csv', columns, statuses, ...file } });
}

/** As far as it goes: refused by the plan, by a phase, or balanced. */
async function throughAll(source: string, bytes: string | Uint8Array): Promise<Run | undefined> {
  const planned = await desk.runs.plan({
    title: 'Bad',
    files: [await desk.file(source, bytes)],
    confirmed: true,
    meta: { actor: 'operator:olwen' },
  });
  if (planned.outcome !== 'planned') return undefined;
  const { runId } = planned.run;
  const rehearsed = await desk.bring(runId, 'rehearsed');
  if (rehearsed.state === 'refused') return rehearsed;
  expect(rehearsed.state).toBe('rehearsed');
  done(await desk.runs.approve(runId, BRYN, { olderFile: false }));
  return desk.bring(runId, 'reconciled');
}

/** Every row has one outcome, in each pass; no half account stands anywhere; the books balance. */
async function expectAccountedFor(source: string, run: Run): Promise<void> {
  const [half] = await desk.db.query<{ orphans: number; nameless: number; staged: number }>({
    text: `SELECT (SELECT count(*)::int FROM legacy_login_names AS n WHERE n.source = $1
                   AND NOT EXISTS (SELECT 1 FROM legacy_accounts AS l WHERE l.legacy_key = n.legacy_key)) AS orphans,
                  (SELECT count(*)::int FROM legacy_accounts AS l WHERE l.source = $1
                   AND NOT EXISTS (SELECT 1 FROM legacy_login_names AS n WHERE n.legacy_key = l.legacy_key)) AS nameless,
                  (SELECT count(*)::int FROM run_batches WHERE run_id = $2 AND staged IS NOT NULL) AS staged`,
    values: [source, run.runId],
  });
  expect(half).toEqual({ orphans: 0, nameless: 0, staged: 0 });
  if (run.state === 'refused' && run.problems.length > 0) return;
  expect(run.state).toBe('reconciled');
  const [part] = run.parts;
  const { validate, rehearse, run: ran } = part!.counts;
  for (const pass of [rehearse, ran]) {
    expect(pass?.read).toBe(validate?.read);
    expect(Object.values(pass?.outcomes ?? {}).reduce((sum, n) => sum + n, 0)).toBe(validate?.read);
  }
  expect(ran?.outcomes).toEqual(rehearse?.outcomes);
  expect((await desk.runs.balance(run.runId))?.sheet.balanced).toBe(true);
  expect(await desk.ledger(source)).toHaveLength(ran!.outcomes!.new + ran!.outcomes!['needs-proof']);
}

const good = rentCsv(Array.from({ length: 1200 }, (_, n) => ({ id: `${n}`, hash: HASH })));
const packed = gzipSync(good);
const utf16 = (string: string): Buffer => Buffer.from(`\ufeff${string}`, 'utf16le');

const HOSTILE: readonly (readonly [string, string | Uint8Array, object])[] = [
  ['nothing at all', '', { state: 'refused' }],
  ['only a header', HEAD, { read: 0 }],
  ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)), { state: 'refused' }],
  ['NUL in a field', `${HEAD}${row('1')}\n${row('2', { name: 'a\0b' })}\n${row('3')}\n`, { rejected: 1, new: 2 }],
  [
    'a line of 1 MB',
    `${HEAD}${row('1')}\n${row('2', { name: 'x'.repeat(1 << 20) })}\n${row('3')}\n`,
    { rejected: 1, new: 2 },
  ],
  ['an unclosed quote', `${HEAD}${row('1')}\n"2,${row('3')}\n${row('4')}\n`, { new: 2, rejected: 1 }],
  ['UTF-16 with a mark', utf16(`${HEAD}${row('1', { name: 'Zoë' })}\n`), { new: 1 }],
  [
    'bytes that are no UTF-8',
    Buffer.concat([
      Buffer.from(`${HEAD}${row('1')}\n2,l2,`),
      Buffer.of(0xff, 0xfe, 0x80),
      Buffer.from(`,,,live\n${row('3')}\n`),
    ]),
    { rejected: 1, new: 2 },
  ],
  [
    'the same keys again',
    `${HEAD}${row('1')}\n${row('1', { login: 'x' })}\n${row('3', { login: 'L1' })}\n`,
    { rejected: 2, new: 1 },
  ],
  ['formulae, homoglyphs', `${HEAD}${row('1', { login: 'pаul', name: '=cmd|calc' })}\n`, { new: 1 }],
  [
    'unknown schemes',
    `${HEAD}${row('1', { hash: '{ROT13}x' })}\n${row('2', { hash: '$9$x' })}\n${row('3')}\n`,
    { rejected: 2, new: 1 },
  ],
  ['a gzip that was cut', packed.subarray(0, packed.length - 300), { rejected: 1 }],
  ['a gzip with a hole', Buffer.concat([packed.subarray(0, 2000), Buffer.alloc(40), packed.subarray(2040)]), {}],
  ['a gzip of nothing', gzipSync(''), { state: 'refused' }],
  ['a gzip and then rubbish', Buffer.concat([packed, Buffer.from('rubbish after it')]), {}],
  ['the head of a gzip', packed.subarray(0, 5), { state: 'refused' }],
];

describe('hostile files', () => {
  it.each(HOSTILE)('E7, E8, F22, K11: %s ends in outcomes or refused', async (_, bytes, expected) => {
    const source = await newSource();
    const run = await throughAll(source, bytes);
    if (run) await expectAccountedFor(source, run);
    const counts = run?.parts[0]?.counts.run;
    expect({ state: run?.state ?? 'refused', read: counts?.read, ...counts?.outcomes }).toMatchObject({
      state: 'reconciled',
      ...expected,
    });
  });

  it('E7, F22: whatever bytes come, each row has one outcome, and none is half there', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        ',',
        '\n',
        '\r\n',
        '\r',
        ';',
        '\t',
        '\0',
        '{',
        '}',
        ':',
        '\ufeff',
        'dn: x',
        '\n\n',
        '-',
        '#',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        row('1'),
        row('2'),
        row('3', { email: 'a@example.org' }),
        '{"id":"1","login":"a","hash":"x"}',
        'dn: b\nid: 1\nlogin: b',
      ),
    );
    const file = fc.record({
      format: fc.constantFrom('csv', 'ndjson', 'ldif'),
      head: fc.constantFrom(HEAD, '', 'version: 1\n'),
      pieces: fc.array(
        fc.oneof(
          cell.map((one) => Buffer.from(one)),
          fc.uint8Array({ maxLength: 8 }),
        ),
        { maxLength: 40 },
      ),
      isPacked: fc.boolean(),
      cut: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ format, head, pieces, isPacked, cut }) => {
        const statuses =
          format === 'csv' ? {} : { columns: { id: 'id', login: 'login', hash: 'hash' }, statuses: undefined };
        const source = await newSource({ format, ...statuses });
        const plain = Buffer.concat([Buffer.from(head), ...pieces]);
        const bytes = isPacked ? gzipSync(plain) : plain;
        const run = await throughAll(source, bytes.subarray(0, Math.max(0, bytes.length - (cut < 20 ? cut : 0))));
        if (run) await expectAccountedFor(source, run);
        expect(['reconciled', 'refused']).toContain(run?.state ?? 'refused');
      }),
      { numRuns: 25 },
    );
  });
});

describe('what was rejected', () => {
  it('E7, K11: comes back as it came, and corrected changes only what was corrected', async () => {
    const source = await newSource();
    const run = await throughAll(
      source,
      `${HEAD}${row('1')}\n${row('2', { status: 'asleep' })}\n${row('3', { login: 'l1' })}\n${row('4', { hash: '' })}\n${row('5')}\n`,
    );
    await expectAccountedFor(source, run!);
    const before = await desk.ledger(source);
    const mend = new PassThrough();
    const report = new PassThrough();
    const texts = Promise.all([text(mend), text(report)]);
    expect(await desk.runs.writeRejects(run!.runId, 0, { mend, report })).toBe(3);
    const [rows, why] = await texts;
    expect(rows).toBe(
      `${HEAD}${row('2', { status: 'asleep' })}\n${row('3', { login: 'l1' })}\n${row('4', { hash: '' })}\n`,
    );
    expect(why).toContain('status_unknown');
    expect(why).not.toContain(HASH);
    const corrected = rows.replace('asleep', 'live').replace(',l1,', ',l3,');
    const again = await throughAll(source, corrected);
    expect(again?.parts[0]?.counts.run).toMatchObject({ read: 3, outcomes: { new: 2, rejected: 1, changed: 0 } });
    const after = await desk.ledger(source);
    expect(after).toHaveLength(before.length + 2);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it('E7: also rows whose user name only the ledger knew to be taken', async () => {
    const source = await newSource();
    await throughAll(source, `${HEAD}${row('1')}\n`);
    const run = await throughAll(source, `${HEAD}${row('2', { login: 'L1' })}\n${row('3')}\n`);
    expect(run?.parts[0]?.counts.run).toMatchObject({ outcomes: { new: 1, rejected: 1 }, codes: { login_taken: 1 } });
    const mend = new PassThrough();
    const rows = text(mend);
    expect(await desk.runs.writeRejects(run!.runId, 0, { mend })).toBe(1);
    expect(await rows).toBe(`${HEAD}${row('2', { login: 'L1' })}\n`);
  });
});

it('G1, F22: a file without its header puts nobody’s data on record, and no name that no name is', async () => {
  const source = await newSource();
  for (const bytes of [
    `${row('1', { name: 'Mary Oneill', email: 'mary@example.org' })}\n`,
    `Mary,Oneill,Gwenllian,mary,Alun,live\n1,2,3,4,5,6\n7,8,9,10,11,12\n`,
    `id,login,\0,"x${'y'.repeat(500)}"\n`,
  ]) {
    const file = await desk.file(source, bytes);
    await desk.runs.plan({ title: 'Bad', files: [file], confirmed: true, meta: BRYN });
  }
  const found = await desk.db.query({
    text: 'SELECT found FROM run_parts WHERE source = $1 ORDER BY run_id',
    values: [source],
  });
  expect(found).toHaveLength(3);
  for (const word of ['Mary', 'mary', 'Gwenllian', 'live', HASH, 'yyyy'])
    expect(JSON.stringify(found)).not.toContain(word);
});

interface LedgerRow extends Record<string, unknown> {
  readonly legacy_key: Buffer;
  readonly data_key: Buffer;
  readonly personal_sealed: Buffer;
}

describe('a file that is not what was planned', () => {
  it('F22: ends its own run, and no worker', async () => {
    const source = await newSource();
    const other = await newSource();
    const gone = await desk.file(source, `${HEAD}${row('1')}\n`);
    const lost = await desk.planned([gone]);
    const fine = await desk.planned([await desk.file(other, `${HEAD}${row('1')}\n`)]);
    for (const { runId } of [lost, fine]) done(await desk.runs.advance(runId, 'validated', BRYN));
    await rm(gone.place);
    await desk.runs.work({ untilIdle: true });
    expect(await desk.runs.find(lost.runId)).toMatchObject({ state: 'refused', problems: [{ code: 'file_missing' }] });
    expect(await desk.runs.find(fine.runId)).toMatchObject({ state: 'validated' });
    const nowhere = new Writable({ write: (_chunk, _encoding, next) => next() });
    await expect(desk.runs.writeRejects(lost.runId, 0, { report: nowhere })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('E7, LA32: is refused when it changed after it was planned, and nothing of it is kept', async () => {
    const source = await newSource();
    const file = await desk.file(source, `${HEAD}${row('1')}\n`);
    const run = await desk.planned([file]);
    await writeFile(file.place, `${HEAD}${row('1', { name: 'Mallory' })}\n`);
    const validated = await desk.bring(run.runId, 'validated');
    expect(validated).toMatchObject({ state: 'refused', problems: [{ code: 'file_changed' }] });
    await expectAccountedFor(source, validated);
    expect(await desk.ledger(source)).toEqual([]);
    const kept = 'SELECT 1 FROM run_batches WHERE run_id = $1 AND (staged IS NOT NULL OR email_keys IS NOT NULL)';
    expect(await desk.db.query({ text: kept, values: [run.runId] })).toEqual([]);
  });

  it.each(['changed', 'gone'])(
    'E7, LA32: %s after it was validated: what goes in is what was approved',
    async (how) => {
      const source = await newSource();
      const file = await desk.file(source, `${HEAD}${row('1', { name: 'Mary' })}\n`);
      const run = await desk.approved([file]);
      if (how === 'gone') await rm(file.place);
      else await writeFile(file.place, `${HEAD}${row('1', { name: 'Mallory' })}\n`);
      const ended = await desk.bring(run.runId, 'reconciled');
      expect(ended.state).toBe('reconciled');
      const [there] = await desk.db.query<LedgerRow>({
        text: 'SELECT legacy_key, data_key, personal_sealed FROM legacy_accounts WHERE source = $1',
        values: [source],
      });
      if (!there) throw new Error('it did not go in');
      const sealed = { dataKey: there.data_key, personalSealed: there.personal_sealed };
      expect(openPersonal(desk.keyRing, there.legacy_key, sealed).name).toBe('Mary');
    },
  );
});
