import type { ShadowReport } from '../../migration/index.ts';
import { type Fill, keySquare, stackedBar } from '../insight/charts/stacked-bar.ts';
import type { SidesView } from './describe-step.ts';

const FILLS = {
  'both-yes': 'full',
  'old-only': 'warn',
  'new-only': 'stripes',
  'both-no': 'empty',
  'old-away': 'cross',
  'new-away': 'dots',
  moved: 'pale',
} as const satisfies Record<keyof ShadowReport['results'], Fill>;
type Result = keyof typeof FILLS;
const RESULTS = Object.keys(FILLS).filter((name): name is Result => name in FILLS);

/**
 * What both sides may say differently, and whom it is a share of: those whom either let in, or those whom both did, as only
 * of them both say more.
 */
const ABOUT = {
  password: 'either',
  missing: 'either',
  person: 'both',
  status: 'either',
  email: 'both',
  phone: 'both',
  name: 'both',
} as const satisfies Record<keyof ShadowReport['differs'], 'either' | 'both'>;
type About = keyof typeof ABOUT;
const ABOUTS = Object.keys(ABOUT).filter((name): name is About => name in ABOUT);

/** What both sides have said of the same sign-ins. Undefined: shadow mode was never on, or nobody has come. */
export function describeShadow(report: ShadowReport, { t, formats }: SidesView): object | undefined {
  const { results, differs, agreement } = report;
  const parts = RESULTS.map((result) => ({
    label: t(`operators.sideBySide.shadow.results.${result}`),
    value: results[result],
    fill: FILLS[result],
  }));
  if (parts.every(({ value }) => value === 0)) return undefined;
  const both = results['both-yes'];
  const of = { both, either: both + results['old-only'] + results['new-only'] };
  return {
    agreement: agreement === undefined ? undefined : formats.share(agreement),
    svg: stackedBar({ id: 'shadow', title: t('operators.sideBySide.shadow.bar'), parts, number: formats.number }),
    results: parts
      .map(({ label, value, fill }, index) => ({
        label,
        square: keySquare(`shadow-key-${index}`, fill),
        count: value,
        value: formats.number(value),
      }))
      .filter(({ count }) => count > 0),
    about: ABOUTS.map((what) => describeAbout({ what, differ: differs[what], of: of[ABOUT[what]] }, { t, formats })),
  };
}

function describeAbout(
  { what, differ, of }: { readonly what: About; readonly differ: number; readonly of: number },
  { t, formats }: SidesView,
): object {
  const label = t(`operators.sideBySide.shadow.about.${what}`);
  const parts = [
    { label: t('operators.sideBySide.shadow.agree'), value: of - differ, fill: 'full' },
    { label: t('operators.sideBySide.shadow.differ'), value: differ, fill: 'warn' },
  ] as const;
  const bar = { id: `agree-${what}`, title: label, parts, number: formats.number, width: 160, height: 16 };
  return {
    label,
    differ: formats.number(differ),
    agree: of === 0 ? '–' : formats.share((of - differ) / of),
    svg: of === 0 ? undefined : stackedBar(bar),
  };
}
