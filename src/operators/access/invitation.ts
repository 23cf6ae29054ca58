import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { checkFormToken, formToken } from '../../platform/http/form-token.ts';
import type { AccessDeps } from './access-deps.ts';
import { formOf } from './guard-pages.ts';
import { type Held, readHeld } from './held-secret.ts';
import { invitationStands } from './invitation-rows.ts';
import { readOperator, type OperatorRow } from './operator-rows.ts';
import { ensureBrowser } from './own-browser.ts';
import { askForNewPasskey } from './passkeys/check-passkey.ts';
import { invitationBinding, takeUpInvitation } from './passkeys/take-up-invitation.ts';
import { paramsOf } from './visit-operator.ts';
import { SESSION_COOKIE } from './who-asks.ts';

const PATH = '/operators/invitation/:token';
const Fields = Type.Object(
  {
    name: Type.String({ maxLength: 2000 }),
    credential: Type.Optional(Type.String({ maxLength: 20_000 })),
  },
  { additionalProperties: false },
);
// eslint-disable-next-line no-control-regex
const NAME = /^[^\u0000-\u001f\u007f]{1,100}$/;

interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly invitation: Held;
  readonly operator: OperatorRow;
  readonly browser: string;
}

/** Taking up an invitation: the name first, then the passkey. What is posted before the last step changes nothing. */
export function addInvitation(app: FastifyInstance, deps: AccessDeps): void {
  app.get(PATH, async (request, reply) => {
    const visit = await visitOf(deps, request, reply);
    return visit ? askName(deps, visit, {}) : showGone(reply);
  });
  app.post(PATH, async (request, reply) => {
    const visit = await visitOf(deps, request, reply);
    if (visit === undefined) return showGone(reply);
    const { token, fields } = formOf(request.body);
    if (!checkFormToken(deps.keyRing, token, ...tokenBinding(visit)))
      return reply.errorPage('expired', { startAgain: pathOf(visit) });
    if (!Value.Check(Fields, fields))
      throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
    const name = fields.name.trim();
    if (!NAME.test(name)) return askName(deps, visit, { name, problem: name === '' ? 'noName' : 'badName' });
    if (fields.credential === undefined) return askPasskey(deps, visit, { name });
    return join(deps, visit, { name, credential: fields.credential });
  });
}

const tokenBinding = ({ browser, invitation }: Pick<Visit, 'browser' | 'invitation'>): readonly string[] => [
  'operator-invitation',
  browser,
  invitation.key.toString('hex'),
];

async function visitOf(deps: AccessDeps, request: FastifyRequest, reply: FastifyReply): Promise<Visit | undefined> {
  const invitation = readHeld(deps.keyRing, 'invitation', paramsOf<typeof PATH>(request).token);
  if (invitation === undefined || !(await invitationStands(deps.db, invitation, deps.now()))) return undefined;
  const operator = await readOperator(deps, deps.db, invitation.operatorId);
  if (operator === undefined || operator.status === 'suspended') return undefined;
  return { request, reply, invitation, operator, browser: ensureBrowser(request, reply) };
}

const pathOf = ({ request }: Pick<Visit, 'request'>): string => request.url.split('?')[0] ?? '';

/** The same for a link that was used, ran out, was replaced, or never was. */
const showGone = (reply: FastifyReply): FastifyReply =>
  reply.page('operators/access/invitation-gone.njk', {}, { status: 404 });

function askName(
  { keyRing }: AccessDeps,
  visit: Visit,
  { name, problem }: { readonly name?: string; readonly problem?: 'badName' | 'noName' },
): FastifyReply {
  const { operator } = visit;
  return visit.reply.page(
    'operators/access/invitation-name.njk',
    {
      action: pathOf(visit),
      handle: operator.handle,
      roles: operator.roles,
      name: name ?? operator.name ?? '',
      formToken: formToken(keyRing, ...tokenBinding(visit)),
      errors: problem === undefined ? [] : [{ field: 'name', key: `operators.access.invitation.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

async function askPasskey(
  deps: AccessDeps,
  visit: Visit,
  { name, problem }: { readonly name: string; readonly problem?: 'badPasskey' },
): Promise<FastifyReply> {
  const { operatorId, handle } = visit.operator;
  // None to leave out: a new invitation replaces whatever there was.
  const owner = { operatorId, handle, existing: [] };
  return visit.reply.page(
    'operators/access/invitation-passkey.njk',
    {
      action: pathOf(visit),
      name,
      options: JSON.stringify(await askForNewPasskey(deps, owner, invitationBinding(visit.invitation))),
      formToken: formToken(deps.keyRing, ...tokenBinding(visit)),
      errors: problem === undefined ? [] : [{ field: 'passkey', key: `operators.access.invitation.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

async function join(
  deps: AccessDeps,
  visit: Visit,
  { name, credential }: { readonly name: string; readonly credential: string },
): Promise<FastifyReply> {
  const { request, reply, invitation } = visit;
  const joined = await takeUpInvitation(deps, { invitation, name, label: '', credential, correlationId: request.id });
  if (joined.outcome === 'joined')
    return reply.writeCookie(SESSION_COOKIE, joined.cookie, { sameSite: 'Strict' }).redirect('/operators', 303);
  return joined.reason === 'invitation' ? showGone(reply) : askPasskey(deps, visit, { name, problem: 'badPasskey' });
}
