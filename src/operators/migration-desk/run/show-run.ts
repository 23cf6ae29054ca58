import type { Run, RunPart, RunRefusal } from '../../../migration/index.ts';
import { isWorking } from '../../../migration/index.ts';
import type { PageError } from '../../../platform/pages/create-pages.ts';
import type { Translate } from '../../../platform/pages/translations.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { stackedBar } from '../../insight/charts/stacked-bar.ts';
import { type Formats, formatsFor } from '../../insight/formats.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { describePart, rejectedOf } from '../parts/describe-part.ts';
import { listParts } from '../parts/list-parts.ts';
import { outcomeBar } from './outcome-bar.ts';
import { movesFor } from './run-moves.ts';
import { stepsOf } from './run-steps.ts';
import { sayCodes } from './say-codes.ts';
import { stateTone } from './state-tone.ts';
import { liveProgress, sumParts } from './sum-parts.ts';

export type RunVisit = OperatorVisit<{ readonly id: string }>;

/** Why a move was not made, for the page that is sent back. */
export interface Refused {
  readonly move: string;
  readonly reason: RunRefusal;
}

const RELOAD_SECONDS = 5;

/** One run: where it is, what can be done now, how far the work is, and what became of its rows. */
export async function showRun(deps: DeskDeps, visit: RunVisit, refused?: Refused): Promise<unknown> {
  const run = await needRun(deps, visit.params.id);
  const view = { t: deps.pages.translate(visit.language), formats: formatsFor(visit.language) };
  const hasBalance = await isBalanced(deps, run);
  const canReload = isWorking(run.state) && run.pausedAt === undefined;
  const isLive = canReload && visit.query['live'] === 'on' && refused === undefined;
  const listed = listParts(
    run.parts.map((part) => ({ ...part, name: part.sourceName })),
    { query: visit.query, shows: SHOWS, kept: isLive ? { live: 'on' } : {}, language: visit.language, t: view.t },
  );
  const here = `/operators/runs/${run.runId}`;
  return visit.show(
    'operators/migration-desk/run/run.njk',
    {
      run: describeRun(run, view),
      hasBalance,
      steps: stepsOf(run, hasBalance && run.state !== 'stopped' && run.state !== 'ran'),
      moves: movesFor(run, visit.operator),
      isOwnPlan: run.state === 'rehearsed' && run.plannedBy === visit.operator.actor,
      hasOlderFile: run.parts.some(({ isOlder }) => isOlder),
      canReload,
      reloadSeconds: isLive ? RELOAD_SECONDS : undefined,
      live: describeLive(run, deps.now(), view),
      numbers: describeNumbers(run, view),
      rowsHref: `${here}/rows`,
      files: { ...listed, rows: listed.rows.map((part) => describePart(part, view)) },
      watchHref: `${here}${listed.hrefWith({ live: 'on' })}`,
      stopHref: `${here}${listed.hrefWith({})}`,
      canMend: visit.operator.permissions.has('runs.plan'),
      undo: describeUndo(run, view),
      errors: refused && [errorOf(refused)],
      backLink: '/operators/runs',
    },
    refused && { status: 409 },
  );
}

/** Which files come first on the page of a run, and can be asked for: what somebody who watches or mends looks for. */
const SHOWS = {
  'at-work': ({ progress }: RunPart) => progress !== undefined,
  rejected: (part: RunPart) => rejectedOf(part) > 0,
};

/** An undone run keeps the sheet of what it had done. That of a stopped one is made when it is asked for: not here. */
async function isBalanced({ migration }: DeskDeps, { runId, state, problems }: Run): Promise<boolean> {
  if (state === 'reconciled' || state === 'stopped') return true;
  // It was made, and does not balance.
  if (state === 'ran') return problems.length > 0;
  if (state !== 'undoing' && state !== 'undone') return false;
  return (await migration.runs.balance(runId)) !== undefined;
}

export const errorOf = ({ move, reason }: Refused): PageError => ({
  field: reason === 'reason-missing' || reason === 'reason-personal' ? `${move}-reason` : 'moves',
  key: `operators.migrationDesk.refusals.${reason}`,
});

