import { askHttp } from '../egress/ask-http.ts';
import type { Egress } from '../egress/egress.ts';
import { LegacyFault } from '../legacy-fault.ts';

export interface JsonQuestion {
  readonly url: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ca?: string | undefined;
  /** `refusals`: a 4xx is an answer, too. `anything`: so is whatever comes, but for 5xx. */
  readonly accept?: 'refusals' | 'anything';
  readonly signal: AbortSignal;
}

/** @throws LegacyFault for what is no JSON, or is an error of the other side. */
export async function askJson(egress: Egress, question: JsonQuestion): Promise<unknown> {
  const { url, form, headers, ca, accept, signal } = question;
  const answer = await askHttp(egress, {
    url,
    signal,
    method: form ? 'POST' : 'GET',
    body: form && new URLSearchParams(form).toString(),
    headers: {
      accept: 'application/json',
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(ca !== undefined && { tls: { ca } }),
  });
  const { status } = answer;
  if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
  if (accept === 'anything') return undefined;
  if (status >= 300 && status < 400) throw new LegacyFault('redirected', `status ${status}`);
  if (status !== 200 && accept !== 'refusals') throw new LegacyFault('refused-us', `status ${status}`);
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch (error) {
    throw new LegacyFault('garbage', 'not JSON', error);
  }
}
