import type { Run, RunMoved, RunRefusal } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { stateOf } from './run-words.ts';
import { nextSteps } from './next-steps.ts';

export const WORDS = {
  'not-now': 'It cannot be done from where the run is.',
  'not-an-operator': 'Only operators may. Say who you are: --as NAME.',
  'same-operator': 'Who planned a run cannot approve it: a second person must. Theirs is --as NAME.',
  'older-file':
    'A file is older than the last one of its source and would bring back what has changed since. If that is wanted: --older-file.',
  'source-busy':
    'Another run of one of its sources is under way. Finish, stop or undo that one first: latchkey runs list.',
  'changed-since':
    'The definition of a source changed after this was planned, so what was rehearsed is not what would be done. Stop it and plan anew.',
  'reason-missing': 'Say why, in at least 5 characters: --why "…". It stays on record.',
  'reason-personal': 'Leave out addresses and numbers of people: the reason stays on record for good.',
} as const satisfies Record<RunRefusal, string>;

/** The run as it was moved. @throws CommandFailure that says in words why it was not. */
export function moved(before: Run, answer: RunMoved): Run {
  if (answer.outcome === 'done') return answer.run;
  const { reason } = answer;
  const where = reason === 'not-now' ? ` It is ${stateOf(before)}.${hint(before)}` : '';
  throw new CommandFailure(EXIT.refused, `${WORDS[reason]}${where} [${reason}]`);
}

function hint(run: Run): string {
  const steps = nextSteps(run);
  return steps.length === 0 ? ' Nothing can be done to it any more.' : ` What can be done: ${steps.join('; ')}.`;
}
