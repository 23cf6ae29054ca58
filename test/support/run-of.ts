import type { Run } from '../../src/migration/index.ts';

/** A run on which nothing is done yet, with what a test is about. */
export const runOf = (changes: Partial<Run>): Run => ({
  runId: 'r',
  title: 't',
  state: 'planned',
  stateSince: new Date(0),
  target: undefined,
  pausedAt: undefined,
  cohort: 10_000,
  plannedBy: 'operator:olwen',
  plannedAt: new Date(0),
  approvedBy: undefined,
  approvedAt: undefined,
  note: undefined,
  problems: [],
  parts: [],
  ...changes,
});
