import { type Check, type CheckContext, problem } from './check.ts';
import { judgeUrl } from './judge-url.ts';

/**
 * Redirect addresses are compared character by character later, so what is registered must be exact and unambiguous.
 * @see RFC 9700 §2.1, §4.1.3
 */
export const checkRedirectUris: Check = (draft, context) =>
  (['redirectUris', 'postLogoutRedirectUris'] as const).flatMap((list) =>
    (draft[list] ?? []).flatMap((uri, index) => {
      const field = `${list}.${index}`;
      return reserved(uri)
        ? [problem(field, 'not_canonical', 'The query may not hold code, state, iss or other answers of ours.')]
        : judgeUrl(field, uri, { loopbackHttp: mayUseLoopback(context), publicHost: false });
    }),
  );

// A service in production has no reason to send a code over plain http to whatever listens on the citizen's machine.
function mayUseLoopback({ environment }: CheckContext): boolean {
  return environment !== 'production';
}

const ANSWERS = ['code', 'state', 'iss', 'error', 'error_description', 'id_token', 'response'];

/** A registered query parameter with the name of ours would arrive twice. */
function reserved(uri: string): boolean {
  const query = URL.parse(uri)?.searchParams;
  return query !== undefined && ANSWERS.some((name) => query.has(name));
}
