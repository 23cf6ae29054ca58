import { type Static, Type } from 'typebox';
import { type OperatorAct, type SideBySide, type Sides, takesTyped } from '../../migration/index.ts';
import type { Permission } from '../access/permissions.ts';
import type { Standing } from './sides-deps.ts';

/** What comes with a move, from a form or from a program. */
export const MoveFields = Type.Object(
  {
    /** What it rests on: the first of two people must say, and the second reads it. */
    evidence: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { additionalProperties: false },
);
export type MoveFields = Static<typeof MoveFields>;

type Acted = Awaited<ReturnType<SideBySide['finalise'] | SideBySide['cutover']['complain']>>;

interface Move {
  readonly needs: Permission;
  /** Whether it is offered to somebody; it is judged where it is done. */
  readonly isPossible: (standing: Standing, actor: string) => boolean;
  readonly make: (sides: SideBySide, source: string, act: OperatorAct) => Promise<Acted>;
}

const isStepwise = ({ step, plan }: Sides): boolean => plan !== undefined && step < plan.steps.length;

/** Whether the step may be left for the next one by one person. */
export const goesWell = ({ status: { sides, watched } }: Standing): boolean =>
  sides.step === 0 || (watched?.new !== undefined && watched.broken === undefined);

const canCompare = ({ source, status: { sides } }: Standing): boolean =>
  sides.finalisedAt === undefined && takesTyped(source.definition) && source.definition.scheme !== 'none';

const isOthers = (request: { readonly askedBy: string } | undefined, actor: string): boolean =>
  request !== undefined && request.askedBy !== actor;

/**
 * Every move that an operator can ask for. Where two people are needed, asking and approving are moves of their own, as they
 * are rights of their own: nobody who may only drive approves what another driver has asked for.
 */
export const MOVES = {
  next: {
    needs: 'cutover.drive',
    isPossible: (standing) => isStepwise(standing.status.sides) && goesWell(standing),
    make: (sides, source, act) => sides.cutover.next(source, act),
  },
  'approve-anyway': {
    needs: 'cutover.approve',
    isPossible: ({ requests }, actor) => isOthers(requests.anyway, actor),
    make: (sides, source, act) => sides.cutover.next(source, { ...act, anyway: true, only: 'approve' }),
  },
  'ask-anyway': {
    needs: 'cutover.drive',
    isPossible: (standing) =>
      isStepwise(standing.status.sides) && !goesWell(standing) && standing.requests.anyway === undefined,
    make: (sides, source, act) => sides.cutover.next(source, { ...act, anyway: true, only: 'ask' }),
  },
  back: {
    needs: 'cutover.drive',
    isPossible: ({ status }) => status.sides.step > 0,
    make: (sides, source, { meta }) => sides.cutover.back(source, { meta }),
  },
  'to-start': {
    needs: 'cutover.drive',
    isPossible: ({ status }) => status.sides.step > 1,
    make: (sides, source, { meta }) => sides.cutover.back(source, { meta, toStart: true }),
  },
  complain: {
    needs: 'cutover.complain',
    isPossible: ({ status }) => status.sides.step > 0,
    make: (sides, source, { meta }) => sides.cutover.complain(source, meta),
  },
  'shadow-on': {
    needs: 'cutover.drive',
    isPossible: (standing) => canCompare(standing) && standing.status.sides.shadowSince === undefined,
    make: (sides, source, { meta }) => sides.shadow.on(source, meta),
  },
  'shadow-off': {
    needs: 'cutover.drive',
    isPossible: ({ status }) => status.sides.shadowSince !== undefined,
    make: (sides, source, { meta }) => sides.shadow.off(source, meta),
  },
  'approve-finalise': {
    needs: 'cutover.approve',
    isPossible: ({ requests }, actor) => isOthers(requests.finalise, actor),
    make: (sides, source, act) => sides.finalise(source, { ...act, only: 'approve' }),
  },
  'ask-finalise': {
    needs: 'cutover.drive',
    isPossible: ({ status, requests }) => status.sides.finalisedAt === undefined && requests.finalise === undefined,
    make: (sides, source, act) => sides.finalise(source, { ...act, only: 'ask' }),
  },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;
export const MOVE_NAMES = Object.keys(MOVES).filter((name): name is MoveName => name in MOVES);

/** What this operator can ask for now: only what would be done. */
export function movesFor(
  standing: Standing,
  operator: { readonly actor: string; readonly permissions: ReadonlySet<Permission> },
): readonly MoveName[] {
  return MOVE_NAMES.filter(
    (name) => operator.permissions.has(MOVES[name].needs) && MOVES[name].isPossible(standing, operator.actor),
  );
}

/** Whether a plan can be put on record, or another one in its place. */
export const canPlan = (standing: Standing): boolean => canCompare(standing) && standing.status.sides.step === 0;
