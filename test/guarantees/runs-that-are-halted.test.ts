import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunState } from '../../src/migration/index.ts';
import { rentCsv } from '../support/legacy-estate.ts';
import { BRYN, done, OLWEN, type RunDesk, runDesk } from '../support/run-desk.ts';
import { bytesOf } from '../support/run-estate.ts';
import { endLeases, holdStill, kill, type RunWorker, startWorker } from '../support/run-workers.ts';

let desk: RunDesk;
/** A stopped process would outlive a failed test. */
const left: RunWorker[] = [];
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(async () => {
  for (const worker of left) await kill(worker);
  await desk.drop();
});

const HASH = `$2y$10$${'a'.repeat(52)}e`;
const people = (n: number, name = 'Ann') =>
  Array.from({ length: n }, (_, at) => ({ id: `P${at}`, hash: HASH, name: `${name} ${at}` }));

const stateOf = async (runId: string): Promise<RunState | undefined> => (await desk.runs.find(runId))?.state;
const countOf = async (runId: string, what: string): Promise<number> => {
  const [row] = await desk.db.query<{ n: number }>({
    text: `SELECT count(*)::int AS n FROM ${what} AND run_id = $1`,
    values: [runId],
  });
  return row?.n ?? 0;
};

/** What tells that a phase has begun to write. */
const BEGUN = {
  validating: `run_batches WHERE true`,
  rehearsing: `run_rehearsals WHERE true`,
  staging: `run_parts WHERE lease_until IS NOT NULL`,
  running: `run_batches WHERE applied_at IS NOT NULL`,
  undoing: `run_batches WHERE undone_at IS NOT NULL`,
} as const satisfies Partial<Record<RunState, string>>;
type Working = keyof typeof BEGUN;
const WORKING: readonly Working[] = ['validating', 'rehearsing', 'staging', 'running', 'undoing'];

async function bringTo(runId: string, state: Working): Promise<void> {
  if (state === 'validating') done(await desk.runs.advance(runId, 'validated', OLWEN));
  if (state === 'rehearsing') done(await desk.runs.advance(runId, 'rehearsed', OLWEN));
  if (state === 'staging') {
    done(await desk.runs.approve(runId, BRYN, { olderFile: false }));
    done(await desk.runs.advance(runId, 'staged', OLWEN));
  }
  if (state === 'running') done(await desk.runs.advance(runId, 'reconciled', OLWEN));
  if (state === 'undoing') done(await desk.runs.undo(runId, OLWEN, 'the wrong file'));
  expect(await stateOf(runId)).toBe(state);
}

describe('a run that is paused', () => {
  it('I6, E7: writes nothing more, in whatever phase, and goes on where it was', { timeout: 120_000 }, async () => {
    const source = await desk.newSource('paused');
    const rows = 8_000;
    await desk.finished([await desk.file(source, rentCsv(people(rows / 2)))]);
    const before = await desk.ledger(source);
    const { runId } = await desk.planned([await desk.file(source, rentCsv(people(rows, 'Änne')))]);
    for (const state of WORKING) {
      await bringTo(runId, state);
      const working = [0, 1].map(() => desk.runs.work({ runId, untilIdle: true }));
      await expect.poll(() => countOf(runId, BEGUN[state]), { interval: 5 }).toBeGreaterThan(0);
      done(await desk.runs.pause(runId, BRYN));
      const paused = await bytesOf(desk.db);
      await Promise.all(working);
      expect(await bytesOf(desk.db), `while ${state}`).toEqual(paused);
      expect(await stateOf(runId)).toBe(state);
      expect(await desk.runs.pause(runId, BRYN)).toEqual({ outcome: 'refused', reason: 'not-now' });
      done(await desk.runs.resume(runId, BRYN));
      await desk.workOn(runId);
    }
    const undone = await desk.runs.find(runId);
    expect(undone?.state).toBe('undone');
    expect(undone?.parts[0]?.counts).toMatchObject({
      rehearse: { outcomes: { new: rows / 2, changed: rows / 2 } },
      run: { outcomes: { new: rows / 2, changed: rows / 2 } },
      undo: { restored: rows, touched: 0, superseded: 0 },
    });
    expect(await desk.ledger(source)).toEqual(before);
  });
});

describe('a run that is stopped', () => {
  it.each(['validating', 'rehearsing', 'staging', 'running'] as const)(
    'I6: while %s ends there, and lets go of its source',
    async (state) => {
      const source = await desk.newSource(`stopped-${state}`);
      const { runId } = await desk.planned([await desk.file(source, rentCsv(people(3000)))]);
      for (const one of WORKING.slice(0, WORKING.indexOf(state))) {
        await bringTo(runId, one);
        await desk.workOn(runId);
      }
      await bringTo(runId, state);
      const working = desk.runs.work({ runId, untilIdle: true });
      await expect.poll(() => countOf(runId, BEGUN[state]), { interval: 5 }).toBeGreaterThan(0);
      expect(await desk.runs.stop(runId, BRYN, 'no')).toEqual({ outcome: 'refused', reason: 'reason-missing' });
      done(await desk.runs.stop(runId, BRYN, 'the wrong file'));
      const ledger = await desk.ledger(source);
      await working;
      // It may have been through when it was stopped; what is left is cleared away by whoever works next.
      await desk.runs.work({ runId, untilIdle: true });
      expect(await desk.ledger(source)).toEqual(ledger);
      expect(await countOf(runId, 'source_runs WHERE true')).toBe(0);
      expect(await countOf(runId, 'run_batches WHERE staged IS NOT NULL')).toBe(0);
      expect(await desk.runs.advance(runId, 'reconciled', OLWEN)).toEqual({ outcome: 'refused', reason: 'not-now' });
      const sheet = (await desk.runs.balance(runId))?.sheet;
      expect(sheet).toMatchObject({ state: 'stopped', balanced: true });
      const accounted = Object.values(sheet!.total.outcomes).reduce((sum, n) => sum + n, 0);
      expect(accounted + sheet!.total.notRun).toBe(sheet!.total.read);
      expect(sheet!.parts[0]?.inLedger).toBe(ledger.length);
    },
  );
});

