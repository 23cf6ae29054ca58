import { type Static, Type } from 'typebox';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';
import { askHttp, type HttpAnswer } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { basicOf } from './read-typed.ts';
import { channel, type Signing } from './shared-settings.ts';
import { createSigner, type Signer } from './sign-question.ts';

const ChannelSettings = Type.Object(channel);
type ChannelSettings = Static<typeof ChannelSettings> & { readonly signing?: Signing };

export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Where the old system is asked: with our own credentials, and nothing of an answer believed that is not signed. */
export interface Channel {
  /** @throws LegacyFault; a redirect is one unless the caller takes it */
  ask(question: Question, redirects?: 'taken'): Promise<HttpAnswer>;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost|[a-z0-9.-]+\.localhost)$/;

/** @throws LatchkeyError `config_invalid` for a secret that is missing, or an address that is not safe for one */
export function openChannel(settings: ChannelSettings, context: AdapterContext, urls: readonly string[]): Channel {
  for (const url of urls) refuseInTheClear(url, context.source);
  const { ca, clientCertificate, maxBytes, signing } = settings;
  const own = credentialsOf(settings, context);
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(clientCertificate && {
      cert: clientCertificate.certificate,
      key: context.secret(clientCertificate.keySecret),
    }),
  };
  const sign: Signer | undefined = signing && createSigner(signing, context);
  return {
    async ask({ url, method, headers = {}, body, signal }, redirects) {
      const plain = { ...own, ...headers };
      const signed = sign?.({ url: new URL(url).href, method, headers: plain, body: body ?? '' });
      const answer = await askHttp(context.egress, {
        url,
        method,
        signal,
        body,
        tls,
        headers: { ...plain, ...signed?.headers },
        ...(maxBytes !== undefined && { maxBytes }),
      });
      if (redirects !== 'taken' && answer.status >= 300 && answer.status < 400)
        throw new LegacyFault('redirected', `status ${answer.status}`);
      signed?.check(answer);
      return answer;
    },
  };
}

/** A password goes over TLS, or does not leave the machine. */
function refuseInTheClear(template: string, source: string): void {
  const url = URL.parse(template.replaceAll('{login}', 'x'));
  if (url?.username !== '' || url.password !== '')
    throw new LatchkeyError('config_invalid', `The source ${source}: not an address, or one with credentials in it.`);
  if (url.protocol === 'https:' || LOOPBACK.test(url.hostname)) return;
  throw new LatchkeyError('config_invalid', `The source ${source}: ${url.host} may only be asked by https.`);
}

function credentialsOf({ credentials }: ChannelSettings, context: AdapterContext): Record<string, string> {
  if (!credentials) return {};
  const secret = context.secret(credentials.secret);
  if (credentials.kind === 'header') return { [credentials.name.toLowerCase()]: secret };
  return { authorization: credentials.kind === 'bearer' ? `Bearer ${secret}` : basicOf(credentials.user, secret) };
}
