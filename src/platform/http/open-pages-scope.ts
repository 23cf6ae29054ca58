import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { acceptForms } from './parse-form.ts';
import { requireSameOrigin } from './require-same-origin.ts';

/**
 * Makes an encapsulated scope one for pages: it reads forms, and refuses those that another site sends (C11) and
 * addresses that give a parameter twice (D22).
 */
export function openPagesScope(scope: FastifyInstance, options: { readonly issuer: string }): void {
  acceptForms(scope);
  scope.addHook('onRequest', requireSameOrigin(options.issuer));
  scope.addHook('onRequest', refuseRepeatedParameters);
}

const refuseRepeatedParameters: onRequestHookHandler = (request, _reply, done) => {
  const { query } = request;
  const isRepeated = typeof query === 'object' && query !== null && Object.values(query).some(Array.isArray);
  done(isRepeated ? new LatchkeyError('input_invalid', 'A parameter was given twice.') : undefined);
};
