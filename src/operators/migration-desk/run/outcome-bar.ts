import { ROW_OUTCOMES, type OutcomeCounts } from '../../../migration/index.ts';
import type { Translate } from '../../../platform/pages/translations.ts';
import { type Fill, keySquare, stackedBar } from '../../insight/charts/stacked-bar.ts';
import type { Formats } from '../../insight/formats.ts';

const FILLS = {
  new: 'full',
  changed: 'stripes',
  unchanged: 'pale',
  linked: 'cross',
  'needs-proof': 'dots',
  rejected: 'warn',
  outside: 'empty',
} as const satisfies Record<keyof OutcomeCounts, Fill>;

export interface OutcomeBar {
  readonly id: string;
  readonly title: string;
  readonly outcomes: OutcomeCounts;
  /** Rows that a stopped run did not come to. */
  readonly notRun?: number;
  readonly t: Translate;
  readonly formats: Formats;
  readonly small?: boolean;
}

interface DrawnOutcomes {
  readonly svg: string;
  readonly rows: readonly {
    readonly outcome: string;
    readonly label: string;
    readonly hint: string;
    readonly square: string;
    readonly count: number;
    readonly value: string;
    readonly share: string;
  }[];
}

/** What became of all rows: a bar, and the same as rows of a table. */
export function outcomeBar({ id, title, outcomes, notRun = 0, t, formats, small = false }: OutcomeBar): DrawnOutcomes {
  const all: { outcome: string; value: number; fill: Fill }[] = [
    ...ROW_OUTCOMES.map((outcome) => ({ outcome, value: outcomes[outcome], fill: FILLS[outcome] })),
    ...(notRun > 0 ? [{ outcome: 'not-run', value: notRun, fill: 'empty' } as const] : []),
  ];
  const parts = all.map(({ outcome, ...part }) => ({
    ...part,
    outcome,
    label: t(`operators.migrationDesk.outcomes.${outcome}`),
  }));
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  return {
    svg: stackedBar({ id, title, parts, number: formats.number, ...(small && { width: 160, height: 16 }) }),
    rows: parts
      .filter(({ value, outcome }) => value > 0 || outcome === 'new' || outcome === 'rejected')
      .map(({ outcome, label, value, fill }, index) => ({
        outcome,
        label,
        hint: t(`operators.migrationDesk.outcomeHints.${outcome}`),
        square: keySquare(`${id}-key-${index}`, fill),
        count: value,
        value: formats.number(value),
        share: total === 0 ? '–' : formats.share(value / total),
      })),
  };
}
