import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentCsv, ssha512Of } from '../../support/legacy-estate.ts';
import { BRYN, OLWEN, type RunDesk, runDesk } from '../../support/run-desk.ts';

let desk: RunDesk;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const HASH = `$2y$10$${'a'.repeat(52)}e`;
const people = (n: number, changes: Record<number, object> = {}) =>
  Array.from({ length: n }, (_, at) => ({
    id: `P${at}`,
    hash: HASH,
    name: `Ann ${at}`,
    email: `ann${at}@example.org`,
    ...changes[at],
  }));
const none = { new: 0, changed: 0, unchanged: 0, linked: 0, 'needs-proof': 0, rejected: 0, outside: 0 };

describe('a run', () => {
  it('goes through every phase and balances to the row', async () => {
    const source = await desk.newSource('whole-way');
    const csv = `${rentCsv(people(2500))}X1,x1,notahash,,Bad,live\n`;
    const { progress } = desk.migration;
    await progress.count();
    const run = await desk.planned([await desk.file(source, csv)]);
    expect(run.state).toBe('planned');
    const validated = await desk.bring(run.runId, 'validated');
    expect(validated.state).toBe('validated');
    expect(validated.parts[0]?.counts.validate).toMatchObject({ read: 2501, rejected: 1, codes: { hash_unknown: 1 } });
    const rehearsed = await desk.bring(run.runId, 'rehearsed');
    expect(rehearsed.parts[0]?.counts.rehearse).toMatchObject({
      read: 2501,
      outcomes: { ...none, new: 2500, rejected: 1 },
    });
    expect(await desk.ledger(source)).toEqual([]);
    expect(await desk.runs.approve(run.runId, OLWEN, { olderFile: false })).toEqual({
      outcome: 'refused',
      reason: 'same-operator',
    });
    expect(await desk.runs.approve(run.runId, BRYN, { olderFile: false })).toMatchObject({ outcome: 'done' });
    const staged = await desk.bring(run.runId, 'staged');
    expect(staged.state).toBe('staged');
    expect(await desk.ledger(source)).toEqual([]);
    const reconciled = await desk.bring(run.runId, 'reconciled');
    expect(reconciled.problems).toEqual([]);
    expect(reconciled.state).toBe('reconciled');
    expect(reconciled.parts[0]?.counts.run).toMatchObject({
      read: 2501,
      outcomes: { ...none, new: 2500, rejected: 1 },
    });
    expect(await desk.ledger(source)).toHaveLength(2500);
    const balance = await desk.runs.balance(run.runId);
    expect(balance?.sheet).toMatchObject({ balanced: true, total: { read: 2501, notRun: 0 } });
    // Counts are rare; after a run they are due at once.
    await progress.count();
    expect(await progress.systems()).toMatchObject([{ source, state: 'moving', waiting: 2500 }]);
  });

  it('E7: the same file twice changes nothing, a corrected file only what was corrected, and undo restores exactly', async () => {
    const source = await desk.newSource('again');
    const first = await desk.file(source, rentCsv(people(1500)));
    await desk.finished([first]);
    const before = await desk.ledger(source);
    const again = await desk.finished([first]);
    expect(again.parts[0]?.counts.run?.outcomes).toEqual({ ...none, unchanged: 1500 });
    expect(await desk.ledger(source)).toEqual(before);
    const corrected = rentCsv([
      ...people(1500, { 3: { name: 'Änne' }, 1200: { login: 'renamed' } }),
      { id: 'N1', hash: HASH },
      { id: 'N2', hash: ssha512Of('x') },
    ]);
    const third = await desk.finished([await desk.file(source, corrected)]);
    expect(third.parts[0]?.counts.run?.outcomes).toEqual({ ...none, new: 2, changed: 2, unchanged: 1498 });
    expect(await desk.ledger(source)).toHaveLength(1502);
    const undoing = await desk.runs.undo(third.runId, OLWEN, 'the wrong file');
    expect(undoing.outcome).toBe('done');
    const undone = await desk.workOn(third.runId);
    expect(undone.state).toBe('undone');
    expect(undone.parts[0]?.counts.undo).toEqual({ restored: 4, touched: 0, superseded: 0 });
    expect(await desk.ledger(source)).toEqual(before);
  });
});
