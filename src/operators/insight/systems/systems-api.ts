import { type Static, Type } from 'typebox';
import type { SystemProgress } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import { type DescribedApi, orNull, Time } from '../../api/describe-api.ts';
import { forecastTail } from '../forecast/fit-tail.ts';
import type { InsightDeps } from '../insight-deps.ts';
import { writeCsv } from '../write-csv.ts';
import { chooseSystems, readSystemsAsked } from './choose-systems.ts';

const Count = Type.Integer({ minimum: 0 });
const State = Type.Enum(['waiting', 'moving', 'done']);

const System = Type.Object({
  source: Type.String(),
  name: Type.String(),
  department: Type.String(),
  method: orNull(Type.String()),
  suspended: Type.Boolean(),
  state: State,
  waiting: Count,
  adopted: Count,
  other: Count,
  liveRun: orNull(Type.String()),
  lastRun: orNull(Type.Object({ runId: Type.String(), state: Type.String(), at: Time })),
  countedAt: orNull(Time),
});

const SystemHistory = Type.Object({
  system: System,
  days: Type.Array(Type.Object({ day: Type.String(), waiting: Count, adopted: Count, other: Count })),
  /** Null: the counts do not say. */
  tail: orNull(
    Type.Object({
      floor: Type.Object({ low: Type.Number(), likely: Type.Number(), high: Type.Number() }),
      settlesBy: Type.String(),
    }),
  ),
});

const text = Type.Optional(Type.String({ maxLength: 200 }));
const Asked = Type.Object(
  { search: text, department: text, method: text, state: text, sort: text },
  { additionalProperties: false },
);

/** The numbers that the pages of systems are drawn from. */
export function addSystemsApi(api: DescribedApi, { migration }: InsightDeps): void {
  const { progress } = migration;
  api.json({
    method: 'GET',
    path: '/operators/api/systems',
    needs: 'systems.see',
    summary: 'All old account systems, and how far each is',
    response: Type.Object({ systems: Type.Array(System) }),
    answer: async () => ({ systems: (await progress.systems()).map(toJson) }),
  });
  api.file({
    method: 'GET',
    path: '/operators/api/systems.csv',
    needs: 'systems.see',
    summary: 'The same as CSV, narrowed and sorted as on the page',
    produces: 'text/csv',
    query: Asked,
    answer: async ({ query, reply }) => {
      const chosen = chooseSystems(await progress.systems(), readSystemsAsked(query), 'en');
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="systems.csv"')
        .send(systemsCsv(chosen));
    },
  });
  api.json({
    method: 'GET',
    path: '/operators/api/systems/:source',
    needs: 'systems.see',
    summary: 'One system, day by day, with a forecast of its tail',
    response: SystemHistory,
    answer: ({ params }) => historyOf(progress, params.source),
  });
  api.file({
    method: 'GET',
    path: '/operators/api/systems/:source/history.csv',
    needs: 'systems.see',
    summary: 'The days of one system as CSV',
    produces: 'text/csv',
    answer: async ({ params, reply }) => {
      const days = await progress.history(params.source);
      if (days.length === 0) throw new LatchkeyError('not_found', 'Nothing has been counted of this system.');
      const rows = days.map(({ day, waiting, adopted, other }) => [day, waiting, adopted, other]);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${params.source}.csv"`)
        .send(writeCsv(['day', 'waiting', 'adopted', 'other'], rows));
    },
  });
}

const toJson = ({ isSuspended, name, method, liveRun, lastRun, countedAt, ...one }: SystemProgress) =>
  ({
    ...one,
    name: name.en,
    suspended: isSuspended,
    method: method ?? null,
    liveRun: liveRun ?? null,
    lastRun: lastRun ? { ...lastRun, at: lastRun.at.toISOString() } : null,
    countedAt: countedAt?.toISOString() ?? null,
  }) satisfies Static<typeof System>;

const systemsCsv = (systems: readonly SystemProgress[]): string =>
  writeCsv(
    ['source', 'name', 'department', 'method', 'state', 'waiting', 'adopted', 'other', 'counted_at'],
    systems.map((one) => [
      one.source,
      one.name.en,
      one.department,
      one.method,
      one.state,
      one.waiting,
      one.adopted,
      one.other,
      one.countedAt?.toISOString(),
    ]),
  );

const DAY_MS = 24 * 3600 * 1000;

async function historyOf(
  progress: InsightDeps['migration']['progress'],
  source: string,
): Promise<Static<typeof SystemHistory>> {
  const [systems, days] = await Promise.all([progress.systems(), progress.history(source)]);
  const system = systems.find((one) => one.source === source);
  if (system === undefined) throw new LatchkeyError('not_found', 'There is no such system.');
  const forecast = forecastTail(days.map(({ day, waiting }) => ({ day: Date.parse(day) / DAY_MS, waiting })));
  return {
    system: toJson(system),
    days: days.map(({ day, waiting, adopted, other }) => ({ day, waiting, adopted, other })),
    tail:
      forecast.outcome === 'forecast'
        ? { floor: forecast.floor, settlesBy: new Date(forecast.settlesBy * DAY_MS).toISOString().slice(0, 10) }
        : null,
  };
}
