import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { checkFormToken } from '../../platform/http/form-token.ts';
import type { AccessDeps } from './access-deps.ts';
import { toSignIn } from './ask-again.ts';
import type { ActRoute, PageRoute } from './operator-scope.ts';
import type { SignedInOperator } from './operator.ts';
import { ownPage } from './own-page.ts';
import { may, type Needs } from './permissions.ts';
import { recordRefusal } from './record-refusal.ts';
import { tokenBinding, visitOf } from './visit-operator.ts';
import { whoSignedIn } from './who-asks.ts';

/** Where pages and forms are added: a scope of pages (`openPagesScope`), and every page there is, for the navigation. */
export interface PagesPlace {
  readonly app: FastifyInstance;
  readonly deps: AccessDeps;
  readonly pages: ReadonlySet<string>;
}

export function addPage<Path extends string>({ app, deps, pages }: PagesPlace, route: PageRoute<Path>): void {
  const { path, needs, show } = route;
  app.get(path, async (request, reply) => {
    const operator = await whoSignedIn(deps, request);
    if (operator === undefined) return toSignIn(reply, ownPage(request.url));
    if (!may(operator, needs)) return refuse(deps, operator, needs, { request, reply });
    return show(visitOf<Path>(deps, { operator, request, reply, pages }));
  });
}

export function addAct<Path extends string, Fields extends TSchema>(
  { app, deps, pages }: PagesPlace,
  { path, needs, fields, take }: ActRoute<Path, Fields>,
): void {
  app.post(path, async (request, reply) => {
    const operator = await whoSignedIn(deps, request);
    if (operator === undefined) return toSignIn(reply, '/operators');
    const form = formOf(request.body);
    if (!checkFormToken(deps.keyRing, form.token, ...tokenBinding(operator)))
      return reply.errorPage('expired', { startAgain: '/operators' });
    if (!may(operator, needs)) return refuse(deps, operator, needs, { request, reply });
    if (!Value.Check(fields, form.fields))
      throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
    return take(visitOf<Path>(deps, { operator, request, reply, pages }), form.fields);
  });
}

export function refuse(
  deps: AccessDeps,
  operator: SignedInOperator,
  needs: Needs,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  recordRefusal(deps, operator, needs, request);
  return reply.errorPage('notAllowed');
}

/** The fields of a posted form and its token apart. */
export function formOf(body: unknown): { readonly token: unknown; readonly fields: Readonly<Record<string, unknown>> } {
  if (typeof body !== 'object' || body === null) return { token: undefined, fields: {} };
  const { formToken: token, ...fields }: Record<string, unknown> = { ...body };
  return { token, fields };
}
