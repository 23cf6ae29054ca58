import { Type } from 'typebox';
import { judgeReason, MIN_REASON } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { DescribedApi } from '../../api/describe-api.ts';
import { needBalance } from '../balance/show-balance.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { DISPUTED_SHOWN } from '../disputed/show-disputed.ts';
import { readRowsAsked, wordOf } from '../rows/read-rows-asked.ts';
import { sendRejects } from '../rows/send-rejects.ts';
import { BalanceAnswer, DisputedAnswer, Outcome, RowsAnswer, Undone } from './run-schemas.ts';
import { rowToJson } from './to-json.ts';

const ROWS_AT_ONCE = 1000;

/** What became of rows, for programs. */
export function addRowsApi(api: DescribedApi, deps: DeskDeps): void {
  const { runs } = deps.migration;
  api.json({
    method: 'GET',
    path: '/operators/api/runs/:id/rows',
    needs: 'runs.see',
    summary: 'What became of each row, a thousand at a time',
    query: Type.Object(
      {
        pass: Type.Optional(Type.Enum(['run', 'rehearsal'])),
        outcome: Type.Optional(Outcome),
        undone: Type.Optional(Undone),
        after: Type.Optional(Type.String({ pattern: String.raw`^\d{1,4}\.\d{1,8}\.\d{1,12}$` })),
      },
      { additionalProperties: false },
    ),
    response: RowsAnswer,
    async answer({ params, query }) {
      const { runId } = await needRun(deps, params.id);
      const { rows, next } = await runs.outcomes(readRowsAsked(runId, query, ROWS_AT_ONCE));
      return { rows: rows.map(rowToJson), next: next ? wordOf(next) : null };
    },
  });
  for (const kind of ['report', 'mend'] as const) {
    api.file({
      method: 'GET',
      path: `/operators/api/runs/:id/parts/:part/${kind}`,
      needs: 'runs.plan',
      summary:
        kind === 'report' ? 'Rejected rows of one file: why, as CSV' : 'Rejected rows as they came, to be corrected',
      produces: kind === 'report' ? 'text/csv' : 'application/octet-stream',
      answer: (call) => sendRejects(deps, call, { runId: call.params.id, part: call.params.part, kind }),
    });
  }
  addDisputedApi(api, deps);
  addBalanceApi(api, deps);
}

function addDisputedApi(api: DescribedApi, { migration }: DeskDeps): void {
  api.json({
    method: 'POST',
    path: '/operators/api/disputed',
    needs: 'rows.see',
    summary: 'Disputed rows, masked; the look is on record with its reason',
    body: Type.Object(
      {
        source: Type.Optional(Type.String({ maxLength: 63 })),
        reason: Type.String({ minLength: MIN_REASON, maxLength: 200 }),
      },
      { additionalProperties: false },
    ),
    response: DisputedAnswer,
    async answer({ body: { source, reason }, operator, request }) {
      if (judgeReason(reason) === 'reason-personal')
        throw new LatchkeyError('input_invalid', 'The reason may not name people.');
      const meta = { actor: operator.actor, correlationId: request.id };
      const asked = { ...(source !== undefined && { source }), limit: DISPUTED_SHOWN, meta, reason };
      const rows = await migration.runs.disputed(asked);
      return {
        rows: rows.map(({ since, email, name, ...row }) => ({
          ...row,
          email: email ?? null,
          name: name ?? null,
          since: since.toISOString(),
        })),
      };
    },
  });
}

function addBalanceApi(api: DescribedApi, deps: DeskDeps): void {
  api.json({
    method: 'GET',
    path: '/operators/api/runs/:id/balance',
    needs: 'runs.see',
    summary: 'The balance sheet of a run that has ended, with its signature and the key',
    response: BalanceAnswer,
    async answer({ params }) {
      const { sheet, jws } = await needBalance(deps, await needRun(deps, params.id));
      const parts = sheet.parts.map((part) => ({ ...part, codes: { ...part.codes } }));
      return { sheet: { ...sheet, parts }, jws, key: { ...deps.migration.runs.balanceKey() } };
    },
  });
  api.file({
    method: 'GET',
    path: '/operators/api/runs/:id/balance.jws',
    needs: 'runs.see',
    summary: 'The signed sheet alone',
    produces: 'application/jose',
    answer: async ({ params, reply }) => {
      const { jws } = await needBalance(deps, await needRun(deps, params.id));
      return reply
        .type('application/jose')
        .header('content-disposition', `attachment; filename="balance-${params.id}.jws"`)
        .send(jws);
    },
  });
}
