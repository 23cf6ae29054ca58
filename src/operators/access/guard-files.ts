import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { checkFormToken } from '../../platform/http/form-token.ts';
import type { AccessDeps } from './access-deps.ts';
import { callerOf, sendProblem } from './guard-api.ts';
import { toSignIn } from './ask-again.ts';
import { type PagesPlace, refuse } from './guard-pages.ts';
import type { FileForm, FileRoute, SentFile } from './operator-scope.ts';
import { may } from './permissions.ts';
import { paramsOf, tokenBinding, visitOf } from './visit-operator.ts';
import { whoSignedIn } from './who-asks.ts';

/** Routes that take files of any size: nothing of a file is held in memory, and nothing is read before the guard has spoken. */
const LONG = { config: { longBody: true }, bodyLimit: Number.MAX_SAFE_INTEGER } as const;

const FIELD_BYTES = 4096;
const FILES_AT_ONCE = 200;

/** For a scope of forms with files. The token is the first field, so that it is judged before the first file is read. */
export async function openFilesScope(app: FastifyInstance): Promise<void> {
  await app.register(multipart, {
    limits: { fileSize: Number.POSITIVE_INFINITY, files: FILES_AT_ONCE, fields: 10, fieldSize: FIELD_BYTES },
  });
}

export function addFileForm<Path extends string>(
  { app, deps, pages }: PagesPlace,
  { path, needs, take }: FileForm<Path>,
): void {
  app.post(path, LONG, async (request, reply) => {
    const operator = await whoSignedIn(deps, request);
    if (operator === undefined) return toSignIn(reply, '/operators');
    if (!may(operator, needs)) return refuse(deps, operator, needs, { request, reply });
    if (!request.isMultipart()) throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
    const parts = request.parts();
    const first = await parts.next();
    const token: unknown =
      !first.done && first.value.fieldname === 'formToken' && 'value' in first.value && first.value.value;
    if (!checkFormToken(deps.keyRing, token, ...tokenBinding(operator)))
      return reply.errorPage('expired', { startAgain: '/operators' });
    async function* files(): AsyncGenerator<SentFile> {
      for await (const part of parts) {
        if (part.type === 'file' && part.filename !== '') yield { name: part.filename, stream: part.file };
        else if (part.type === 'file') part.file.resume();
      }
    }
    return take(visitOf<Path>(deps, { operator, request, reply, pages }), files());
  });
}

/** For a scope of `PUT`s with the file as the body, whatever its type says. */
export function openStreamsScope(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
}

export function addFileRoute<Path extends string>(
  app: FastifyInstance,
  deps: AccessDeps,
  { path, needs, take }: FileRoute<Path>,
): void {
  app.put(path, LONG, async (request, reply) => {
    const caller = await callerOf(deps, request, needs);
    if ('refused' in caller) return sendProblem(request, reply, caller.refused);
    return take({ operator: caller, request, reply, params: paramsOf<Path>(request), stream: request.raw });
  });
}
