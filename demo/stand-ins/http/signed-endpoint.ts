// The worked example of docs/contracts/old-system-endpoint.md: everything that an endpoint has to do, with nothing but
// Node. Copy it, and put your own look-up in the place of `find`.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenNear } from '../../ports.ts';
import { check } from './old-people.ts';

export interface SignedEndpoint {
  readonly baseUrl: string;
  stop: () => void;
}

export interface Keys {
  /** Shared with Latchkey: 32 bytes. One for questions, one for answers. */
  readonly questions: Buffer;
  readonly answers: Buffer;
}

const MAX_BYTES = 16_384;
const SKEW_SECONDS = 60;
const COVERED = '("@method" "@target-uri" "content-digest" "content-type")';
const COVERED_WITHOUT_BODY = '("@method" "@target-uri" "content-digest")';

export async function startSignedEndpoint(keys: Keys, port = 0): Promise<SignedEndpoint> {
  const nonces = new Map<string, number>();
  const server = createServer((request, response) => {
    // A server that answers by a signature must know the address it was asked at: yours is fixed, and https.
    const target = `http://${request.headers.host}${request.url}`;
    void readBody(request).then((body) => {
      const question = checkQuestion({ request, body, target }, keys, nonces);
      if (question === undefined) return response.writeHead(400).end();
      const [status, answer] = request.method === 'GET' ? [200, {}] : logIn(body);
      return send(response, { status, text: JSON.stringify(answer), question }, keys);
    });
  });
  await listenNear(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return { baseUrl: `http://127.0.0.1:${address.port}`, stop: () => server.close().closeAllConnections() };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: string[] = [];
  let size = 0;
  for await (const chunk of request.setEncoding('utf8')) {
    size += String(chunk).length;
    if (size <= MAX_BYTES) chunks.push(String(chunk));
  }
  return chunks.join('');
}

/** What the person typed, looked up. The same answer, in the same time, for a wrong password and for nobody. */
function logIn(body: string): [status: number, answer: object] {
  const said: unknown = JSON.parse(body);
  const read = (name: string): string =>
    typeof said === 'object' && said !== null ? String(Reflect.get(said, name)) : '';
  const person = check(read('login'), read('password'));
  if (!person) return [401, { error: 'wrong' }];
  if (person.state !== 'open') return [403, { error: person.state === 'locked' ? 'locked' : 'disabled' }];
  const { id, name, email } = person;
  return [200, { id, name, email, asOf: '2026-01-31T00:00:00Z' }];
}

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly target: string;
}

/** The signature of a question that is whole, fresh, new, and from Latchkey; undefined for any other. */
function checkQuestion({ request, body, target }: Asked, keys: Keys, nonces: Map<string, number>): string | undefined {
  const { method, headers } = request;
  const [, input = ''] = /^latchkey=(\([^)]*\)(?:;.*)?)$/.exec(String(headers['signature-input'])) ?? [];
  const [, value = ''] = /^latchkey=(:[A-Za-z0-9+/=]+:)$/.exec(String(headers['signature'])) ?? [];
  const covered = method === 'GET' ? COVERED_WITHOUT_BODY : COVERED;
  if (!input.startsWith(`${covered};`) || !input.includes(';tag="latchkey-question"')) return undefined;
  const base = [
    `"@method": ${method}`,
    `"@target-uri": ${target}`,
    `"content-digest": ${digestOf(body)}`,
    ...(covered === COVERED ? [`"content-type": ${headers['content-type']}`] : []),
    `"@signature-params": ${input}`,
  ].join('\n');
  return isSame(value, sign(base, keys.questions)) && isFreshAndNew(input, nonces) ? value : undefined;
}

/** Looked at only now: nobody else can fill the memory. Nonces are kept for longer than questions are good for. */
function isFreshAndNew(input: string, nonces: Map<string, number>): boolean {
  const now = Date.now() / 1000;
  const created = Number(/;created=(\d+)/.exec(input)?.[1]);
  const nonce = /;nonce="([^"]+)"/.exec(input)?.[1] ?? '';
  for (const [old, at] of nonces) if (at < now - 2 * SKEW_SECONDS) nonces.delete(old);
  if (!(Math.abs(now - created) <= SKEW_SECONDS) || nonce === '' || nonces.has(nonce)) return false;
  nonces.set(nonce, now);
  return true;
}

function send(
  response: ServerResponse,
  { status, text, question }: { readonly status: number; readonly text: string; readonly question: string },
  keys: Keys,
): void {
  const type = 'application/json';
  const input =
    '("@status" "content-type" "content-digest" "signature";req;key="latchkey")' +
    `;created=${Math.floor(Date.now() / 1000)};nonce="${randomBytes(12).toString('base64url')}";keyid="old-system-1";alg="hmac-sha256"`;
  const base = [
    `"@status": ${status}`,
    `"content-type": ${type}`,
    `"content-digest": ${digestOf(text)}`,
    `"signature";req;key="latchkey": ${question}`,
    `"@signature-params": ${input}`,
  ].join('\n');
  response.writeHead(status, {
    'content-type': type,
    'content-digest': digestOf(text),
    'signature-input': `answer=${input}`,
    signature: `answer=${sign(base, keys.answers)}`,
    'cache-control': 'no-store',
  });
  response.end(text);
}

const digestOf = (text: string): string => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
const sign = (base: string, key: Buffer): string => `:${createHmac('sha256', key).update(base).digest('base64')}:`;
const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
