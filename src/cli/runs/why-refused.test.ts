import { expect, it } from 'vitest';
import type { Run, RunRefusal } from '../../migration/index.ts';
import { CommandFailure } from '../exit-codes.ts';
import { moved } from './why-refused.ts';

const REASONS = [
  'not-now',
  'not-an-operator',
  'same-operator',
  'older-file',
  'source-busy',
  'changed-since',
  'reason-missing',
  'reason-personal',
] as const satisfies readonly RunRefusal[];

const before: Run = {
  runId: '0199d1c2-4b07-7000-8000-000000000000',
  title: 'A run',
  state: 'undone',
  stateSince: new Date(),
  target: undefined,
  pausedAt: undefined,
  cohort: 10_000,
  plannedBy: 'operator:olwen',
  plannedAt: new Date(),
  approvedBy: 'operator:bryn',
  approvedAt: new Date(),
  note: undefined,
  problems: [],
  parts: [],
};

it.each(REASONS)('%s ends with 5, in words and with its code', (reason) => {
  const act = (): unknown => moved(before, { outcome: 'refused', reason });
  expect(act).toThrow(CommandFailure);
  expect(act).toThrow(
    expect.objectContaining({ exitCode: 5, message: expect.stringMatching(new RegExp(`^[A-Z].+\\[${reason}\\]$`)) }),
  );
});

it('says of a run that is over that nothing can be done to it', () => {
  expect(() => moved(before, { outcome: 'refused', reason: 'not-now' })).toThrow(
    'It is undone. Nothing can be done to it any more.',
  );
});
