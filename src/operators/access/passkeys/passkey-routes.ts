import { Type, type Static } from 'typebox';
import { timeIn } from '../../../platform/pages/say-when.ts';
import type { AccessDeps } from '../access-deps.ts';
import { withFreshPasskey } from '../ask-again.ts';
import type { OperatorRoutes, OperatorVisit } from '../operator-scope.ts';
import type { Operators } from '../operators.ts';
import { leave } from '../sign-out.ts';
import { askForNewPasskey } from './check-passkey.ts';
import { addPasskey, removePasskey, sessionBinding } from './own-passkeys.ts';
import { passkeysOf } from './passkey-rows.ts';

const LIST = '/operators/passkeys';
const ADD = '/operators/passkeys/add';
const NewPasskey = Type.Object(
  { label: Type.String({ maxLength: 60 }), credential: Type.String({ maxLength: 20_000 }) },
  { additionalProperties: false },
);
const NoFields = Type.Object({}, { additionalProperties: false });
const Removal = Type.Object({ passkey: Type.String({ maxLength: 36 }) }, { additionalProperties: false });

/** Everybody's own passkeys: a second one before the first is lost, never fewer than one. And the way out everywhere (C5). */
export const passkeyRoutes =
  (deps: AccessDeps & { readonly operators: Operators }): OperatorRoutes =>
  (scope) => {
    scope.page({ path: LIST, needs: 'signed-in', show: (visit) => showPasskeys(deps, visit) });
    scope.page({
      path: ADD,
      needs: 'signed-in',
      show: (visit) => withFreshPasskey(deps, visit, ADD, () => showAdd(deps, visit)),
    });
    scope.act({
      path: ADD,
      needs: 'signed-in',
      fields: NewPasskey,
      take: (visit, fields) => withFreshPasskey(deps, visit, ADD, () => add(deps, visit, fields)),
    });
    scope.act({
      path: '/operators/passkeys/remove',
      needs: 'signed-in',
      fields: Removal,
      take: (visit, { passkey }) => withFreshPasskey(deps, visit, LIST, () => remove(deps, visit, passkey)),
    });
    scope.act({
      path: '/operators/passkeys/end-sessions',
      needs: 'signed-in',
      fields: NoFields,
      take: async ({ operator: { handle, actor }, request, reply }) => {
        await deps.operators.endSessions(handle, { actor, correlationId: request.id });
        return leave(reply);
      },
    });
  };

async function showPasskeys(deps: AccessDeps, visit: OperatorVisit, problem?: 'last' | 'unknown'): Promise<unknown> {
  const { language, operator, query } = visit;
  const passkeys = await passkeysOf(deps, deps.db, operator.operatorId);
  return visit.show(
    'operators/access/passkeys/passkeys.njk',
    {
      passkeys: passkeys.map(({ passkeyId, label, addedAt, lastUsedAt, backedUp }) => ({
        passkeyId,
        label,
        backedUp,
        added: timeIn(language, addedAt),
        lastUsed: lastUsedAt && timeIn(language, lastUsedAt),
      })),
      done: query['done'] === 'added' || query['done'] === 'removed' ? query['done'] : undefined,
      errors: problem === undefined ? [] : [{ field: 'passkeys', key: `operators.access.passkeys.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

async function showAdd(deps: AccessDeps, visit: OperatorVisit, problem?: 'refused' | 'too-many'): Promise<unknown> {
  const { operator } = visit;
  const existing = await passkeysOf(deps, deps.db, operator.operatorId);
  const options = await askForNewPasskey(deps, { ...operator, existing }, sessionBinding(operator));
  const key = problem === 'too-many' ? 'tooMany' : 'notAdded';
  return visit.show(
    'operators/access/passkeys/add-passkey.njk',
    {
      options: JSON.stringify(options),
      errors: problem === undefined ? [] : [{ field: 'passkey', key: `operators.access.passkeys.${key}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

async function add(deps: AccessDeps, visit: OperatorVisit, fields: Static<typeof NewPasskey>): Promise<unknown> {
  const { operator, reply, request } = visit;
  const done = await addPasskey(deps, operator, { ...fields, label: fields.label.trim(), correlationId: request.id });
  return done === 'added' ? reply.redirect(`${LIST}?done=added`, 303) : showAdd(deps, visit, done);
}

async function remove(deps: AccessDeps, visit: OperatorVisit, passkeyId: string): Promise<unknown> {
  const { operator, reply, request } = visit;
  const done = await removePasskey(deps, operator, { passkeyId, correlationId: request.id });
  return done === 'removed' ? reply.redirect(`${LIST}?done=removed`, 303) : showPasskeys(deps, visit, done);
}
