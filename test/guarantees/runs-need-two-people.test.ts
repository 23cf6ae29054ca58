import { utimes } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChains } from '../../src/audit/index.ts';
import { bcryptOf, rentCsv } from '../support/legacy-estate.ts';
import { BRYN, done, OLWEN, type RunDesk, runDesk } from '../support/run-desk.ts';

let desk: RunDesk;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const HASH = bcryptOf('x');
const CARYS = { actor: 'operator:carys' };
const people = (n: number, name = 'Ann') =>
  Array.from({ length: n }, (_, at) => ({ id: `P${at}`, hash: HASH, name: `${name} ${at}` }));
const tick = (): void => void (desk.clock.now = new Date(desk.clock.now.getTime() + 60_000));
const refused = (reason: string) => ({ outcome: 'refused', reason });

const trailOf = async (chain: string) =>
  (
    await desk.db.query<{ type: string; body: { actor: string; detail?: Record<string, unknown> } }>({
      text: 'SELECT type, body FROM audit_events WHERE chain_id = $1 ORDER BY seq',
      values: [chain],
    })
  ).map(({ type, body }) => ({ type, actor: body.actor, detail: body.detail ?? {} }));

async function fileOfDay(source: string, text: string, day: string) {
  const file = await desk.file(source, text);
  await utimes(file.place, new Date(day), new Date(day));
  return file;
}

describe('who may do what', () => {
  it('LA32: who planned a run cannot approve it: not by the code, and not by the database', async () => {
    const source = await desk.newSource('two-people');
    const { runId } = await desk.planned([await desk.file(source, rentCsv(people(2)))]);
    expect(await desk.runs.approve(runId, BRYN, { olderFile: false })).toEqual(refused('not-now'));
    await desk.bring(runId, 'rehearsed');
    expect(await desk.runs.approve(runId, OLWEN, { olderFile: false })).toEqual(refused('same-operator'));
    for (const actor of ['citizen', 'system', 'operator:', 'bryn'])
      expect(await desk.runs.approve(runId, { actor }, { olderFile: false })).toEqual(refused('not-an-operator'));
    await expect(
      desk.db.query({
        text: `UPDATE runs SET approved_by = planned_by, approved_at = now() WHERE run_id = $1`,
        values: [runId],
      }),
    ).rejects.toMatchObject({ code: '23514' });
    await expect(
      desk.db.query({ text: `UPDATE runs SET state = 'staged' WHERE run_id = $1`, values: [runId] }),
    ).rejects.toMatchObject({ code: '23514' });
    for (const to of ['staged', 'reconciled'] as const)
      expect(await desk.runs.advance(runId, to, OLWEN)).toEqual(refused('not-now'));
    expect(await trailOf(`run:${runId}`)).toContainEqual({
      type: 'run.approval-refused',
      actor: 'operator:olwen',
      detail: { reason: 'same-operator' },
    });
  });

  it('I7: who planned, asked, approved, paused, stopped and undid it is on record, once, and the chains verify', async () => {
    const source = await desk.newSource('on-record');
    const run = await desk.planned([await desk.file(source, rentCsv(people(2300)))]);
    const { runId } = run;
    await desk.bring(runId, 'rehearsed');
    done(await desk.runs.approve(runId, BRYN, { olderFile: false }));
    done(await desk.runs.advance(runId, 'reconciled', CARYS));
    done(await desk.runs.pause(runId, BRYN));
    done(await desk.runs.resume(runId, CARYS));
    await desk.workOn(runId);
    done(await desk.runs.undo(runId, CARYS, 'the wrong file'));
    await desk.workOn(runId);
    const trail = await trailOf(`run:${runId}`);
    const by = (type: string) => trail.filter((one) => one.type === type).map(({ actor }) => actor);
    expect(by('run.planned')).toEqual(['operator:olwen']);
    expect(by('run.asked')).toEqual(['operator:olwen', 'operator:carys']);
    expect(by('run.approved')).toEqual(['operator:bryn']);
    expect(by('run.paused')).toEqual(['operator:bryn']);
    expect(by('run.resumed')).toEqual(['operator:carys']);
    expect(trail.filter(({ type }) => type === 'run.moved').map(({ detail }) => detail['to'])).toEqual([
      'validating',
      'validated',
      'rehearsing',
      'rehearsed',
      'approved',
      'staging',
      'staged',
      'running',
      'ran',
      'reconciled',
      'undoing',
      'undone',
    ]);
    expect(trail.find(({ detail }) => detail['to'] === 'undoing')?.actor).toBe('operator:carys');
    const rows = await trailOf(`source:${source}`);
    const batches = (type: string) => rows.filter((one) => one.type === type).map(({ detail }) => detail['batch']);
    expect(batches('source.rows-imported')).toEqual([0, 1, 2]);
    expect(batches('source.rows-undone')).toEqual([2, 1, 0]);
    expect(rows.filter(({ type }) => type === 'source.import-finished')).toHaveLength(1);
    expect(rows.every(({ actor }) => actor === 'operator:carys' || actor === 'operator:olwen')).toBe(true);
    expect((await verifyChains(desk.db)).broken).toEqual([]);
  });
});

