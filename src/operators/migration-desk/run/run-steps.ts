import { isWorking, type Run, RUN_STEPS, WORK } from '../../../migration/index.ts';

export type StepStatus = 'done' | 'now' | 'paused' | 'asked' | 'waiting' | 'not-reached';

/** In the order of the work: what a part is through with, it is through with what stands before. */
const PARTS_ORDER = ['planned', 'validated', 'rehearsed', 'staged', 'ran', 'undone'] as const;

type Step = (typeof RUN_STEPS)[number];

/** Where a run is, as a list of steps. */
export function stepsOf(
  run: Run,
  hasBalance: boolean,
): readonly { readonly step: Step; readonly status: StepStatus }[] {
  const working = isWorking(run.state) ? WORK[run.state].next : undefined;
  const isOver =
    run.state === 'stopped' || run.state === 'refused' || run.state === 'undoing' || run.state === 'undone';
  let isNext = true;
  return RUN_STEPS.map((step) => {
    if ((step === 'reconciled' ? hasBalance : isDone(run, step)) && step !== working) return { step, status: 'done' };
    if (step === working) {
      isNext = false;
      return { step, status: run.pausedAt ? 'paused' : 'now' };
    }
    if (isOver) return { step, status: 'not-reached' };
    const status = isNext && step === 'approved' && run.state === 'rehearsed' ? 'asked' : 'waiting';
    isNext = false;
    return { step, status };
  });
}

function isDone(run: Run, step: Exclude<Step, 'reconciled'>): boolean {
  if (step === 'approved') return run.approvedBy !== undefined;
  const needed = PARTS_ORDER.indexOf(step);
  return run.parts.length > 0 && run.parts.every(({ done }) => PARTS_ORDER.indexOf(done) >= needed);
}
