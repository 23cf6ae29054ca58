import { expect, it } from 'vitest';
import type { Run, RunPart } from '../../migration/index.ts';
import { progressLines } from '../progress.ts';
import { createRunMeter } from './run-meter.ts';

const part = (number: number, changes: Partial<RunPart>): RunPart => ({
  part: number,
  source: `s${number}`,
  sourceName: 'S',
  department: 'D',
  fileName: 's.csv',
  fileDigest: '00',
  fileBytes: 1000,
  manifest: 'none',
  asOf: undefined,
  isOlder: false,
  policyVersion: 1,
  found: { isGzip: false, format: 'csv', encoding: 'utf-8', columns: [], schemes: [], differences: [] },
  done: 'staged',
  counts: {},
  progress: undefined,
  ...changes,
});

const run = (parts: readonly RunPart[], changes: Partial<Run> = {}): Run => ({
  runId: '0199d1c2-4b07-7000-8000-000000000000',
  title: 'A run',
  state: 'running',
  stateSince: new Date(),
  target: 'reconciled',
  pausedAt: undefined,
  cohort: 10_000,
  plannedBy: 'operator:olwen',
  plannedAt: new Date(),
  approvedBy: 'operator:bryn',
  approvedAt: new Date(),
  note: undefined,
  problems: [],
  parts,
  ...changes,
});

const running = (rows: number, share: number) =>
  ({ phase: 'running', rows, share, rowsPerSecond: 500, at: '2026-11-30T00:00:00Z' }) as const;

it('adds up parts and workers, by the weight of their files, and tells the time that is left', () => {
  let now = 0;
  const describe = createRunMeter(() => now);
  const through = part(0, { done: 'ran', fileBytes: 3000, counts: { run: { read: 3000, codes: {}, seconds: 3 } } });
  expect(describe(run([through, part(1, { progress: running(100, 0.1) })]))).toBe(
    'running: 77 %, 3,100 rows, 500 a second, 1 of 2 files through',
  );
  now = 2000;
  expect(describe(run([through, part(1, { progress: running(500, 0.5) })]))).toBe(
    'running: 87 %, 3,500 rows, 500 a second, 3 s left, 1 of 2 files through',
  );
});

it('tells the wrap of weak hashes on a line of its own, and remembers how far a part was that wraps just now', () => {
  let now = 0;
  const describe = createRunMeter(() => now);
  describe(run([part(0, { progress: running(100, 0.1), wrap: { waiting: 1000, done: 0 } })]));
  now = 1000;
  const wrapping = { ...running(250, 0.9), phase: 'wrapping' } as const;
  expect(describe(run([part(0, { progress: wrapping, wrap: { waiting: 750, done: 250 } })]))).toBe(
    'running: 10 %, 100 rows\nweak hashes wrapped: 25 %, 250 of 1,000, 3 s left',
  );
});

it('says what a run is that rests', () => {
  expect(createRunMeter()(run([], { pausedAt: new Date() }))).toBe('running, paused');
  expect(createRunMeter()(run([part(0, {})], { state: 'validated' }))).toBe('validated');
});

it('rewrites as many lines as it wrote, and leaves none', () => {
  let now = 0;
  let screen = '';
  const terminal = { out: () => {}, err: (text: string) => void (screen += text), isWatched: true };
  const lines = progressLines<string>(
    terminal,
    (text) => text,
    () => now,
  );
  lines.show('too early');
  now = 1500;
  for (const text of ['one\ntwo', 'three']) lines.show(text);
  lines.end();
  lines.end();
  expect(screen).toBe('one\ntwo\u001b[A\r\u001b[Jthree\r\u001b[J');
});
