import type { SystemProgress } from '../../../migration/index.ts';
import type { Translate } from '../../../platform/pages/translations.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { keySquare, stackedBar } from '../charts/stacked-bar.ts';
import { systemTile } from '../charts/system-tile.ts';
import { type Formats, formatsFor } from '../formats.ts';
import type { InsightDeps } from '../insight-deps.ts';
import { pageOf, pagingOf } from '../paging.ts';
import {
  chooseSystems,
  movedShare,
  nameOf,
  NO_METHOD,
  readSystemsAsked,
  SORTS,
  type SystemsAsked,
  totalOf,
} from './choose-systems.ts';

export const STATE_TONES = { waiting: 'grey', moving: 'blue', done: 'green' } as const;

/** All systems at a glance: how many wait, move and are done, a tile for each, and a table to find one in. */
export async function showSystems({ migration, pages }: InsightDeps, visit: OperatorVisit): Promise<unknown> {
  const { language } = visit;
  const all = await migration.progress.systems();
  const asked = readSystemsAsked(visit.query);
  const chosen = chooseSystems(all, asked, language);
  const at = pageOf(chosen, visit.query['page'], ROWS_A_PAGE);
  const view = { t: pages.translate(language), formats: formatsFor(language), language };
  return visit.show('operators/insight/systems/systems.njk', {
    asked,
    isNarrowed: chosen.length < all.length,
    choices: choicesOf(all, asked, view),
    sorts: SORTS.map((sort) => ({ sort, href: hrefOf({ ...asked, sort }), isCurrent: sort === asked.sort })),
    total: view.formats.number(all.length),
    shown: chosen.length,
    overall: overallOf(chosen, view),
    departments: departmentsOf(chosen, view),
    rows: at.rows.map((one) => rowOf(one, view)),
    paging: pagingOf(at, (page) => `${hrefOf(asked)}&page=${page}#list`, view.t),
    csvHref: `/operators/api/systems.csv${hrefOf(asked)}`,
    jsonHref: '/operators/api/systems',
  });
}

const ROWS_A_PAGE = 40;

interface View {
  readonly t: Translate;
  readonly formats: Formats;
  readonly language: 'en' | 'cy';
}

const hrefOf = ({ search, department, method, state, sort }: SystemsAsked): string => {
  const asked = Object.entries({ search, department, method, state, sort });
  const query = new URLSearchParams(asked.filter(([, value]) => value !== ''));
  return `?${query.toString()}`;
};

function choicesOf(all: readonly SystemProgress[], asked: SystemsAsked, { t }: View): object {
  const any = { value: '', text: t('operators.insight.systems.any') };
  const choice = (values: readonly string[], current: string, words: (value: string) => string): object[] => [
    any,
    ...values.map((value) => ({ value, text: words(value), selected: value === current })),
  ];
  const departments = [...new Set(all.map(({ department }) => department))].toSorted();
  const methods = [...new Set(all.map(({ method }) => method ?? NO_METHOD))].toSorted();
  return {
    departments: choice(departments, asked.department, (value) => value),
    methods: choice(methods, asked.method, (value) =>
      value === NO_METHOD ? t('operators.insight.systems.passwordOnly') : value,
    ),
    states: choice(['waiting', 'moving', 'done'], asked.state, (value) => t(`operators.insight.systemStates.${value}`)),
  };
}

const count = <T>(list: readonly T[], isMeant: (one: T) => boolean): number => list.filter(isMeant).length;
const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);

function overallOf(systems: readonly SystemProgress[], { t, formats }: View): object {
  const states = (['done', 'moving', 'waiting'] as const).map((state) => ({
    label: t(`operators.insight.systemStates.${state}`),
    value: count(systems, (one) => one.state === state),
    fill: ({ done: 'full', moving: 'stripes', waiting: 'empty' } as const)[state],
  }));
  const accounts = [
    { label: t('operators.insight.accounts.adopted'), value: sum(systems, ({ adopted }) => adopted), fill: 'full' },
    { label: t('operators.insight.accounts.other'), value: sum(systems, ({ other }) => other), fill: 'dots' },
    { label: t('operators.insight.accounts.waiting'), value: sum(systems, ({ waiting }) => waiting), fill: 'empty' },
  ] as const;
  const { number } = formats;
  return [
    { id: 'systems', title: t('operators.insight.systems.systemsBar'), parts: states },
    { id: 'accounts', title: t('operators.insight.systems.accountsBar'), parts: accounts },
  ].map(({ id, title, parts }) => ({
    title,
    svg: stackedBar({ id: `bar-${id}`, title, parts, number }),
    key: parts.map(({ label, value, fill }, index) => ({
      label,
      value: number(value),
      square: keySquare(`key-${id}-${index}`, fill),
    })),
  }));
}

function departmentsOf(systems: readonly SystemProgress[], view: View): object[] {
  const byDepartment = Map.groupBy(systems, ({ department }) => department);
  return [...byDepartment]
    .toSorted(([one], [other]) => one.localeCompare(other, view.language))
    .map(([name, ones]) => ({
      name,
      moved: view.formats.share(shareOf(ones)),
      tiles: ones.map((one) => ({
        href: `/operators/systems/${one.source}`,
        label: `${nameOf(one, view.language)}: ${stateWords(one, view)}`,
        svg: systemTile({ state: one.state, moved: one.adopted + one.other, total: totalOf(one) }),
      })),
    }));
}

const shareOf = (systems: readonly SystemProgress[]): number => {
  const total = sum(systems, totalOf);
  return total === 0 ? 0 : sum(systems, ({ adopted, other }) => adopted + other) / total;
};

const stateWords = (one: SystemProgress, { t, formats }: View): string =>
  one.state === 'moving'
    ? `${t('operators.insight.systemStates.moving')}, ${formats.share(movedShare(one))}`
    : t(`operators.insight.systemStates.${one.state}`);

function rowOf(one: SystemProgress, { t, formats, language }: View): object {
  const { source, department, method, state, waiting, adopted, other, isSuspended, liveRun } = one;
  const name = nameOf(one, language);
  return {
    source,
    name,
    department,
    method,
    isSuspended,
    liveRun,
    state: t(`operators.insight.systemStates.${state}`),
    tone: STATE_TONES[state],
    waiting: formats.number(waiting),
    moved: totalOf(one) === 0 ? '–' : formats.share(movedShare(one)),
    bar: stackedBar({
      id: `bar-${source}`,
      title: name,
      parts: [
        { label: t('operators.insight.accounts.adopted'), value: adopted, fill: 'full' },
        { label: t('operators.insight.accounts.other'), value: other, fill: 'dots' },
        { label: t('operators.insight.accounts.waiting'), value: waiting, fill: 'empty' },
      ],
      number: formats.number,
      width: 160,
      height: 16,
    }),
  };
}
