import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOTP, Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LegacyEstate, legacyEstate } from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Match, OldWay, OutgoingCode, ProvingAttempt, ProvingResult } from '../../../src/migration/index.ts';
import { sourceOf } from './demo-method.ts';
import { makeDemoSecrets } from './demo-secrets.ts';
import { demoMethods } from './methods.ts';
import { openMethods } from './open-methods.ts';

let database: TestDatabase;
let estate: LegacyEstate;
let folder: string;
let stop: () => Promise<void>;
const sent: OutgoingCode[] = [];
/** Stands where Latchkey would, behind the gateway of the demo. */
const arrived: IncomingMessage[] = [];
const behind = createServer((request, response) => {
  arrived.push(request);
  response.writeHead(303, { location: '/' }).end();
});
let issuer: string;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'latchkey-methods-'));
  const secrets = await makeDemoSecrets();
  estate = legacyEstate(database.db, { sourceSecrets: secrets });
  estate.clock.now = new Date();
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const address = behind.address();
  issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  ({ stop } = await openMethods(estate, { secrets, folder, issuer }));
});
afterAll(async () => {
  await stop();
  behind.close();
  await estate.migration.oldSystems.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const password = 'correct horse battery staple';
const anna = { login: 'anna', password };
const NAME = { fact: 'Anna Hughes' };
const seed = Secret.fromBase32('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
const CARD = (cell: string): string => String(10 + (Number(cell.slice(1)) - 1) * 5 + cell.charCodeAt(0) - 65);

type Fields = Readonly<Record<string, string>>;
type Asked = Extract<ProvingResult, { outcome: 'asks' }>['prompt']['fields'];
/** What anna types in one round, by what she is asked and what reached her. */
type Round = Fields | ((fields: Asked) => Fields);

const theCode: Round = () => ({ code: sent.at(-1)?.code ?? '' });
const byLabel =
  (answer: (values: Readonly<Record<string, string | number>>, label: string) => string): Round =>
  (fields) => ({
    ...(fields.some(({ name }) => name === 'login') && anna),
    ...Object.fromEntries(
      fields
        .filter(({ name }) => name !== 'login' && name !== 'password')
        .map(({ name, label }) => [
          name,
          'key' in label ? answer({ ...label.values }, label.key) : answer({}, label.en),
        ]),
    ),
  });
const reference = (login: string): readonly [OldWay, ...Round[]] => [
  'reference-and-fact',
  { reference: login, ...NAME },
];
const mailbox = (login: string): readonly [OldWay, ...Round[]] => ['contact-code', { login }, theCode];

/** What the page of the demo tells to type: one way, or two where a method is not enough by itself. */
const typed: Readonly<Record<string, readonly (readonly [OldWay, ...Round[]])[]>> = {
  ...Object.fromEntries(
    ['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08', 'M42'].map((id) => [id, [['old-password', anna]]]),
  ),
  ...Object.fromEntries(['M09', 'M10', 'M11', 'M13', 'M14', 'M16'].map((id) => [id, [['old-system', anna]]])),
  M12: [['old-system', { login: '00 12 34 56 78 90', password }, { code: '204060' }]],
  M25: [['old-system', anna, byLabel(({ position }) => 'Llanfairpwll'.charAt(Number(position) - 1))]],
  M26: [['old-system', { ...anna, pin: '246810' }]],
  M27: [
    ['old-password', anna],
    [
      'old-system',
      { login: 'anna' },
      byLabel((_, label) => (label.includes('town') ? 'St David’s' : 'ysgol gyfun gwyr')),
    ],
  ],
  M28: [['old-system', byLabel(() => '29 2 1984')], mailbox('9434765919')],
  M29: [
    ['old-system', byLabel((_, label) => (label === 'postcode' ? 'sa488aa' : 'AB 12 34 56 C'))],
    mailbox('PRYDD852294A99AB'),
  ],
  M30: [['old-system', byLabel((_, label) => (label === 'nationality' ? 'Irish' : '29 2 1984'))], mailbox('ZU1234567')],
  M31: [['old-system', { login: 'anna' }, theCode], reference('M31-0001')],
  M32: [['old-system', { login: 'anna' }, theCode], reference('M32-0001')],
  M33: [['old-system', anna, theCode]],
  M34: [['old-system', { login: 'anna' }, theCode], reference('M34-0001')],
  M35: [['old-system', { login: 'anna', code: '' }, () => ({ login: 'anna', ...letter() })]],
  M36: [['old-system', anna, byLabel(({ cell }) => CARD(String(cell)))]],
  M37: [
    ['old-system', () => ({ ...anna, code: TOTP.generate({ secret: seed, timestamp: estate.clock.now.getTime() }) })],
  ],
  M38: [['old-system', { ...anna, code: HOTP.generate({ secret: seed, counter: 0 }) }]],
  M39: [['old-system', anna, { code: '654321' }, { code: '123456' }]],
  M43: [['old-password', { ...anna, login: 'hughes-and-sons' }]],
  M44: [
    ['old-system', { login: '4711 0815', code: '' }, () => ({ login: '47110815', ...letter() })],
    reference('47110815'),
  ],
};
const letter = (): Fields => ({ code: sent.at(-1)?.code ?? '' });
const IDENTIFIERS: Readonly<Record<string, string>> = {
  M28: '943 476 5919',
  M29: 'PRYDD 852294 A99AB',
  M30: 'ZU1234567',
};

const attempt = (id: string, way: OldWay): ProvingAttempt => ({
  source: id.toLowerCase(),
  way,
  place: { journeyId: id, browserKey: 'browser' },
  ip: `10.0.${id.slice(1)}.1`,
  language: 'en',
  tag: 'test',
  deliver: async (_tx, message) => void sent.push(message),
});

async function go(id: string, [way, ...rounds]: readonly [OldWay, ...Round[]]): Promise<ProvingResult> {
  const { proving } = estate.migration;
  let result: ProvingResult = { outcome: 'unavailable' };
  const first = await proving.start(attempt(id, way));
  if (first.outcome !== 'asks') throw new Error(`${id} ${way}: ${first.outcome}`);
  let asked = first;
  for (const round of rounds) {
    const fields = typeof round === 'function' ? round(asked.prompt.fields) : round;
    const login = IDENTIFIERS[id] ?? fields['login'];
    const all = { ...fields, ...(login !== undefined && fields['login'] !== undefined && { login }) };
    result = await proving.answer({ ...attempt(id, way), state: asked.state, fields: all });
    if (result.outcome === 'asks') asked = result;
  }
  return result;
}

/** As a browser: the old system's page, its form, and back by an address or by a form. */
async function leave(id: string): Promise<ProvingResult> {
  const { proving } = estate.migration;
  const left = await proving.start(attempt(id, 'old-system'));
  if (left.outcome === 'enter') return enter(id, left);
  if (left.outcome !== 'redirect') throw new Error(`${id}: ${left.outcome}`);
  const page = await (await fetch(left.url)).text();
  const body = new URLSearchParams({ ...hiddenIn(page), name: 'anna', password });
  const answer = await fetch(new URL('/sign-in', left.url), { method: 'POST', body, redirect: 'manual' });
  const location = answer.headers.get('location');
  const parameters =
    location === null ? hiddenIn(await answer.text()) : Object.fromEntries(new URL(location).searchParams);
  const { handle, state } = left;
  expect(await proving.handleOf(id.toLowerCase(), parameters)).toBe(handle);
  return proving.returned({ attempt: attempt(id, 'old-system'), handle, state, parameters });
}

/** Through the gateway, which passes on what it knows of who comes. */
async function enter(id: string, { url, handle }: { readonly url: string; readonly handle: string }) {
  const body = new URLSearchParams({ handle, held: 'anna' });
  await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const request = arrived.at(-1);
  if (!request) throw new Error(`${id}: nothing came through the gateway`);
  const headers = Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values] as const);
  return estate.migration.proving.arrived({
    attempt: attempt(id, 'old-system'),
    handle,
    came: {
      headers: Object.fromEntries(headers),
      peer: request.socket.remoteAddress ?? '',
      peerCertificate: undefined,
    },
  });
}

const hiddenIn = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    ]),
  );

it.each(demoMethods.map((method) => [method.id, method] as const))(
  '%s: anna proves her old account with what the page of the demo says',
  async (id, method) => {
    const ways = typed[id];
    const results = ways ? [] : [await leave(id)];
    for (const way of ways ?? []) results.push(await go(id, way));
    const matches = results.filter((result): result is Match => result.outcome === 'match');
    expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'match'));
    expect(new Set(matches.map(({ legacyKey }) => legacyKey)).size).toBe(1);
    const kinds = matches.map(({ kind }) => kind);
    expect(await estate.migration.proving.isEnough(sourceOf(method), kinds)).toBe(true);
  },
);

it('opens a second time with nothing imported twice', async () => {
  const counted = { text: 'SELECT count(*)::int AS rows FROM imports', values: [] };
  const before = await estate.db.query(counted);
  const again = await openMethods(estate, {
    secrets: await makeDemoSecrets(),
    folder,
    issuer,
  });
  await again.stop();
  expect(await estate.db.query(counted)).toEqual(before);
});