describe('what is approved is what happens', () => {
  it('E7: a source that changed since the rehearsal is rehearsed again, as it is now', async () => {
    const source = await desk.newSource('changed-definition');
    const { runId } = await desk.planned([await desk.file(source, rentCsv(people(3)))]);
    await desk.bring(runId, 'rehearsed');
    const [row] = await desk.db.query<{ definition: { file: Record<string, unknown> } }>({
      text: 'SELECT definition FROM run_parts WHERE run_id = $1',
      values: [runId],
    });
    const changed = await desk.migration.sources.add(
      {
        ...row!.definition,
        policy: { version: 2, proofs: ['old-password'], assurance: 'none' },
        file: { ...row!.definition.file, statuses: { live: 'disabled' } },
      },
      OLWEN,
    );
    expect(changed.outcome).not.toBe('invalid');
    expect(await desk.runs.approve(runId, BRYN, { olderFile: false })).toEqual(refused('changed-since'));
    await desk.bring(runId, 'validated');
    expect((await desk.bring(runId, 'rehearsed')).parts[0]).toMatchObject({ policyVersion: 2 });
    expect(await desk.runs.approve(runId, BRYN, { olderFile: false })).toMatchObject({ outcome: 'done' });
    await desk.bring(runId, 'reconciled');
    expect((await desk.ledger(source)).map((one) => one['source_status'])).toEqual([
      'disabled',
      'disabled',
      'disabled',
    ]);
  });

  it('E7: so is one whose rows changed since', async () => {
    const source = await desk.newSource('changed-rows');
    const { runId } = await desk.planned([await desk.file(source, rentCsv(people(3)))]);
    await desk.bring(runId, 'rehearsed');
    tick();
    await desk.importText(rentCsv(people(1, 'Bob')), { source });
    tick();
    expect(await desk.runs.approve(runId, BRYN, { olderFile: true })).toEqual(refused('changed-since'));
    await desk.bring(runId, 'validated');
    const again = await desk.bring(runId, 'rehearsed');
    expect(again.parts[0]?.counts.rehearse?.outcomes).toMatchObject({ new: 2, changed: 1 });
    expect(await desk.runs.approve(runId, BRYN, { olderFile: true })).toMatchObject({ outcome: 'done' });
  });

  it('LA32, E7: an older file than the last one is known to be older by who approves it', async () => {
    const source = await desk.newSource('older');
    await desk.finished([await fileOfDay(source, rentCsv(people(3)), '2026-10-20T12:00:00Z')]);
    tick();
    const older = await desk.planned([await fileOfDay(source, rentCsv(people(3, 'Bob')), '2026-10-01T12:00:00Z')]);
    expect(older.parts[0]?.isOlder).toBe(true);
    await desk.bring(older.runId, 'rehearsed');
    expect(await desk.runs.approve(older.runId, BRYN, { olderFile: false })).toEqual(refused('older-file'));
    expect(await desk.runs.approve(older.runId, BRYN, { olderFile: true })).toMatchObject({ outcome: 'done' });
    expect((await desk.bring(older.runId, 'reconciled')).state).toBe('reconciled');
  });

  it('LA32: a file that has become the older one while it waited is not taken for the newest', async () => {
    const source = await desk.newSource('older-by-now');
    const waiting = await desk.planned([await fileOfDay(source, rentCsv(people(3)), '2026-10-01T12:00:00Z')]);
    const approved = await desk.approved([await fileOfDay(source, rentCsv(people(3, 'Al')), '2026-10-02T12:00:00Z')]);
    tick();
    await desk.finished([await fileOfDay(source, rentCsv(people(3, 'Bob')), '2026-10-20T12:00:00Z')]);
    tick();
    expect(waiting.parts[0]?.isOlder).toBe(false);
    await desk.bring(waiting.runId, 'rehearsed');
    expect(await desk.runs.approve(waiting.runId, BRYN, { olderFile: false })).toEqual(refused('older-file'));
    expect(await desk.runs.advance(approved.runId, 'staged', OLWEN)).toEqual(refused('changed-since'));
  });

  it('LA32: a run that was stopped before it wrote makes no later file an older one', async () => {
    const source = await desk.newSource('never-ran');
    const { runId } = await desk.approved([await fileOfDay(source, rentCsv(people(3)), '2026-10-20T12:00:00Z')]);
    await desk.bring(runId, 'staged');
    done(await desk.runs.stop(runId, BRYN, 'not today'));
    const next = await desk.planned([await fileOfDay(source, rentCsv(people(2)), '2026-10-01T12:00:00Z')]);
    expect(next.parts[0]?.isOlder).toBe(false);
  });
});

