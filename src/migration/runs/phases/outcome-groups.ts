import { type OutcomeCounts, ROW_OUTCOMES, type RowOutcome } from '../desk/run-types.ts';

/** From a line to a line, both of them rows and all between them too. */
export type LineRange = readonly [from: number, to: number];

/** Rows of one batch that became the same, by line. What is alike in a batch of a thousand rows is one line of text. */
export interface OutcomeGroup {
  readonly outcome: RowOutcome;
  readonly code?: string | undefined;
  readonly effect: 'insert' | 'change' | 'none';
  readonly lines: readonly LineRange[];
}

export interface OutcomeOfRow {
  readonly line: number;
  readonly outcome: RowOutcome;
  readonly code?: string | undefined;
  readonly effect: OutcomeGroup['effect'];
}

/** Of rows in any order. */
export function groupOutcomes(rows: readonly OutcomeOfRow[]): readonly OutcomeGroup[] {
  const groups = Map.groupBy(rows, ({ outcome, code = '', effect }) => `${outcome} ${code} ${effect}`);
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const { outcome, code, effect } = first;
    return [{ outcome, ...(code !== undefined && { code }), effect, lines: rangesOf(all.map(({ line }) => line)) }];
  });
}

export function rangesOf(lines: readonly number[]): LineRange[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}

export function* linesOf(ranges: readonly LineRange[]): Generator<number> {
  for (const [from, to] of ranges) for (let line = from; line <= to; line += 1) yield line;
}

export const countLines = (ranges: readonly LineRange[]): number =>
  ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);

export const NO_OUTCOMES: OutcomeCounts = {
  new: 0,
  changed: 0,
  unchanged: 0,
  linked: 0,
  'needs-proof': 0,
  rejected: 0,
  outside: 0,
};

export interface Counted {
  readonly outcomes: OutcomeCounts;
  readonly codes: Readonly<Record<string, number>>;
}

export function countGroups(groups: readonly OutcomeGroup[]): Counted {
  const outcomes = { ...NO_OUTCOMES };
  const codes: Record<string, number> = {};
  for (const { outcome, code, lines } of groups) {
    const rows = countLines(lines);
    outcomes[outcome] += rows;
    if (code !== undefined) codes[code] = (codes[code] ?? 0) + rows;
  }
  return { outcomes, codes };
}

export function addCounts(all: readonly Counted[]): Counted {
  const outcomes = { ...NO_OUTCOMES };
  const codes: Record<string, number> = {};
  for (const one of all) {
    for (const outcome of ROW_OUTCOMES) outcomes[outcome] += one.outcomes[outcome];
    for (const [code, times] of Object.entries(one.codes)) codes[code] = (codes[code] ?? 0) + times;
  }
  return { outcomes, codes };
}
