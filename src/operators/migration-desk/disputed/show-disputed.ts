import { type Static, Type } from 'typebox';
import { judgeReason } from '../../../migration/index.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import type { DeskDeps } from '../desk-deps.ts';
import { sayCode } from '../run/say-codes.ts';

export const DisputedFields = Type.Object(
  { source: Type.String({ maxLength: 63 }), reason: Type.String({ maxLength: 500 }) },
  { additionalProperties: false },
);
type DisputedFields = Static<typeof DisputedFields>;

export const DISPUTED_SHOWN = 200;

/** Asks for a reason first: every look at rows of people is on record with it (G7). */
export async function showDisputed(
  deps: DeskDeps,
  visit: OperatorVisit,
  { fields = { source: '', reason: '' }, error }: { readonly fields?: DisputedFields; readonly error?: string } = {},
): Promise<unknown> {
  const sources = await deps.migration.sources.list();
  const t = deps.pages.translate(visit.language);
  return visit.show(
    'operators/migration-desk/disputed/ask.njk',
    {
      fields,
      sources: [
        { value: '', text: t('operators.migrationDesk.disputed.allSystems') },
        ...sources.map(({ source, definition }) => ({
          value: source,
          text: definition.name[visit.language] ?? definition.name.en,
          selected: source === fields.source,
        })),
      ],
      errors: error === undefined ? undefined : [{ field: 'reason', key: error }],
    },
    error === undefined ? {} : { status: 400 },
  );
}

/** The rows, masked. */
export async function takeDisputed(deps: DeskDeps, visit: OperatorVisit, fields: DisputedFields): Promise<unknown> {
  const reason = fields.reason.trim();
  const wrong = judgeReason(reason);
  if (wrong) return showDisputed(deps, visit, { fields, error: `operators.migrationDesk.refusals.${wrong}` });
  const rows = await deps.migration.runs.disputed({
    ...(fields.source !== '' && { source: fields.source }),
    limit: DISPUTED_SHOWN,
    meta: { actor: visit.operator.actor, correlationId: visit.request.id },
    reason,
  });
  const t = deps.pages.translate(visit.language);
  const { number, time } = formatsFor(visit.language);
  return visit.show('operators/migration-desk/disputed/rows.njk', {
    reason,
    isFull: rows.length >= DISPUTED_SHOWN,
    limit: DISPUTED_SHOWN,
    rows: rows.map((row) => ({
      runId: row.runId,
      source: row.source,
      line: number(row.line),
      words: sayCode(t, row.code),
      id: row.id,
      email: row.email,
      name: row.name,
      since: time(row.since),
    })),
    backLink: '/operators/rows',
  });
}
