import type { OperatorVisit } from './operator-scope.ts';

/** A refused form is answered at an address of its own: who changes the language there, or reloads, comes to its page. */
export async function comeBack(
  { reply, query }: Pick<OperatorVisit, 'reply' | 'query'>,
  path: string,
): Promise<unknown> {
  return reply.redirect(query['lng'] === 'cy' || query['lng'] === 'en' ? `${path}?lng=${query['lng']}` : path, 303);
}
