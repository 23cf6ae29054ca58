import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { checkFormToken, formToken } from '../../platform/http/form-token.ts';
import type { AccessDeps } from './access-deps.ts';
import { formOf } from './guard-pages.ts';
import { ensureBrowser } from './own-browser.ts';
import { ownPage } from './own-page.ts';
import { askForPasskey } from './passkeys/check-passkey.ts';
import { signInWithPasskey, type SignInRefusal } from './passkeys/sign-in-with-passkey.ts';
import { queryOf } from './visit-operator.ts';
import { heldSession, SESSION_COOKIE } from './who-asks.ts';

const Fields = Type.Object(
  { to: Type.String({ maxLength: 2000 }), credential: Type.String({ maxLength: 20_000 }) },
  { additionalProperties: false },
);

/** What people are told: whose passkey it is, nobody hears who has not proved it. */
const TOLD = {
  malformed: 'notSignedIn',
  'unknown-passkey': 'notSignedIn',
  'not-proved': 'notSignedIn',
  'challenge-used': 'notSignedIn',
  counter: 'notSignedIn',
  'not-active': 'notActive',
} as const satisfies Record<SignInRefusal, string>;

/** Staff sign in with a passkey, and come back to the page that they asked for. */
export function addSignIn(app: FastifyInstance, deps: AccessDeps): void {
  app.get('/operators/sign-in', (request, reply) =>
    showSignIn(deps, { request, reply }, { to: ownPage(queryOf(request)['to']) }),
  );
  app.post('/operators/sign-in', (request, reply) => signIn(deps, request, reply));
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function showSignIn(
  deps: AccessDeps,
  { request, reply }: Exchange,
  { to, problem }: { readonly to: string; readonly problem?: string },
): Promise<FastifyReply> {
  const browser = ensureBrowser(request, reply);
  return reply.page(
    'operators/access/sign-in.njk',
    {
      to,
      formToken: formToken(deps.keyRing, 'operator-sign-in', browser),
      options: JSON.stringify(await askForPasskey(deps, ['sign-in', browser])),
      errors: problem === undefined ? [] : [{ field: 'passkey', key: `operators.access.signIn.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

async function signIn(deps: AccessDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const browser = ensureBrowser(request, reply);
  const { token, fields } = formOf(request.body);
  if (!checkFormToken(deps.keyRing, token, 'operator-sign-in', browser))
    return reply.errorPage('expired', { startAgain: '/operators/sign-in' });
  if (!Value.Check(Fields, fields)) throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
  const result = await signInWithPasskey(deps, {
    credential: fields.credential,
    binding: ['sign-in', browser],
    before: heldSession(deps, request),
    correlationId: request.id,
  });
  const to = ownPage(fields.to);
  if (result.outcome === 'refused') return showSignIn(deps, { request, reply }, { to, problem: TOLD[result.reason] });
  return reply.writeCookie(SESSION_COOKIE, result.cookie, { sameSite: 'Strict' }).redirect(to, 303);
}
