import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChains } from '../../src/audit/index.ts';
import type { LegacyProof, OutcomesAsked } from '../../src/migration/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { bcryptOf, type OldPerson, rentCsv } from '../support/legacy-estate.ts';
import { BRYN, done, OLWEN, type RunDesk, runDesk } from '../support/run-desk.ts';

let desk: RunDesk;
let count = 0;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'quite another password';
const OLD_HASH = bcryptOf(PASSWORD);
const citizen = { actor: 'citizen' };
const place = { journeyId: 'journey', browserKey: 'browser' };

const people = (n: number, change: (at: number) => Partial<OldPerson> = () => ({})): OldPerson[] =>
  Array.from({ length: n }, (_, at) => ({ id: `P${at}`, hash: OLD_HASH, name: `Ann ${at}`, ...change(at) }));

async function prove(source: string, login: string): Promise<LegacyProof> {
  const result = await desk.migration.oldAccounts.check({
    source,
    login,
    password: PASSWORD,
    ip: `10.1.${(count += 1) % 250}.${count % 199}`,
    ...place,
  });
  if (result.outcome !== 'match') throw new Error(result.outcome);
  return result.proof;
}

async function adopt(proof: LegacyProof): Promise<{ accountId: string; email: string }> {
  const email = `citizen${(count += 1)}@example.org`;
  const newAccount = { email, emailProvedAt: desk.clock.now, language: 'en' } as const;
  const result = await desk.migration.adoptAccount({ proof, ...place, meta: citizen, newAccount });
  if (result.outcome !== 'adopted') throw new Error(JSON.stringify(result));
  return { accountId: result.accountId, email };
}

async function changePassword(accountId: string): Promise<void> {
  const hash = await desk.accounts.hashPassword(NEW_PASSWORD);
  await desk.db.transaction((tx) => desk.accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, citizen));
}

const stateOf = async (source: string, id: string) => {
  const [row] = await desk.db.query<{ state: string; account_id: string | null; verifier_sealed: Buffer | null }>({
    text: 'SELECT state, account_id, verifier_sealed FROM legacy_accounts WHERE legacy_key = $1',
    values: [legacyKeyOf(desk.keyRing, source, id)],
  });
  return row;
};

async function loginsOf(source: string): Promise<number | undefined> {
  const text = 'SELECT count(*)::int AS n FROM legacy_login_names WHERE source = $1';
  const [row] = await desk.db.query<{ n: number }>({ text, values: [source] });
  return row?.n;
}

async function linesOf(runId: string, asked: Pick<OutcomesAsked, 'undone' | 'outcome'>): Promise<number[]> {
  const { rows } = await desk.runs.outcomes({ runId, pass: 'run', limit: 10_000, ...asked });
  return rows.map(({ line }) => line);
}

async function undo(runId: string) {
  done(await desk.runs.undo(runId, OLWEN, 'it was the wrong file'));
  const run = await desk.workOn(runId);
  expect(run.state).toBe('undone');
  return run.parts[0]?.counts.undo;
}

