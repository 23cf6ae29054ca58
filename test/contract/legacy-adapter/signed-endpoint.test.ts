import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type SignedEndpoint, startSignedEndpoint } from '../../../demo/stand-ins/http/signed-endpoint.ts';
import { AdapterSettings } from '../../../src/legacy/index.ts';
import { signBase } from '../../../src/legacy/http/sign-message.ts';
import { directlyAskedSystem } from '../../support/directly-asked-system.ts';
import { PASSWORD } from '../../support/legacy-servers/people.ts';

// The published contract for endpoints of third parties: its worked example is signed in through, and lied to.

const CONTRACTS = join(import.meta.dirname, '../../../docs/contracts');
const contract = readFileSync(join(CONTRACTS, 'old-system-endpoint.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...contract.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\\n\`\`\``, 'g'))].map(([, text = '']) => text);
const keysOfText = [...contract.matchAll(/key `([A-Za-z0-9+/=]{44})`/g)].map(([, key = '']) =>
  Buffer.from(key, 'base64'),
);
const [questions = Buffer.alloc(0), answers = Buffer.alloc(0)] = keysOfText;
const secrets = {
  'old-system-questions': questions.toString('base64'),
  'old-system-answers': answers.toString('base64'),
};

function settingsOfText(url: string): AdapterSettings {
  const settings: unknown = { ...JSON.parse(blocks('json')[1] ?? ''), url };
  if (!Value.Check(AdapterSettings, settings)) throw new Error('the contract shows settings that are none');
  return settings;
}

let endpoint: SignedEndpoint;
beforeEach(async () => {
  endpoint = await startSignedEndpoint({ questions, answers });
});
afterEach(() => endpoint.stop());

const system = (url: string, changed: Parameters<typeof directlyAskedSystem>[0] | object = {}) => {
  const asked = directlyAskedSystem({ settings: settingsOfText(url), secrets, ...changed });
  onTestFinished(() => asked.close());
  return asked;
};
const signIn = (url: string, login: string, password: string) => system(url).answer({ login, password });

describe('an endpoint as the contract shows it', () => {
  it('signs anna in, and keeps out whom it should', async () => {
    expect(await signIn(endpoint.baseUrl, 'anna', PASSWORD)).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'M-1001', level: 'Cl', attributes: [{ value: 'Anna Example' }, { name: 'email' }] },
    });
    const reasons = [
      ['anna', 'wrong', 'wrong-secret'],
      ['nobody', PASSWORD, 'wrong-secret'],
      ['disabled-dan', PASSWORD, 'disabled'],
      ['locked-lou', PASSWORD, 'locked'],
    ] as const;
    for (const [login, password, reason] of reasons)
      expect(await signIn(endpoint.baseUrl, login, password)).toEqual({ outcome: 'refused', reason });
    expect(await system(endpoint.baseUrl).probe()).toBeUndefined();
  });

  it('its signatures are those that the text shows', () => {
    const [question = '', answer = ''] = blocks('text');
    const [sent = '', received = ''] = blocks('http');
    expect(sent).toContain(`Signature: latchkey=:${signBase(question, keyOf(questions))}:`);
    expect(received).toContain(`Signature: answer=:${signBase(answer, keyOf(answers))}:`);
  });

  it('its messages are those of the OpenAPI file', async () => {
    const file = JSON.parse(readFileSync(join(CONTRACTS, 'old-system-endpoint.openapi.json'), 'utf8'));
    const { Question, Person, Wrong, Closed } = file.components.schemas;
    const seen = await overhear(endpoint.baseUrl);
    for (const [login, password] of [
      ['anna', PASSWORD],
      ['anna', 'wrong'],
      ['disabled-dan', PASSWORD],
    ] as const)
      await signIn(seen.baseUrl, login, password);
    expect(seen.messages.map(({ question }) => Value.Check(Question, JSON.parse(question)))).toEqual([
      true,
      true,
      true,
    ]);
    const shapes = [Person, Wrong, Closed].map((schema, at) =>
      Value.Check(schema, JSON.parse(seen.messages[at]?.answer ?? '')),
    );
    expect(shapes).toEqual([true, true, true]);
  });
});