export interface RunView {
  readonly t: Translate;
  readonly formats: Formats;
}

export const handleOf = (actor: string): string => actor.replace(/^operator:/, '');

function describeRun(run: Run, { t, formats }: RunView): object {
  const { runId, title, state, stateSince, pausedAt, cohort, note, problems } = run;
  return {
    runId,
    title,
    state: t(`operators.migrationDesk.states.${state}`),
    tone: stateTone(state),
    since: formats.time(stateSince),
    pausedAt: pausedAt && formats.time(pausedAt),
    cohort: cohort === 10_000 ? undefined : formats.share(cohort / 10_000),
    plannedBy: handleOf(run.plannedBy),
    plannedAt: formats.time(run.plannedAt),
    approvedBy: run.approvedBy && handleOf(run.approvedBy),
    approvedAt: run.approvedAt && formats.time(run.approvedAt),
    note,
    problems,
    isRefused: state === 'refused',
    files: run.parts.length,
  };
}

function describeLive(run: Run, now: Date, { t, formats }: RunView): object | undefined {
  const live = liveProgress(run, now);
  if (live === undefined) return undefined;
  const title = t(`operators.migrationDesk.states.${run.state}`);
  const done = Math.round(live.share * 1000);
  const parts = [
    { label: t('operators.migrationDesk.live.done'), value: done, fill: 'full' },
    { label: t('operators.migrationDesk.live.left'), value: 1000 - done, fill: 'empty' },
  ] as const;
  const wraps = run.parts.flatMap(({ wrap }) => wrap ?? []);
  const wrapped = wraps.reduce((sum, one) => sum + one.done, 0);
  const toWrap = wraps.reduce((sum, one) => sum + one.waiting, 0);
  return {
    title,
    svg: stackedBar({ id: 'live', title, parts, number: (value) => formats.share(value / 1000) }),
    share: formats.share(live.share),
    files: live.parts > 1 ? { done: formats.number(live.partsDone), all: formats.number(live.parts) } : undefined,
    rows: formats.number(live.rows),
    rate: live.rowsPerSecond > 0 ? formats.number(Math.round(live.rowsPerSecond)) : undefined,
    left: live.secondsLeft === undefined ? undefined : formats.duration(live.secondsLeft),
    isQuiet: run.pausedAt === undefined && isQuiet(live.heardAt ?? run.stateSince, now),
    wrap: toWrap + wrapped === 0 ? undefined : { done: formats.number(wrapped), all: formats.number(toWrap + wrapped) },
  };
}

const QUIET_MS = 60_000;

/** Nobody works on it: perhaps no worker runs. */
const isQuiet = (heardAt: Date, now: Date): boolean => now.getTime() - heardAt.getTime() > QUIET_MS;

/** Of all files of a run, or of one. */
export function describeNumbers({ parts }: Pick<Run, 'parts'>, view: RunView): object | undefined {
  const sum = sumParts(parts);
  if (sum === undefined) return undefined;
  const { t, formats } = view;
  const title = t(`operators.migrationDesk.numbersOf.${sum.phase}`);
  return {
    title,
    phase: sum.phase,
    pass: sum.phase === 'run' ? 'run' : 'rehearsal',
    read: formats.number(sum.read),
    outcomes: sum.outcomes && outcomeBar({ id: 'outcomes', title, outcomes: sum.outcomes, ...view }),
    codes: sayCodes(sum.codes, view),
    notes: sayCodes(sum.notes, view),
  };
}

function describeUndo(run: Run, { formats }: RunView): object | undefined {
  const undone = run.parts.flatMap(({ counts }) => counts.undo ?? []);
  if (undone.length === 0) return undefined;
  const sum = (of: 'restored' | 'touched' | 'superseded'): string =>
    formats.number(undone.reduce((total, one) => total + one[of], 0));
  return { restored: sum('restored'), touched: sum('touched'), superseded: sum('superseded') };
}
