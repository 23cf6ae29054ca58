import { expect, it } from 'vitest';
import type { Run, RunPart } from '../../../migration/index.ts';
import { runOf } from '../../../../test/support/run-of.ts';
import { liveProgress } from './sum-parts.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const part = (changes: Partial<RunPart>): RunPart =>
  ({ fileBytes: 100, done: 'staged', counts: {}, progress: undefined, ...changes }) as RunPart;
const running = (...parts: RunPart[]): Run =>
  runOf({ state: 'running', stateSince: new Date(NOW.getTime() - 6000), parts });

const at = NOW.toISOString();

it('counts the rows of files that are through and of those under way, and reckons with both', () => {
  const through = part({ done: 'ran', counts: { run: { read: 600, codes: {}, seconds: 1 } } });
  const half = part({ progress: { phase: 'running', rows: 300, share: 0.5, rowsPerSecond: 100, at } });
  const live = liveProgress(running(through, half), NOW);
  expect(live).toMatchObject({ parts: 2, partsDone: 1, rows: 900, share: 0.75, rowsPerSecond: 100, secondsLeft: 3 });
});

it('has a rate where small files follow each other too, and none while it is paused', () => {
  const through = part({ done: 'ran', counts: { run: { read: 600, codes: {}, seconds: 1 } } });
  const run = running(through, part({}));
  expect(liveProgress(run, NOW)).toMatchObject({ rows: 600, rowsPerSecond: 100, secondsLeft: 6 });
  const paused = liveProgress({ ...run, pausedAt: NOW }, NOW);
  expect(paused).toMatchObject({ rows: 600, rowsPerSecond: 0 });
  expect(paused?.secondsLeft).toBeUndefined();
});

it('is nothing where nobody is at work', () => {
  expect(liveProgress({ ...running(), state: 'rehearsed' }, NOW)).toBeUndefined();
});
