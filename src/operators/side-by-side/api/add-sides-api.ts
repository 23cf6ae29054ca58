import type { Static } from 'typebox';
import type { Changed, Refused, Requested } from '../../../migration/index.ts';
import type { Operator } from '../../access/operator.ts';
import type { DescribedApi } from '../../api/describe-api.ts';
import { MOVE_NAMES, MoveFields, type MoveName, MOVES } from '../moves.ts';
import { needSource, needStanding, type SidesDeps } from '../sides-deps.ts';
import { AuthorityBody, ChangeAnswer, PlanBody, SidesAnswer } from './sides-schemas.ts';
import { sidesToJson, stepCsv } from './to-json.ts';

const PATH = '/operators/api/systems/:source/sides';

/** Old and new side by side, for programs: the same moves as on the pages, by the same table. */
export function addSidesApi(api: DescribedApi, deps: Pick<SidesDeps, 'migration'>): void {
  const { sideBySide } = deps.migration;
  api.json({
    method: 'GET',
    path: PATH,
    needs: 'systems.see',
    summary: 'Which of old and new is believed and serves whom, and how the step of its cut-over goes',
    response: SidesAnswer,
    answer: ({ params, operator }) => read(deps, params.source, operator),
  });
  api.file({
    method: 'GET',
    path: `${PATH}.csv`,
    needs: 'systems.see',
    summary: 'How the step goes on either side, and where it goes back, as CSV',
    produces: 'text/csv',
    answer: async ({ params, reply }) => {
      const standing = await needStanding(deps, params.source);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${standing.source.source}-sides.csv"`)
        .send(stepCsv(standing));
    },
  });
  api.json({
    method: 'POST',
    path: `${PATH}/plan`,
    needs: 'cutover.drive',
    summary: 'Puts a plan of a cut-over on record; nobody moves yet',
    body: PlanBody,
    response: ChangeAnswer,
    statusOf: ({ outcome }) => STATUS[outcome],
    answer: async ({ params, body, operator, request }): Promise<Answer> => {
      const { source } = await needSource(deps, params.source);
      const planned = await sideBySide.cutover.plan(source, body, { actor: operator.actor, correlationId: request.id });
      if (planned.outcome === 'invalid') return { outcome: 'invalid', problems: [...planned.problems] };
      return settled(deps, { source, operator }, planned);
    },
  });
  api.json({
    method: 'POST',
    path: `${PATH}/authority`,
    needs: 'cutover.drive',
    summary: 'Says which side is believed about what',
    body: AuthorityBody,
    response: ChangeAnswer,
    statusOf: ({ outcome }) => STATUS[outcome],
    answer: async ({ params, body, operator, request }) => {
      const { source } = await needSource(deps, params.source);
      const meta = { actor: operator.actor, correlationId: request.id };
      return settled(deps, { source, operator }, await sideBySide.setAuthority(source, body, meta));
    },
  });
  for (const name of MOVE_NAMES) addMove(api, deps, name);
}

function addMove(api: DescribedApi, deps: Pick<SidesDeps, 'migration'>, name: MoveName): void {
  api.json({
    method: 'POST',
    path: `${PATH}/${name}`,
    needs: MOVES[name].needs,
    summary: SUMMARIES[name],
    body: MoveFields,
    response: ChangeAnswer,
    statusOf: ({ outcome }) => STATUS[outcome],
    answer: async ({ params, body: { evidence = '' }, operator, request }) => {
      const { source } = await needSource(deps, params.source);
      const act = { meta: { actor: operator.actor, correlationId: request.id }, evidence };
      return settled(deps, { source, operator }, await MOVES[name].make(deps.migration.sideBySide, source, act));
    },
  });
}

type Answer = Static<typeof ChangeAnswer>;

const STATUS = { changed: 200, requested: 202, refused: 409, invalid: 400 } as const satisfies Record<
  Answer['outcome'],
  number
>;

const SUMMARIES = {
  next: 'Moves people one step further, when the step has gone well',
  'approve-anyway': 'Approves, as the second person, to go one step further anyway',
  'ask-anyway': 'Asks to go one step further although the step cannot be judged, or has not gone well',
  back: 'Goes one step back, at once',
  'to-start': 'Goes all the way back, at once',
  complain: 'Counts one complaint that the new side did not work for somebody',
  'shadow-on': 'Begins to compare both sides; what was counted before is forgotten',
  'shadow-off': 'Stops comparing',
  'approve-finalise': 'Approves, as the second person, never to ask the old system again',
  'ask-finalise': 'Asks never to ask the old system again',
} as const satisfies Record<MoveName, string>;

async function read(
  deps: Pick<SidesDeps, 'migration'>,
  key: string,
  operator: Operator,
): Promise<Static<typeof SidesAnswer>> {
  const standing = await needStanding(deps, key);
  return sidesToJson(standing, await deps.migration.sideBySide.shadow.report(key, 0), operator);
}

type Outcome = Changed | Refused | Requested | { readonly outcome: 'counted' | 'nobody-moved' };

async function settled(
  deps: Pick<SidesDeps, 'migration'>,
  { source, operator }: { readonly source: string; readonly operator: Operator },
  outcome: Outcome,
): Promise<Answer> {
  if (outcome.outcome === 'refused') return { outcome: 'refused', reason: outcome.reason };
  if (outcome.outcome === 'nobody-moved') return { outcome: 'refused', reason: outcome.outcome };
  if (outcome.outcome === 'requested')
    return { outcome: 'requested', requestId: outcome.requestId, expiresAt: outcome.expiresAt.toISOString() };
  return { outcome: 'changed', sides: await read(deps, source, operator) };
}