describe('one at a time', () => {
  it('E7: decides about the rows of a source; who is refused one source holds none of the others', async () => {
    const [one, two, three] = [
      await desk.newSource('busy-1'),
      await desk.newSource('busy-2'),
      await desk.newSource('busy-3'),
    ];
    const file = async (source: string) => desk.file(source, rentCsv(people(2)));
    const first = await desk.approved([await file(two)]);
    const both = await desk.approved([await file(one), await file(two), await file(three)]);
    const third = await desk.approved([await file(three)]);
    await desk.bring(first.runId, 'staged');
    expect(await desk.runs.advance(both.runId, 'staged', OLWEN)).toEqual(refused('source-busy'));
    expect((await desk.bring(third.runId, 'reconciled')).state).toBe('reconciled');
    done(await desk.runs.stop(first.runId, OLWEN, 'to make way'));
    expect(await desk.runs.advance(both.runId, 'staged', OLWEN)).toMatchObject({ outcome: 'done' });
    await desk.workOn(both.runId);
    expect(await desk.runs.undo(third.runId, OLWEN, 'that was wrong')).toEqual(refused('source-busy'));
    done(await desk.runs.stop(both.runId, OLWEN, 'to make way'));
    expect(await desk.db.query({ text: 'SELECT * FROM source_runs' })).toEqual([]);
  });

  it('E7: an import waits for the run of its source; a rehearsal of one does not', async () => {
    const source = await desk.newSource('held');
    const { runId } = await desk.approved([await desk.file(source, rentCsv(people(2)))]);
    await desk.bring(runId, 'staged');
    expect(await desk.importText(rentCsv(people(1, 'Bob')), { source })).toMatchObject({
      outcome: 'refused',
      problems: [{ field: 'source', code: 'source_busy' }],
    });
    expect(await desk.importText(rentCsv(people(1)), { source, rehearse: true })).toMatchObject({
      outcome: 'rehearsed',
    });
    await desk.bring(runId, 'reconciled');
    expect(await desk.importText(rentCsv(people(1, 'Bob')), { source })).toMatchObject({ changed: 1 });
  });

  it('E7: an import that is under way ends with the batch before a run begins', async () => {
    const source = await desk.newSource('overtaken');
    const { runId } = await desk.approved([await desk.file(source, rentCsv(people(2)))]);
    const csv = rentCsv(people(4000, 'Bob'));
    const inLedger = async (): Promise<number> => (await desk.ledger(source)).length;
    async function* twoHalves() {
      yield Buffer.from(csv.slice(0, csv.length / 2));
      await expect.poll(inLedger).toBeGreaterThan(0);
      await desk.bring(runId, 'staged');
      yield Buffer.from(csv.slice(csv.length / 2));
    }
    expect(await desk.importText('', { source, stream: twoHalves() })).toMatchObject({
      outcome: 'refused',
      problems: [{ code: 'source_busy', message: expect.stringContaining('Rows of the file that came before it') }],
    });
    expect(await inLedger()).toBeLessThan(4000);
    await desk.bring(runId, 'reconciled');
    expect((await desk.runs.balance(runId))?.sheet.balanced).toBe(true);
  });
});
