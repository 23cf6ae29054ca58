import type { FastifyInstance } from 'fastify';
import { acceptForms } from './parse-form.ts';
import { requireSameOrigin } from './require-same-origin.ts';

/** Makes an encapsulated scope one for pages: it reads forms, and refuses those that another site sends (C11). */
export function openPagesScope(scope: FastifyInstance, options: { readonly issuer: string }): void {
  acceptForms(scope);
  scope.addHook('onRequest', requireSameOrigin(options.issuer));
}