describe('citizens who sign in while a run goes on', () => {
  it('F21, E9: are never overwritten, and the counts are right', { timeout: 120_000 }, async () => {
    const source = await desk.newSource('while-running');
    const rows = 4000;
    await desk.finished([await desk.file(source, rentCsv(people(rows)))]);
    const corrected = rentCsv(
      people(rows, (at) => ({ name: `Änne ${at}`, hash: at % 2 ? OLD_HASH : bcryptOf('the old side changed it') })),
    );
    const { runId } = await desk.approved([await desk.file(source, corrected)]);
    await desk.bring(runId, 'staged');
    done(await desk.runs.advance(runId, 'reconciled', OLWEN));
    const working = [0, 1].map(() => desk.runs.work({ runId, untilIdle: true }));
    const taken = new Map<string, { accountId: string; email: string }>();
    // From both ends, so that some are before the run and some behind it.
    for (const at of [1, 3999, 501, 3501, 1501, 2501, 1999, 2001, 7, 3001]) {
      const adopted = await adopt(await prove(source, `p${at}`));
      await changePassword(adopted.accountId);
      taken.set(`P${at}`, adopted);
      await sleep(5);
    }
    await Promise.all(working);
    const run = await desk.runs.find(runId);
    expect(run?.state).toBe('reconciled');
    const { outcomes, codes } = run!.parts[0]!.counts.run!;
    expect(outcomes).toMatchObject({ new: 0, rejected: 0 });
    expect(outcomes!.changed + outcomes!.linked).toBe(rows);
    expect(codes['linked_differs'] ?? 0).toBe(outcomes!.linked);
    expect((await desk.runs.balance(runId))?.sheet.balanced).toBe(true);
    for (const [id, { accountId, email }] of taken) {
      expect(await stateOf(source, id)).toEqual({ state: 'adopted', account_id: accountId, verifier_sealed: null });
      expect(await desk.accounts.checkPassword(email, NEW_PASSWORD)).toMatchObject({ outcome: 'match' });
    }
    // Undone: what they took over stays with them, and is listed by its line.
    expect(await undo(runId)).toEqual({
      restored: outcomes!.changed - (taken.size - outcomes!.linked),
      touched: taken.size - outcomes!.linked,
      superseded: 0,
    });
    const linked = await linesOf(runId, { outcome: 'linked' });
    const touched = await linesOf(runId, { undone: 'touched' });
    const linesOfTaken = [...taken.keys()].map((id) => Number(id.slice(1)) + 2);
    expect([...linked, ...touched].toSorted((a, b) => a - b)).toEqual(linesOfTaken.toSorted((a, b) => a - b));
    for (const [id, { accountId, email }] of taken) {
      expect(await stateOf(source, id)).toMatchObject({ state: 'adopted', account_id: accountId });
      expect(await desk.accounts.checkPassword(email, NEW_PASSWORD)).toMatchObject({ outcome: 'match' });
    }
    // Those of the changed half can use the password of before again.
    expect(await prove(source, 'p2')).toBeDefined();
    expect((await verifyChains(desk.db)).broken).toEqual([]);
  });

  it('F21: who has proved a row that is then changed takes it over all the same', async () => {
    const source = await desk.newSource('proved-before');
    await desk.finished([await desk.file(source, rentCsv(people(5)))]);
    const proof = await prove(source, 'p1');
    await desk.finished([await desk.file(source, rentCsv(people(5, () => ({ name: 'Änne' }))))]);
    const { accountId } = await adopt(proof);
    expect(await stateOf(source, 'P1')).toMatchObject({ state: 'adopted', account_id: accountId });
  });
});

