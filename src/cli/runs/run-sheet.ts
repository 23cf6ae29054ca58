import type { PhaseCounts, Run } from '../../migration/index.ts';
import { count } from '../progress.ts';
import { table } from '../terminal.ts';
import { nextSteps } from './next-steps.ts';
import { cohortOf, phaseOf, rejectedOf, stateOf, sumOf } from './run-words.ts';

export type MeaningOf = (code: string) => string | undefined;

const STEPS = ['planned', 'validated', 'rehearsed', 'approved', 'staged', 'ran', 'reconciled'] as const;
const WAY = [
  'planned',
  'validating',
  'validated',
  'rehearsing',
  'rehearsed',
  'approved',
  'staging',
  'staged',
  'running',
  'ran',
  'reconciled',
] as const;

/** Everything about a run that fits on a screen or two. */
export function runSheet(run: Run, meaningOf: MeaningOf): string {
  const facts = [
    ['run', run.runId],
    ['state', `${stateOf(run)}, since ${run.stateSince.toISOString()}${run.note ? `: ${run.note}` : ''}`],
    ['steps', stepsOf(run)],
    ['planned', `${run.plannedAt.toISOString()} by ${run.plannedBy}, for ${cohortOf(run)}`],
    ...(run.approvedAt ? [['approved', `${run.approvedAt.toISOString()} by ${run.approvedBy}`]] : []),
    ...run.problems.map(({ field, message, code }) => ['problem', `${field}: ${message} [${code}]`]),
  ];
  return [
    `${run.title}\n`,
    table(facts),
    `\n${partsTable(run)}`,
    ofRehearsal(run),
    codesTable(run, meaningOf),
    nextOf(run),
  ].join('');
}

function stepsOf({ state }: Run): string {
  const at = WAY.findIndex((step) => step === state);
  if (at < 0) return state;
  return STEPS.map((step) => (WAY.indexOf(step) <= at ? `[x] ${step}` : `[ ] ${step}`)).join('  ');
}

/** Counts say what happened only once a file is through. */
function ofRehearsal({ parts, approvedBy }: Run): string {
  const isOpen = parts.some(({ counts }) => counts.rehearse && !counts.run);
  return approvedBy !== undefined && isOpen
    ? 'Counts of files that have not run to their end are of the rehearsal.\n'
    : '';
}

const HEAD = [
  'PART',
  'SOURCE',
  'DONE',
  'ROWS',
  'NEW',
  'CHANGED',
  'SAME',
  'LINKED',
  'PROOF',
  'REJECTED',
  'OUTSIDE',
  'FILE',
];

function partsTable(run: Run): string {
  const rows = run.parts.map((part) => {
    const counts = phaseOf(part, run.state);
    const marks = [part.isOlder && 'older than the last', part.manifest !== 'none' && `manifest ${part.manifest}`];
    const file = [part.fileName, ...marks.filter((mark) => mark !== false)].join(', ');
    return [`${part.part}`, part.source, part.done, ...cellsOf(counts), file];
  });
  const sum = ['', 'together', '', ...cellsOf(sumPhases(run.parts.map((part) => phaseOf(part, run.state)))), ''];
  return table([HEAD, ...rows, ...(rows.length > 1 ? [sum] : [])]);
}

const n = (value: number | undefined): string => (value === undefined ? '-' : count(value));

function cellsOf(counts: PhaseCounts | undefined): string[] {
  const outcomes = counts?.outcomes;
  return [
    n(counts?.read),
    n(outcomes?.new),
    n(outcomes?.changed),
    n(outcomes?.unchanged),
    n(outcomes?.linked),
    n(outcomes?.['needs-proof']),
    n(counts && rejectedOf(counts)),
    n(outcomes?.outside),
  ];
}

