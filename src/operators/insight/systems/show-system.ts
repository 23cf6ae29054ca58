import type { DayProgress, SystemProgress } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { Translate } from '../../../platform/pages/translations.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { burnDown } from '../charts/burn-down.ts';
import { keySquare, stackedBar } from '../charts/stacked-bar.ts';
import { type DayCount, type Forecast, forecastTail } from '../forecast/fit-tail.ts';
import { type Formats, formatsFor } from '../formats.ts';
import type { InsightDeps } from '../insight-deps.ts';
import { movedShare, nameOf, totalOf } from './choose-systems.ts';
import { STATE_TONES } from './show-systems.ts';

const DAY_MS = 24 * 3600 * 1000;
const DAYS_LISTED = 60;

/** One system: how far it is, how it got there day by day, and where that seems to lead. */
export async function showSystem(
  { migration, pages }: InsightDeps,
  visit: OperatorVisit<{ readonly source: string }>,
): Promise<unknown> {
  const { language, params } = visit;
  const [systems, history] = await Promise.all([
    migration.progress.systems(),
    migration.progress.history(params.source),
  ]);
  const system = systems.find(({ source }) => source === params.source);
  if (system === undefined) throw new LatchkeyError('not_found', 'There is no such system.');
  const view = { t: pages.translate(language), formats: formatsFor(language) };
  const name = nameOf(system, language);
  return visit.show('operators/insight/systems/system.njk', {
    name,
    system: { ...describe(system, view), department: system.department },
    accounts: accountsOf(system, name, view),
    plot: history.length === 0 ? undefined : plotOf(history, name, view),
    days: history
      .slice(-DAYS_LISTED)
      .toReversed()
      .map((day) => ({
        day: view.formats.day(new Date(`${day.day}T12:00:00Z`)),
        waiting: view.formats.number(day.waiting),
        adopted: view.formats.number(day.adopted),
        other: view.formats.number(day.other),
      })),
    backLink: '/operators/systems',
  });
}

interface View {
  readonly t: Translate;
  readonly formats: Formats;
}

function describe(system: SystemProgress, { t, formats }: View): object {
  const { source, method, state, isSuspended, liveRun, lastRun, countedAt } = system;
  return {
    source,
    method,
    state: t(`operators.insight.systemStates.${state}`),
    tone: STATE_TONES[state],
    isSuspended,
    liveRun,
    lastRun: lastRun && { runId: lastRun.runId, at: formats.time(lastRun.at) },
    countedAt: countedAt && formats.time(countedAt),
  };
}

function accountsOf(system: SystemProgress, name: string, { t, formats }: View): object {
  const parts = [
    { label: t('operators.insight.accounts.adopted'), value: system.adopted, fill: 'full' },
    { label: t('operators.insight.accounts.other'), value: system.other, fill: 'dots' },
    { label: t('operators.insight.accounts.waiting'), value: system.waiting, fill: 'empty' },
  ] as const;
  const total = totalOf(system);
  return {
    total: formats.number(total),
    moved: formats.share(movedShare(system)),
    svg: stackedBar({ id: 'accounts', title: name, parts, number: formats.number }),
    rows: parts.map(({ label, value, fill }, index) => ({
      label,
      square: keySquare(`key-${index}`, fill),
      value: formats.number(value),
      share: total === 0 ? '–' : formats.share(value / total),
    })),
  };
}

const dayOf = (text: string): number => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);

function plotOf(history: readonly DayProgress[], name: string, view: View): object {
  const counts: DayCount[] = history.map(({ day, waiting }) => ({ day: dayOf(day), waiting }));
  const forecast = forecastTail(counts);
  const { t, formats } = view;
  const said = sayForecast(forecast, view);
  const words = { title: t('operators.insight.system.burnDownOf', { name }), description: said };
  const day = (at: number): string => formats.day(new Date((at + 0.5) * DAY_MS));
  const likely = forecast.outcome === 'forecast' ? formats.about(forecast.floor.likely) : '';
  const floor = (form: string): string => t(`operators.insight.system.${form}`, { likely });
  const sizes = [
    { id: 'burn-wide', width: 900, height: 360, className: 'lk-chart--wide', floor: floor('floorLine') },
    { id: 'burn-narrow', width: 335, height: 290, className: 'lk-chart--narrow', floor: floor('floorShort') },
  ];
  const same = { counts, forecast, number: formats.number, day };
  return {
    said,
    hasForecast: forecast.outcome === 'forecast',
    svgs: sizes.map(({ floor: line, ...size }) => burnDown({ ...size, ...same, words: { ...words, floor: line } })),
  };
}

function sayForecast(forecast: Forecast, { t, formats }: View): string {
  const say = (key: string, values: Record<string, string | number> = {}): string =>
    t(`operators.insight.system.forecast.${key}`, values);
  if (forecast.outcome === 'nothing-waits') return say('nothingWaits');
  if (forecast.outcome === 'too-early') return say('tooEarly', { count: forecast.days, needed: forecast.needed });
  if (forecast.outcome === 'open-ended')
    return forecast.perDay < 1 ? say('still') : say('openEnded', { perDay: formats.about(forecast.perDay) });
  const date = formats.day(new Date(forecast.settlesBy * DAY_MS));
  const { low, likely, high } = forecast.floor;
  if (high < 1) return say('allCome', { date });
  const values = { likely: formats.about(likely), low: formats.about(low), high: formats.about(high), date };
  return say(values.low === values.high ? 'clearTail' : 'tail', values);
}
