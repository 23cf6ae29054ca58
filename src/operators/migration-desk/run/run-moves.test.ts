import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Run, RUN_MOVES, type RunPart, type RunState } from '../../../migration/index.ts';
import { runOf as run } from '../../../../test/support/run-of.ts';
import { permissionsOf, type Role } from '../../access/permissions.ts';
import { MOVE_NAMES, movesFor } from './run-moves.ts';
import { stepsOf } from './run-steps.ts';

const STATES = Object.keys(RUN_MOVES).filter((state): state is RunState => state in RUN_MOVES);
const person = (actor: string, ...roles: Role[]) => ({ actor, permissions: permissionsOf(roles) });
const olwen = person('operator:olwen', 'migrator');
const bryn = person('operator:bryn', 'approver');
const both = person('operator:olwen', 'migrator', 'approver');

describe('the moves that are offered', () => {
  it.each([
    [run({}), olwen, ['validate', 'rehearse', 'stop']],
    [run({ state: 'rehearsing' }), olwen, ['pause', 'stop']],
    [run({ state: 'running', pausedAt: new Date(0) }), olwen, ['resume', 'stop']],
    [run({ state: 'rehearsed' }), bryn, ['approve']],
    [run({ state: 'rehearsed' }), both, ['revalidate', 'stop']],
    [run({ state: 'approved', approvedBy: 'operator:bryn' }), olwen, ['start', 'stage', 'stop']],
    [run({ state: 'reconciled', approvedBy: 'operator:bryn' }), bryn, ['undo']],
    [run({ state: 'stopped' }), bryn, []],
    [run({ state: 'refused' }), both, []],
  ])('fit the state, the roles and the person: %#', (one, who, moves) => {
    expect(movesFor(one, who)).toEqual(moves);
  });

  it('L17: never offer an approval to who planned, nor anything to who only looks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.boolean(), (state, isPaused) => {
        const one = run({ state, ...(isPaused && { pausedAt: new Date(0) }) });
        expect(movesFor(one, both)).not.toContain('approve');
        expect(movesFor(one, person('operator:v', 'viewer', 'support', 'administrator'))).toEqual([]);
        expect(new Set(movesFor(one, person('operator:b', 'migrator', 'approver'))).size).toBeLessThan(
          MOVE_NAMES.length,
        );
      }),
    );
  });
});

describe('the steps of a run', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of a part is read
  const part = (done: RunPart['done']): RunPart => ({ done }) as RunPart;
  const statuses = (one: Run): string[] => stepsOf(one, one.state === 'reconciled').map(({ status }) => status);

  it.each([
    [run({ parts: [part('planned')] }), ['waiting', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']],
    [
      run({ state: 'validating', parts: [part('validated'), part('planned')] }),
      ['now', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting'],
    ],
    [
      run({ state: 'rehearsed', parts: [part('rehearsed')] }),
      ['done', 'done', 'asked', 'waiting', 'waiting', 'waiting'],
    ],
    [
      run({ state: 'running', pausedAt: new Date(0), approvedBy: 'b', parts: [part('staged')] }),
      ['done', 'done', 'done', 'done', 'paused', 'waiting'],
    ],
    [
      run({ state: 'reconciled', approvedBy: 'b', parts: [part('ran')] }),
      ['done', 'done', 'done', 'done', 'done', 'done'],
    ],
    [
      run({ state: 'stopped', parts: [part('validated')] }),
      ['done', 'not-reached', 'not-reached', 'not-reached', 'not-reached', 'not-reached'],
    ],
  ])('say where it is: %#', (one, expected) => {
    expect(statuses(one)).toEqual(expected);
  });
});
