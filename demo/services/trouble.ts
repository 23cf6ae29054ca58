import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import type { Trouble } from './pages.ts';

/** What went wrong, in words for the person before the screen. */
export function troubleOf(error: unknown): Trouble & { readonly status: number } {
  if (error instanceof AuthorizationResponseError) return refusal(error);
  if (error instanceof ResponseBodyError) {
    return {
      status: 502,
      title: 'Latchkey did not accept this service',
      advice: 'The sign-in could not be finished.',
      code: error.error,
    };
  }
  return {
    status: 502,
    title: 'Latchkey did not answer as expected',
    advice: error instanceof Error ? error.message : 'Try again in a moment.',
  };
}

function refusal({ error, error_description: description }: AuthorizationResponseError): Trouble & { status: number } {
  const code = description === undefined ? error : `${error}: ${description}`;
  if (error === 'login_required') {
    return { status: 200, title: 'You are not signed in yet', advice: 'There is no session that could be used.', code };
  }
  if (error === 'access_denied') {
    return { status: 200, title: 'You left before signing in', advice: 'Nothing has changed.', code };
  }
  return { status: 400, title: 'Latchkey refused the sign-in', advice: 'Start again.', code };
}