describe('several workers', () => {
  it(
    'I6, F2: one that stalls past its lease and comes back writes nothing twice, in whatever phase',
    { timeout: 120_000 },
    async () => {
      const source = await desk.newSource('stalled');
      const rows = 9000;
      const { runId } = await desk.planned([await desk.file(source, rentCsv(people(rows)))]);
      for (const state of WORKING) {
        await bringTo(runId, state);
        const stalled = startWorker(desk.database.url, runId, 'until-idle');
        await expect.poll(() => countOf(runId, BEGUN[state]), { interval: 5 }).toBeGreaterThan(0);
        stalled.child.kill('SIGSTOP');
        left.push(stalled);
        const [held] = await desk.db.query<{ lease_no: number }>({
          text: 'SELECT lease_no FROM run_parts WHERE run_id = $1',
          values: [runId],
        });
        await endLeases(desk.db, runId);
        const other = startWorker(desk.database.url, runId, 'until-idle');
        left.push(other);
        // As soon as the other one has taken over, both are at it.
        const isTaken = async () => countOf(runId, `run_parts WHERE lease_no > ${held!.lease_no}`);
        await expect.poll(isTaken, { interval: 5, timeout: 15_000 }).toBe(1);
        await sleep(100);
        stalled.child.kill('SIGCONT');
        expect([await other.ended, await stalled.ended], `while ${state}`).toEqual([0, 0]);
        await desk.workOn(runId);
      }
      for (const pass of ['rehearsal', 'run'] as const) {
        const { rows: outcomes } = await desk.runs.outcomes({ runId, pass, limit: 10_000 });
        expect(outcomes.map(({ line }) => line)).toEqual(Array.from({ length: rows }, (_, at) => at + 2));
      }
      const events = await desk.db.query<{ type: string; batch: number }>({
        text: `SELECT type, (body->'detail'->>'batch')::int AS batch FROM audit_events
             WHERE chain_id = $1 AND type IN ('source.rows-imported', 'source.rows-undone') ORDER BY type, batch`,
        values: [`source:${source}`],
      });
      expect(events.map(({ batch }) => batch)).toEqual([...Array(9).keys(), ...Array(9).keys()]);
      expect(await desk.ledger(source)).toEqual([]);
    },
  );

  it('I6: at once on twelve parts apply each batch once', { timeout: 120_000 }, async () => {
    const files = [];
    for (let n = 0; n < 12; n += 1)
      files.push(await desk.file(await desk.newSource(`part-${n}`), rentCsv(people(1200))));
    const { runId } = await desk.approved(files);
    done(await desk.runs.advance(runId, 'reconciled', OLWEN));
    const workers = [0, 1].map(() => startWorker(desk.database.url, runId, 'until-idle'));
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
    const run = await desk.runs.find(runId);
    expect(run?.state).toBe('reconciled');
    expect(run?.parts.map(({ counts }) => counts.run?.outcomes?.new)).toEqual(Array(12).fill(1200));
    const events = await desk.db.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM audit_events WHERE type = 'source.rows-imported' AND body->'detail'->>'runId' = $1
             GROUP BY chain_id, body->'detail'->>'batch'`,
      values: [runId],
    });
    expect(events).toEqual(Array.from({ length: 24 }, () => ({ n: 1 })));
  });

  it('I11: a run whose worker died between its last batch and its balance is balanced by the next', async () => {
    const source = await desk.newSource('unbalanced');
    const { runId } = await desk.finished([await desk.file(source, rentCsv(people(3)))]);
    await desk.db.query({
      text: `UPDATE runs SET state = 'ran', balance = NULL, balance_jws = NULL WHERE run_id = $1`,
      values: [runId],
    });
    expect((await desk.workOn(runId)).state).toBe('reconciled');
    expect((await desk.runs.balance(runId))?.sheet.balanced).toBe(true);
  });

  it('F20: one that is killed is followed by another within seconds', async () => {
    const source = await desk.newSource('followed');
    const { runId } = await desk.approved([await desk.file(source, rentCsv(people(4000)))]);
    done(await desk.runs.advance(runId, 'reconciled', OLWEN));
    const release = await holdStill(desk.db, runId);
    const first = startWorker(desk.database.url, runId, 'until-idle');
    await expect.poll(() => countOf(runId, BEGUN.staging)).toBeGreaterThan(0);
    await kill(first);
    await release();
    // By the lease that it held, not by hand.
    const [lease] = await desk.db.query<{ seconds: number }>({
      text: 'SELECT extract(epoch FROM max(lease_until) - now())::float8 AS seconds FROM run_parts WHERE run_id = $1',
      values: [runId],
    });
    expect(lease?.seconds).toBeLessThan(5);
    expect((await desk.workOn(runId)).state).toBe('reconciled');
  });
});
