import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { PlannedFile } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { Operator } from '../../access/operator.ts';
import type { DescribedApi } from '../../api/describe-api.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { filesOf } from '../plan/read-plan.ts';
import { MOVE_NAMES, MoveFields, MOVES } from '../run/run-moves.ts';
import { MoveAnswer, NewRun, PlanAnswer, RunAnswer, RunLine } from './run-schemas.ts';
import { runCsv, runsCsv } from './numbers-csv.ts';
import { lineToJson, runToJson } from './to-json.ts';

/** Runs for programs: the same moves as on the pages, by the same table. */
export function addRunsApi(api: DescribedApi, deps: DeskDeps): void {
  const { runs } = deps.migration;
  api.json({
    method: 'GET',
    path: '/operators/api/runs',
    needs: 'runs.see',
    summary: 'The newest runs',
    query: Type.Object({ source: Type.Optional(Type.String({ maxLength: 63 })) }, { additionalProperties: false }),
    response: Type.Object({ runs: Type.Array(RunLine) }),
    answer: async ({ query: { source } }) => ({
      runs: (await runs.list(source === undefined ? {} : { source })).map(lineToJson),
    }),
  });
  api.json({
    method: 'POST',
    path: '/operators/api/runs',
    needs: 'runs.plan',
    summary: 'Plans a run; without `confirmed` only says what was found',
    body: NewRun,
    response: PlanAnswer,
    statusOf: ({ outcome }) => PLAN_STATUS[outcome],
    answer: ({ body, operator, request }) => plan(deps, body, { operator, correlationId: request.id }),
  });
  api.json({
    method: 'GET',
    path: '/operators/api/runs/:id',
    needs: 'runs.see',
    summary: 'One run, live',
    response: RunAnswer,
    answer: async ({ params, operator }) => runToJson(await needRun(deps, params.id), operator),
  });
  api.file({
    method: 'GET',
    path: '/operators/api/runs.csv',
    needs: 'runs.see',
    summary: 'The newest runs, and what became of their rows, as CSV',
    produces: 'text/csv',
    answer: async ({ reply }) => sendCsv(reply, 'runs.csv', runsCsv(await runs.list())),
  });
  api.file({
    method: 'GET',
    path: '/operators/api/runs/:id/numbers.csv',
    needs: 'runs.see',
    summary: 'What became of the rows of each file of a run, as CSV',
    produces: 'text/csv',
    answer: async ({ params, reply }) => {
      const run = await needRun(deps, params.id);
      return sendCsv(reply, `run-${run.runId}.csv`, runCsv(run));
    },
  });
  addMovesApi(api, deps);
}

function addMovesApi(api: DescribedApi, deps: DeskDeps): void {
  for (const name of MOVE_NAMES) {
    const { needs } = MOVES[name];
    api.json({
      method: 'POST',
      path: `/operators/api/runs/:id/${name}`,
      needs,
      summary: SUMMARIES[name],
      body: MoveFields,
      response: MoveAnswer,
      statusOf: ({ outcome }) => (outcome === 'done' ? 200 : 409),
      answer: ({ params, body, operator, request }) =>
        askMove(deps, { name, runId: params.id, operator, correlationId: request.id }, body),
    });
  }
}

const sendCsv = (reply: FastifyReply, name: string, csv: string): FastifyReply =>
  reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}"`).send(csv);

interface Asked {
  readonly name: keyof typeof MOVES;
  readonly runId: string;
  readonly operator: Operator;
  readonly correlationId: string;
}

async function askMove(
  deps: DeskDeps,
  { name, runId, operator, correlationId }: Asked,
  fields: MoveFields,
): Promise<Static<typeof MoveAnswer>> {
  await needRun(deps, runId);
  const moved = await MOVES[name].make(deps.migration.runs, runId, { actor: operator.actor, correlationId }, fields);
  return moved.outcome === 'done' ? { outcome: 'done', run: runToJson(moved.run, operator) } : moved;
}

const SUMMARIES = {
  validate: 'Has every row validated',
  rehearse: 'Has the run rehearsed, and rolled back',
  approve: 'Stands for it, as the second person',
  revalidate: 'Has it validated once more, after a source was changed',
  start: 'Has it staged, run and balanced',
  stage: 'Has it staged only',
  resume: 'Goes on after a pause',
  pause: 'Pauses the work under way',
  stop: 'Ends it where it is',
  undo: 'Restores the state before it',
} as const satisfies Record<keyof typeof MOVES, string>;

const PLAN_STATUS = { planned: 201, 'to-confirm': 200, refused: 409 } as const;

async function plan(
  deps: DeskDeps,
  { title, files: lines, cohort, confirmed = false }: Static<typeof NewRun>,
  { operator, correlationId }: { readonly operator: Operator; readonly correlationId: string },
): Promise<Static<typeof PlanAnswer>> {
  if (deps.files === undefined) throw new LatchkeyError('conflict', 'No folder for files is configured: runs.folder.');
  const { files, problems } = await filesOf(deps.files, lines);
  if (problems.length > 0) return { outcome: 'refused', problems: [...problems] };
  const given = new Map(lines.map(({ source, manifest }) => [source, manifest]));
  const withManifests = files.map((file): PlannedFile => {
    const manifest = given.get(file.source);
    return manifest === undefined ? file : { ...file, manifest };
  });
  const meta = { actor: operator.actor, correlationId };
  const planned = await deps.migration.runs.plan({ title, files: withManifests, cohort, confirmed, meta });
  if (planned.outcome === 'refused') return { outcome: 'refused', problems: [...planned.problems] };
  if (planned.outcome === 'planned') return { outcome: 'planned', run: runToJson(planned.run, operator) };
  return {
    outcome: 'to-confirm',
    found: planned.found.map(({ source, format, encoding, isGzip, columns, schemes, differences }) => ({
      source,
      format,
      encoding,
      gzip: isGzip,
      columns: [...columns],
      schemes: [...schemes],
      differences: [...differences],
    })),
  };
}
