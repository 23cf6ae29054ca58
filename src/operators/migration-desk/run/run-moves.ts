import { type Static, Type } from 'typebox';
import {
  isWorking,
  type Run,
  RUN_MOVES,
  type RunMeta,
  type RunMoved,
  type Runs,
  type RunState,
} from '../../../migration/index.ts';
import type { Permission } from '../../access/permissions.ts';

/** What comes with a move, from a form or from a program. */
export const MoveFields = Type.Object(
  {
    /** Why it is stopped or undone. */
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    /** The approver knows that a file is older than the last one of its source. */
    olderFile: Type.Optional(Type.Literal('known')),
  },
  { additionalProperties: false },
);
export type MoveFields = Static<typeof MoveFields>;

interface Move {
  readonly needs: Permission;
  /** Whether it is offered; who presses the button is judged where it is done. */
  readonly isPossible: (run: Pick<Run, 'state' | 'pausedAt'>) => boolean;
  readonly make: (runs: Runs, runId: string, meta: RunMeta, fields: MoveFields) => Promise<RunMoved>;
}

const restsIn =
  (...states: readonly RunState[]) =>
  ({ state }: Pick<Run, 'state'>): boolean =>
    states.includes(state);

const canBecome =
  (next: RunState) =>
  ({ state }: Pick<Run, 'state'>): boolean =>
    RUN_MOVES[state].some((one) => one === next);

/** Every move that an operator can ask of a run, in the order in which the buttons stand. */
export const MOVES = {
  validate: {
    needs: 'runs.drive',
    isPossible: restsIn('planned'),
    make: (runs, runId, meta) => runs.advance(runId, 'validated', meta),
  },
  rehearse: {
    needs: 'runs.drive',
    isPossible: restsIn('planned', 'validated'),
    make: (runs, runId, meta) => runs.advance(runId, 'rehearsed', meta),
  },
  approve: {
    needs: 'runs.approve',
    isPossible: restsIn('rehearsed'),
    make: (runs, runId, meta, { olderFile }) => runs.approve(runId, meta, { olderFile: olderFile === 'known' }),
  },
  revalidate: {
    needs: 'runs.drive',
    isPossible: restsIn('rehearsed'),
    make: (runs, runId, meta) => runs.advance(runId, 'validated', meta),
  },
  start: {
    needs: 'runs.drive',
    isPossible: restsIn('approved', 'staged'),
    make: (runs, runId, meta) => runs.advance(runId, 'reconciled', meta),
  },
  stage: {
    needs: 'runs.drive',
    isPossible: restsIn('approved'),
    make: (runs, runId, meta) => runs.advance(runId, 'staged', meta),
  },
  resume: {
    needs: 'runs.drive',
    isPossible: ({ pausedAt }) => pausedAt !== undefined,
    make: (runs, runId, meta) => runs.resume(runId, meta),
  },
  pause: {
    needs: 'runs.drive',
    isPossible: ({ state, pausedAt }) => isWorking(state) && pausedAt === undefined,
    make: (runs, runId, meta) => runs.pause(runId, meta),
  },
  stop: {
    needs: 'runs.drive',
    isPossible: canBecome('stopped'),
    make: (runs, runId, meta, { reason = '' }) => runs.stop(runId, meta, reason),
  },
  undo: {
    needs: 'runs.undo',
    isPossible: (run) => canBecome('undoing')(run),
    make: (runs, runId, meta, { reason = '' }) => runs.undo(runId, meta, reason),
  },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;
export const MOVE_NAMES = Object.keys(MOVES).filter((name): name is MoveName => name in MOVES);

/** What this operator can ask of this run now. Who planned a run is not offered its approval: it would be refused. */
export function movesFor(
  run: Pick<Run, 'state' | 'pausedAt' | 'plannedBy' | 'approvedBy'>,
  operator: { readonly actor: string; readonly permissions: ReadonlySet<Permission> },
): readonly MoveName[] {
  return MOVE_NAMES.filter((name) => {
    const { needs, isPossible } = MOVES[name];
    if (!operator.permissions.has(needs) || !isPossible(run)) return false;
    if (name === 'undo') return run.approvedBy !== undefined;
    return name !== 'approve' || operator.actor !== run.plannedBy;
  });
}