describe('undo', () => {
  it('F23: leaves and lists what citizens took over, what is being proved, and what was given back', async () => {
    const source = await desk.newSource('touched');
    const run = await desk.finished([await desk.file(source, rentCsv(people(6)))]);
    const { accountId } = await adopt(await prove(source, 'p0'));
    await prove(source, 'p1');
    const second = await adopt(await prove(source, 'p2'));
    const [link] = await desk.db.query<{ link_id: string }>({
      text: 'SELECT link_id FROM links WHERE account_id = $1',
      values: [second.accountId],
    });
    const released = await desk.migration.links.undo({
      linkId: link!.link_id,
      accountId: second.accountId,
      accountProvedAt: desk.clock.now,
      meta: citizen,
      reason: 'not-mine',
    });
    expect(released.outcome).toBe('undone');
    expect(await undo(run.runId)).toEqual({ restored: 3, touched: 3, superseded: 0 });
    expect(await linesOf(run.runId, { undone: 'touched' })).toEqual([2, 3, 4]);
    expect(await stateOf(source, 'P0')).toMatchObject({ state: 'adopted', account_id: accountId });
    expect(await stateOf(source, 'P1')).toMatchObject({ state: 'waiting' });
    expect(await stateOf(source, 'P2')).toMatchObject({ state: 'released' });
    expect(await desk.ledger(source)).toHaveLength(3);
  });

  it('F23, E3: of a poisoned file leaves nobody with a proof that was made with its password', async () => {
    const source = await desk.newSource('poisoned');
    const honest = people(3, () => ({ hash: bcryptOf('what the owner knows') }));
    await desk.finished([await desk.file(source, rentCsv(honest))]);
    const before = await desk.ledger(source);
    const poisoned = await desk.finished([await desk.file(source, rentCsv(people(3)))]);
    const proof = await prove(source, 'p1');
    expect(await undo(poisoned.runId)).toEqual({ restored: 3, touched: 0, superseded: 0 });
    expect(await desk.ledger(source)).toEqual(before);
    const newAccount = { email: 'mallory@example.org', emailProvedAt: desk.clock.now, language: 'en' } as const;
    const adopted = await desk.migration.adoptAccount({ proof, ...place, meta: citizen, newAccount });
    expect(adopted.outcome).not.toBe('adopted');
    expect(await desk.ledger(source)).toEqual(before);
  });

  it('F23: after a later run leaves to that what it changed', async () => {
    const source = await desk.newSource('superseded');
    const first = await desk.finished([await desk.file(source, rentCsv(people(4)))]);
    const second = await desk.finished([
      await desk.file(source, rentCsv(people(5, (at) => (at < 2 ? { name: 'Änne' } : {})))),
    ]);
    const between = await desk.ledger(source);
    expect(await undo(first.runId)).toEqual({ restored: 2, touched: 0, superseded: 2 });
    expect(await linesOf(first.runId, { undone: 'superseded' })).toEqual([2, 3]);
    const left = await desk.ledger(source);
    expect(left).toHaveLength(3);
    expect(between).toEqual(expect.arrayContaining(left));
    expect(done(await desk.runs.undo(second.runId, OLWEN, 'this one too')).state).toBe('undoing');
  });

  const ORDERS = [
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ];
  it.each(ORDERS)('F23: of three runs, %i before %i before %i, leaves what there was before them', async (...order) => {
    const source = await desk.newSource(`in-order-${order.join('')}`);
    const row = (id: string, name: string, login = id) => ({ id, login, name, hash: OLD_HASH });
    const send = async (...rows: readonly OldPerson[]) => desk.finished([await desk.file(source, rentCsv(rows))]);
    await send(row('a', 'Ann'), row('b', 'Bob'));
    const before = await desk.ledger(source);
    const runs = [
      await send(row('a', 'Änne'), row('b', 'Bob', 'bobby'), row('c', 'Cy')),
      await send(row('a', 'Anna'), row('b', 'Robert', 'bobby'), row('c', 'Cyril', 'cc'), row('d', 'Di')),
      await send(row('a', 'Hanna'), row('b', 'Robert', 'rob'), row('c', 'Cyrus', 'cc'), row('d', 'Diana')),
    ];
    for (const nth of order) await undo(runs[nth - 1]!.runId);
    expect(await desk.ledger(source)).toEqual(before);
    expect(await loginsOf(source)).toBe(2);
  });

  it('F23: gives renamed rows their user names back, and takes none that is somebody else’s by now', async () => {
    const source = await desk.newSource('renamed');
    await desk.finished([
      await desk.file(
        source,
        rentCsv([
          { id: '1', login: 'a', hash: OLD_HASH },
          { id: '2', login: 'b', hash: OLD_HASH },
        ]),
      ),
    ]);
    const before = await desk.ledger(source);
    const renames = await desk.finished([
      await desk.file(
        source,
        rentCsv([
          { id: '1', login: 'y', hash: OLD_HASH },
          { id: '2', login: 'z', hash: OLD_HASH },
        ]),
      ),
    ]);
    const renamed = await desk.ledger(source);
    await desk.finished([await desk.file(source, rentCsv([{ id: '3', login: 'a', hash: OLD_HASH }]))]);
    expect(await undo(renames.runId)).toEqual({ restored: 1, touched: 0, superseded: 1 });
    const after = await desk.ledger(source);
    const keyOf = (id: string): Buffer => legacyKeyOf(desk.keyRing, source, id);
    const of = (rows: typeof after, id: string) => rows.find((row) => keyOf(id).equals(row['legacy_key'] as Buffer));
    expect(of(after, '2')).toEqual(of(before, '2'));
    expect(of(after, '1')).toEqual(of(renamed, '1'));
    expect(after).toHaveLength(3);
    expect(await prove(source, 'y')).toBeDefined();
    expect(await prove(source, 'b')).toBeDefined();
  });

  it('F23: of a run that was stopped half-way restores what it had written', async () => {
    const source = await desk.newSource('stopped');
    await desk.finished([await desk.file(source, rentCsv(people(3000)))]);
    const before = await desk.ledger(source);
    const { runId } = await desk.approved([
      await desk.file(source, rentCsv(people(3500, (at) => ({ name: `Änne ${at}`, login: `q${at}` })))),
    ]);
    await desk.bring(runId, 'staged');
    done(await desk.runs.advance(runId, 'reconciled', OLWEN));
    const working = desk.runs.work({ runId, untilIdle: true });
    await expect.poll(() => applied(runId)).toBeGreaterThan(0);
    done(await desk.runs.stop(runId, BRYN, 'the wrong file'));
    await working;
    const balance = await desk.runs.balance(runId);
    const batches = await applied(runId);
    expect(balance?.sheet).toMatchObject({ state: 'stopped', balanced: true, total: { read: 3500 } });
    expect(balance!.sheet.total.outcomes.changed).toBe(Math.min(batches * 1000, 3000));
    expect(balance!.sheet.total.notRun).toBe(
      3500 - balance!.sheet.total.outcomes.changed - balance!.sheet.total.outcomes.new,
    );
    expect(await undo(runId)).toMatchObject({ touched: 0, superseded: 0 });
    expect(await desk.ledger(source)).toEqual(before);
    const [staged] = await desk.db.query({
      text: 'SELECT 1 FROM run_batches WHERE run_id = $1 AND staged IS NOT NULL',
      values: [runId],
    });
    expect(staged).toBeUndefined();
  });
});

async function applied(runId: string): Promise<number> {
  const [row] = await desk.db.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND applied_at IS NOT NULL',
    values: [runId],
  });
  return row?.n ?? 0;
}