function sumPhases(all: readonly (PhaseCounts | undefined)[]): PhaseCounts | undefined {
  const known = all.filter((one) => one !== undefined);
  if (known.length === 0) return undefined;
  const outcomes = known.some((one) => one.outcomes) ? sumOf(known.map((one) => one.outcomes)) : undefined;
  return {
    read: known.reduce((sum, { read }) => sum + read, 0),
    rejected: known.reduce((sum, one) => sum + rejectedOf(one), 0),
    outcomes: outcomes && {
      new: outcomes['new'] ?? 0,
      changed: outcomes['changed'] ?? 0,
      unchanged: outcomes['unchanged'] ?? 0,
      linked: outcomes['linked'] ?? 0,
      'needs-proof': outcomes['needs-proof'] ?? 0,
      rejected: outcomes['rejected'] ?? 0,
      outside: outcomes['outside'] ?? 0,
    },
    codes: sumOf(known.map(({ codes }) => codes)),
    notes: sumOf(known.map(({ notes }) => notes)),
    weak: known.reduce((sum, { weak = 0 }) => sum + weak, 0),
    seconds: known.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** Why rows were rejected or wait for proof, and what to look at in rows that are good. */
function codesTable({ parts, state }: Run, meaningOf: MeaningOf): string {
  const codes = sumOf(parts.map((part) => phaseOf(part, state)?.codes));
  const notes = sumOf(parts.map(({ counts }) => counts.validate?.notes));
  const rows = [
    ...Object.entries(codes).map(([code, rows_]) => [code, count(rows_), meaningOf(code) ?? '']),
    ...Object.entries(notes).map(([code, rows_]) => [`note ${code}`, count(rows_), meaningOf(code) ?? '']),
  ];
  const weak = parts.reduce((sum, { counts }) => sum + (counts.validate?.weak ?? 0), 0);
  const wrap = weak > 0 ? `\n${count(weak)} weak hashes are wrapped in argon2id before their rows go in.\n` : '';
  return `${rows.length > 0 ? `\n${table([['CODE', 'ROWS', 'WHAT IT SAYS'], ...rows])}` : ''}${wrap}`;
}

/** What a phase came to, in a few lines. */
export function phaseSheet(run: Run, meaningOf: MeaningOf): string {
  const undone = run.parts.map(({ counts }) => counts.undo).filter((undo) => undo !== undefined);
  const lines =
    run.state === 'undone' ? undoLines(undone) : [...phaseLines(run), ofRehearsal(run), codesTable(run, meaningOf)];
  return [`${run.title} is ${stateOf(run)}.\n`, ...lines, nextOf(run)].join('');
}

const line = (name: string, value: number, remark = ''): string =>
  `  ${name.padEnd(12)}${count(value).padStart(12)}${remark && `  ${remark}`}\n`;

function phaseLines(run: Run): string[] {
  const sum = sumPhases(run.parts.map((part) => phaseOf(part, run.state)));
  if (!sum) return [];
  const { read, outcomes } = sum;
  if (!outcomes) return [line('rows', read), line('good', read - rejectedOf(sum)), line('rejected', rejectedOf(sum))];
  return [
    line('rows', read),
    line('new', outcomes.new),
    line('changed', outcomes.changed),
    line('unchanged', outcomes.unchanged),
    line('linked', outcomes.linked, outcomes.linked > 0 ? 'taken over by their owners, never touched' : ''),
    line(
      'needs-proof',
      outcomes['needs-proof'],
      outcomes['needs-proof'] > 0 ? 'only their owners can settle them' : '',
    ),
    line('rejected', outcomes.rejected),
    ...(outcomes.outside > 0 ? [line('outside', outcomes.outside, `not among ${cohortOf(run)}`)] : []),
  ];
}

function undoLines(
  undone: readonly { readonly restored: number; readonly touched: number; readonly superseded: number }[],
) {
  const sum = (key: 'restored' | 'touched' | 'superseded'): string =>
    count(undone.reduce((all, one) => all + one[key], 0));
  return [
    `  restored    ${sum('restored').padStart(12)}  as they were before this run\n`,
    `  touched     ${sum('touched').padStart(12)}  somebody has taken them over since: left as they are\n`,
    `  superseded  ${sum('superseded').padStart(12)}  a later file changed them: left as they are\n`,
  ];
}

export function nextOf(run: Run): string {
  const steps = nextSteps(run);
  return steps.length === 0 ? '' : `\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}