describe('somebody between the two', () => {
  const outOfOrder = { outcome: 'unavailable', reason: 'garbage' };

  it('L8: a question that is asked again is not answered', async () => {
    const seen = await overhear(endpoint.baseUrl);
    await signIn(seen.baseUrl, 'anna', PASSWORD);
    const [message] = seen.messages;
    expect((await seen.forward('POST', message?.headers ?? {}, message?.question ?? '')).status).toBe(400);
  });

  it('a question that was changed, or is not signed, is not answered', async () => {
    const seen = await overhear(endpoint.baseUrl, { question: (text) => text.replace('anna', 'zoë') });
    expect(await signIn(seen.baseUrl, 'anna', PASSWORD)).toEqual(outOfOrder);
    const plain = { 'content-type': 'application/json' };
    expect((await seen.forward('POST', plain, '{"login":"anna","password":"x"}')).status).toBe(400);
  });

  it.each([
    ['says who it is by another id', { answer: (text: string) => text.replace('M-1001', 'M-9999') }],
    ['makes a refusal into a sign-in', { status: 200 }],
    ['makes a sign-in into a refusal', { status: 401 }],
    ['takes the signature off', { headers: { signature: '', 'signature-input': '' } }],
    ['names another key', { input: (text: string) => text.replace('old-system-1', 'mine') }],
    ['covers less', { input: (text: string) => text.replace('"@status" ', '') }],
    ['calls it another type', { headers: { 'content-type': 'application/problem+json' } }],
  ])('an answer that somebody %s is not believed', async (_what, change: Change) => {
    const seen = await overhear(endpoint.baseUrl, change);
    const password = 'status' in change && change.status === 200 ? 'wrong' : PASSWORD;
    expect(await signIn(seen.baseUrl, 'anna', password)).toEqual(outOfOrder);
  });

  it('an answer to another question is not believed', async () => {
    const seen = await overhear(endpoint.baseUrl);
    await signIn(seen.baseUrl, 'anna', PASSWORD);
    const [kept] = seen.messages;
    const replayed = await overhear(endpoint.baseUrl, { instead: kept });
    expect(await signIn(replayed.baseUrl, 'zoë', 'wrong')).toEqual(outOfOrder);
  });

  it('an answer of yesterday is not believed', async () => {
    const now = () => new Date(Date.now() + 50_000);
    expect(await system(endpoint.baseUrl, { now }).answer({ login: 'anna', password: PASSWORD })).toMatchObject({
      outcome: 'identified',
    });
    const later = () => new Date(Date.now() + 24 * 3600_000);
    expect(await system(endpoint.baseUrl, { now: later }).answer({ login: 'anna', password: PASSWORD })).toEqual(
      outOfOrder,
    );
  });

  it('a key that can be guessed is not used', async () => {
    const short = { ...secrets, 'old-system-questions': Buffer.from('short').toString('base64') };
    await expect(system(endpoint.baseUrl, { secrets: short }).probe()).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});

const keyOf = (key: Buffer) => ({ keyId: '', algorithm: 'hmac-sha256', key }) as const;

interface Message {
  readonly headers: IncomingHttpHeaders | Readonly<Record<string, string>>;
  readonly question: string;
  readonly status: number;
  readonly answer: string;
  readonly answerHeaders: IncomingHttpHeaders;
}

interface Change {
  readonly question?: (text: string) => string;
  readonly answer?: (text: string) => string;
  readonly input?: (text: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly instead?: Message | undefined;
}

/** A proxy that hears everything, and changes what it is told to. */
async function overhear(target: string, change: Change = {}) {
  const messages: Message[] = [];
  const forward = async (method: string, headers: Message['headers'], body: string): Promise<Message> => {
    const { hostname, port } = new URL(target);
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = request({ hostname, port, method, path: '/', headers: { ...headers, ...length } });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      sent.on('response', resolve).on('error', reject),
    );
    sent.end(body);
    const answer = await answered;
    const text = await readText(answer);
    return { headers, question: body, status: answer.statusCode ?? 0, answer: text, answerHeaders: answer.headers };
  };
  const reply = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readText(asked);
    const heard = await forward(asked.method ?? 'GET', asked.headers, change.question?.(body) ?? body);
    messages.push(heard);
    const told = change.instead ?? heard;
    for (const [name, value] of changedHeaders(told.answerHeaders, change)) response.setHeader(name, value);
    response.writeHead(change.status ?? told.status).end(change.answer?.(told.answer) ?? told.answer);
  };
  const server = createServer((asked, response) => void reply(asked, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, messages, forward };
}

function changedHeaders(headers: IncomingHttpHeaders, change: Change): readonly (readonly [string, string])[] {
  const input = change.input?.(String(headers['signature-input']));
  const changed = { ...headers, ...(input !== undefined && { 'signature-input': input }), ...change.headers };
  return Object.entries(changed)
    .filter(([name]) => !OF_THE_HOP.has(name))
    .flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value] as const] : []));
}

const OF_THE_HOP: ReadonlySet<string> = new Set(['content-length', 'connection', 'transfer-encoding', 'keep-alive']);

async function readText(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += String(chunk);
  return text;
}
