import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperators, operatorRoutes } from '../../src/operators/index.ts';
import { collectRoutes } from '../../src/operators/access/collect-routes.ts';
import type { NeedOfRoute, OperatorRoutes } from '../../src/operators/access/operator-scope.ts';
import { PERMISSIONS, type Role, ROLES } from '../../src/operators/access/permissions.ts';
import { formTokenOf, type TestOperator, testOperator } from '../support/operators.ts';
import { createBrowser, html, signIn, type StaffDoor, staffDoor } from '../support/staff-door.ts';

// Routes of every kind, so that the guard is tried before there are real ones of each.
const Body = Type.Object({ source: Type.String({ maxLength: 20 }) }, { additionalProperties: false });
const room: OperatorRoutes = (scope) => {
  scope.page({ path: '/operators/try', needs: 'runs.see', show: async ({ reply }) => reply.send('seen') });
  scope.act({
    path: '/operators/try/:id/go',
    needs: 'runs.drive',
    fields: Type.Object({ word: Type.String() }, { additionalProperties: false }),
    take: async ({ params, reply, operator }, { word }) => reply.send(`${operator.actor} ${params.id} ${word}`),
  });
  scope.api({
    method: 'GET',
    path: '/operators/api/try',
    needs: 'runs.see',
    query: Type.Object({ after: Type.Optional(Type.String()) }, { additionalProperties: false }),
    answer: async ({ operator, query }) => ({ via: operator.via, actor: operator.actor, after: query.after ?? null }),
  });
  scope.api({
    method: 'POST',
    path: '/operators/api/try/:id',
    needs: 'runs.plan',
    body: Body,
    answer: async ({ params, body }) => ({ id: params.id, source: body.source }),
  });
};

let door: StaffDoor;
beforeAll(async () => {
  door = await staffDoor({ rooms: [room] });
});
afterAll(() => door.close());

const staff = (roles: readonly Role[], handle?: string): Promise<TestOperator> =>
  testOperator(door.app.house, { roles, ...(handle !== undefined && { handle }) });
const page = (url: string, headers: object = {}) => door.app.http.inject({ url, headers: { ...html, ...headers } });
const api = (url: string, headers: object = {}) =>
  door.app.http.inject({ url, headers: { host: 'id.example', ...headers } });
const post = (url: string, fields: Record<string, string>, headers: object = {}) =>
  door.app.http.inject({
    method: 'POST',
    url,
    headers: { ...html, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
const postJson = (url: string, payload: string, headers: object = {}) =>
  door.app.http.inject({
    method: 'POST',
    url,
    headers: { host: 'id.example', 'content-type': 'application/json', ...headers },
    payload,
  });
const tokenFor = async (cookie: string): Promise<string> =>
  formTokenOf((await page('/operators/passkeys', { cookie })).body);
const operators = () => createOperators(door.app.house);

/** How far one gets at a route: to its handler, not further than their roles, or to the sign-in. */
async function comeAs(route: NeedOfRoute, who: TestOperator | undefined): Promise<'in' | 'refused' | 'sent away'> {
  const url = route.path.replaceAll(/:\w+/g, 'nobody');
  const answer = await (url.startsWith('/operators/api/') ? call(route, url, who) : visit(route, url, who));
  if (answer.statusCode === 403) return 'refused';
  if (answer.statusCode === 401) return 'sent away';
  // Signing out leads there too: it is known by what it tells the browser to forget.
  const isSentAway = String(answer.headers.location).startsWith('/operators/sign-in');
  return isSentAway && answer.headers['clear-site-data'] === undefined ? 'sent away' : 'in';
}

async function visit({ method }: NeedOfRoute, url: string, who: TestOperator | undefined) {
  const headers = who ? { cookie: who.cookie } : {};
  if (method === 'GET') return page(url, headers);
  return post(url, who ? { formToken: await tokenFor(who.cookie) } : {}, headers);
}

const call = ({ method }: NeedOfRoute, url: string, who: TestOperator | undefined) =>
  door.app.http.inject({
    method: method === 'GET' || method === 'PUT' ? method : 'POST',
    url,
    headers: { host: 'id.example', ...(who && { authorization: who.authorization }) },
  });

describe('G7: roles', () => {
  it('have the permissions that are written here, and no other', () => {
    const runs = ['viewer', 'migrator', 'approver', 'support'];
    expect(PERMISSIONS).toEqual({
      'systems.see': runs,
      'runs.see': runs,
      'runs.plan': ['migrator'],
      'runs.drive': ['migrator'],
      'runs.approve': ['approver'],
      'runs.undo': ['approver'],
      'rows.see': ['support'],
      'cutover.drive': ['migrator'],
      'cutover.approve': ['approver'],
      'cutover.complain': ['migrator', 'support'],
      'operators.manage': ['administrator'],
    });
  });

  it('G7: every route × every role: allowed by the table or 403, and nobody gets in without a sign-in', async () => {
    // Words and files are not asked for: only what each route needs.
    const deps = { ...door.app.house, pages: { translate: () => (key: string) => key }, files: undefined };
    const table = [...operatorRoutes(deps).table, ...collectRoutes(door.app.house, [room]).table];
    expect(table.filter(({ path }) => !path.startsWith('/operators/try')).length).toBeGreaterThan(10);
    const wrong: string[] = [];
    for (const route of table) {
      const holders: readonly string[] = route.needs === 'signed-in' ? ROLES : PERMISSIONS[route.needs];
      for (const role of ROLES) {
        const came = await comeAs(route, await staff([role]));
        if (came !== (holders.includes(role) ? 'in' : 'refused'))
          wrong.push(`${route.method} ${route.path}: ${role} ${came}`);
      }
      const stranger = await comeAs(route, undefined);
      if (stranger !== 'sent away') wrong.push(`${route.method} ${route.path}: a stranger is ${stranger}`);
    }
    expect(wrong).toEqual([]);
  });

  it('L17: what a role does not allow is refused, changes nothing, and is recorded with its name', async () => {
    const eve = await staff(['viewer'], 'eve');
    const bob = await staff(['viewer'], 'bob');
    const formToken = await tokenFor(eve.cookie);
    const answer = await post('/operators/people/of/bob/suspend', { formToken }, { cookie: eve.cookie });
    expect(answer.statusCode).toBe(403);
    expect((await page('/operators/passkeys', { cookie: bob.cookie })).statusCode).toBe(200);
    await door.app.house.auditBatch.flush();
    const rows = await door.database.db.query<{ body: unknown }>({
      text: `SELECT body FROM audit_events WHERE type = 'operator.refused' AND body->>'actor' = 'operator:eve'`,
    });
    expect(rows).toMatchObject([
      { body: { detail: { needs: 'operators.manage', route: 'POST /operators/people/of/:handle/suspend' } } },
    ]);
  });

  it('nobody changes their own roles, suspends themselves, or takes the last administrator away', async () => {
    const own = await staffDoor();
    const people = createOperators(own.app.house);
    await testOperator(own.app.house, { roles: ['administrator'], handle: 'amy' });
    const amy = { actor: 'operator:amy' };
    const other = { actor: 'operator:other' };
    expect(await people.changeRoles('amy', ['administrator', 'approver'], amy)).toMatchObject({
      reason: 'not-oneself',
    });
    expect(await people.suspend('amy', amy)).toMatchObject({ reason: 'not-oneself' });
    expect(await people.suspend('amy', other)).toMatchObject({ reason: 'last-administrator' });
    expect(await people.changeRoles('amy', ['viewer'], other)).toMatchObject({ reason: 'last-administrator' });
    await testOperator(own.app.house, { roles: ['administrator'], handle: 'zoe' });
    expect(await people.suspend('amy', other)).toEqual({ outcome: 'suspended' });
    await own.close();
  });
});

describe('sessions of staff', () => {
  it('C7: the cookie is __Host-, Secure, HttpOnly and SameSite=Strict', async () => {
    const { browser, authenticator } = await door.join('cookie', ['viewer']);
    const set = [(await signIn(browser, authenticator)).headers['set-cookie']].flat().join('\n');
    expect(set).toMatch(/^__Host-operator=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/m);
  });

  it('C2: end after 15 minutes unused, and after 8 hours in any case', async () => {
    const began = door.clock.now;
    const at = (minutes: number): void => void (door.clock.now = new Date(began.getTime() + minutes * 60_000));
    const [idle, busy] = [await staff(['viewer']), await staff(['viewer'])];
    const seen = async ({ cookie }: TestOperator): Promise<number> =>
      (await page('/operators/passkeys', { cookie })).statusCode;
    at(14.9);
    expect(await seen(idle)).toBe(200);
    at(29.7);
    expect(await seen(idle), 'looking at a page is a use').toBe(200);
    at(29.7 + 15);
    expect(await seen(idle)).toBe(303);
    at(29.7 + 1);
    expect(await seen(idle), 'while the clock is there').toBe(200);
    for (let minutes = 0; minutes < 480; minutes += 10) {
      at(minutes);
      expect(await seen(busy)).toBe(200);
    }
    at(480);
    expect(await seen(busy)).toBe(303);
    door.clock.now = began;
  });

  it('C4: who is suspended is out at once on two nodes, with session and token', async () => {
    const two = await door.secondNode();
    const bryn = await staff(['viewer', 'migrator']);
    const statuses = async (): Promise<number[]> => {
      const answers = [door.app, two].flatMap(({ http }) => [
        http.inject({ url: '/operators/try', headers: { ...html, cookie: bryn.cookie } }),
        http.inject({ url: '/operators/api/try', headers: { host: 'id.example', authorization: bryn.authorization } }),
      ]);
      return (await Promise.all(answers)).map(({ statusCode }) => statusCode);
    };
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    await operators().suspend(bryn.handle, { actor: 'operator:test' });
    expect(await statuses()).toEqual([303, 401, 303, 401]);
  });

  it('C1: other roles want a new session', async () => {
    const { handle, cookie } = await staff(['viewer']);
    expect((await page('/operators/try', { cookie })).statusCode).toBe(200);
    await operators().changeRoles(handle, ['viewer', 'migrator'], { actor: 'operator:test' });
    expect((await page('/operators/try', { cookie })).statusCode).toBe(303);
  });

  it('C4: who is restored signs in anew: the old session stays ended', async () => {
    const dewi = await door.join('dewi', ['viewer']);
    await operators().suspend('dewi', { actor: 'operator:test' });
    expect((await signIn(dewi.browser, dewi.authenticator)).statusCode, 'not while suspended').toBe(400);
    await operators().restore('dewi', { actor: 'operator:test' });
    expect((await dewi.browser.get('/operators/try')).statusCode).toBe(303);
    expect((await signIn(dewi.browser, dewi.authenticator)).statusCode).toBe(303);
    expect((await dewi.browser.get('/operators/try')).statusCode).toBe(200);
  });

  it('C4: the operator’s row alone decides: a session that nobody ended opens nothing for who is suspended', async () => {
    const { operatorId, cookie } = await staff(['viewer']);
    const setStatus = (status: string) =>
      door.database.db.query({
        text: 'UPDATE operators SET status = $2 WHERE operator_id = $1',
        values: [operatorId, status],
      });
    await setStatus('suspended');
    expect((await page('/operators/try', { cookie })).statusCode).toBe(303);
    await setStatus('active');
    expect((await page('/operators/try', { cookie })).statusCode).toBe(200);
  });

  it('C3: signing out ends the session here, not only in the browser', async () => {
    const { cookie } = await staff(['viewer']);
    const formToken = await tokenFor(cookie);
    const out = await post('/operators/sign-out', { formToken }, { cookie });
    expect([out.statusCode, out.headers['clear-site-data']]).toEqual([303, '"cache", "storage"']);
    expect((await page('/operators/passkeys', { cookie })).statusCode).toBe(303);
  });

  it('C5: an administrator ends the sessions of one operator', async () => {
    const carys = await staff(['viewer']);
    expect(await operators().endSessions(carys.handle, { actor: 'operator:test' })).toEqual({
      outcome: 'ended',
      count: 1,
    });
    expect((await page('/operators/try', { cookie: carys.cookie })).statusCode).toBe(303);
  });

  it('what gives access wants a passkey of the last ten minutes, and comes back to the page', async () => {
    const began = door.clock.now;
    const { cookie } = await staff(['administrator']);
    door.clock.now = new Date(began.getTime() + 9 * 60_000);
    const formToken = await tokenFor(cookie);
    door.clock.now = new Date(began.getTime() + 11 * 60_000);
    for (const path of ['/operators/passkeys/add', '/operators/people/invite'])
      expect((await page(path, { cookie })).headers.location).toBe(`/operators/sign-in?to=${encodeURIComponent(path)}`);
    const fields = { formToken, handle: 'puppet', 'role-approver': 'yes' };
    expect((await post('/operators/people/invite', fields, { cookie })).statusCode).toBe(303);
    expect(await operators().find('puppet')).toBeUndefined();
    door.clock.now = began;
  });

  it('C11: a form from another site, without its token, or with another session’s, does nothing', async () => {
    const [mine, other] = [await staff(['migrator']), await staff(['migrator'])];
    const formToken = await tokenFor(mine.cookie);
    const go = (fields: Record<string, string>, headers: object = {}) =>
      post('/operators/try/7/go', { word: 'now', ...fields }, { cookie: mine.cookie, ...headers });
    expect((await go({})).statusCode).toBe(400);
    expect((await go({ formToken: await tokenFor(other.cookie) })).statusCode).toBe(400);
    expect((await go({ formToken: formToken.slice(1) })).statusCode).toBe(400);
    expect((await go({ formToken }, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await go({ formToken }, { origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await go({ formToken, extra: 'field' })).statusCode).toBe(400);
    const done = await go({ formToken });
    expect([done.statusCode, done.body]).toEqual([200, `operator:${mine.handle} 7 now`]);
  });

  it('D21: a sign-in comes back to a page of ours, and to nothing else', async () => {
    const { authenticator } = await door.join('traveller', ['viewer']);
    const comesTo = async (to: string): Promise<unknown> =>
      (await signIn(createBrowser(door.app.http), authenticator, { to })).headers.location;
    expect(await comesTo('/operators/runs/7?page=2')).toBe('/operators/runs/7?page=2');
    for (const to of [
      'https://evil.example/operators',
      '//evil.example/operators',
      '/operators/../../evil',
      '/operators//evil.example',
      '/\\evil.example/operators',
      '/operatorsevil',
      '/account',
      '/operators/sign-out',
      '/operators/api/try',
      'javascript:alert(1)',
      '',
    ])
      expect([to, await comesTo(to)]).toEqual([to, '/operators']);
  });
});

describe('tokens of the API', () => {
  it('open what both their own roles and their owner’s allow', async () => {
    const dan = await staff(['viewer', 'migrator'], 'dan');
    const make = async (roles: readonly Role[], days = 1) =>
      operators().makeToken('dan', { roles, days }, { actor: 'operator:test' });
    const made = await make(['viewer']);
    if (made.outcome !== 'made') throw new Error(made.reason);
    const authorization = `Bearer ${made.token}`;
    expect((await api('/operators/api/try', { authorization })).json()).toMatchObject({
      via: 'token',
      actor: 'operator:dan',
    });
    expect((await postJson('/operators/api/try/7', '{"source":"a"}', { authorization })).statusCode).toBe(403);
    const { authorization: full } = dan;
    expect((await postJson('/operators/api/try/7', '{"source":"a"}', { authorization: full })).json()).toEqual({
      id: '7',
      source: 'a',
    });
    await operators().changeRoles('dan', ['viewer'], { actor: 'operator:test' });
    expect((await postJson('/operators/api/try/7', '{"source":"a"}', { authorization: full })).statusCode).toBe(403);
    expect(await make(['migrator'])).toMatchObject({ reason: 'roles-exceeded' });
    expect(await make(['administrator'])).toMatchObject({ reason: 'roles-exceeded' });
    for (const days of [0, 91, 1.5, Number.NaN])
      expect(await make(['viewer'], days)).toMatchObject({ reason: 'too-many-days' });
    expect(await operators().revokeToken('dan', made.tokenId, { actor: 'operator:test' })).toEqual({
      outcome: 'revoked',
    });
    expect((await api('/operators/api/try', { authorization })).statusCode).toBe(401);
  });

  it('cut at any length, changed anywhere, or out of time they open nothing', async () => {
    const { authorization } = await staff(['viewer']);
    const status = async (text: string): Promise<number> =>
      (await api('/operators/api/try', { authorization: text })).statusCode;
    expect(await status(authorization)).toBe(200);
    for (let length = 0; length < authorization.length; length += 1)
      expect(await status(authorization.slice(0, length))).toBe(401);
    const other = await staff(['viewer']);
    const [owner, secret] = [other.authorization.split('.')[0]!, authorization.split('.')[1]!];
    expect(await status(`${owner}.${secret}`), 'the secret of one with the id of another').toBe(401);
    expect(await status(authorization.toUpperCase())).toBe(401);
    expect(await status(`${authorization}=`)).toBe(401);
    const began = door.clock.now;
    door.clock.now = new Date(began.getTime() + 86_400_000);
    expect(await status(authorization)).toBe(401);
    door.clock.now = began;
  });

  it('C11: a browser’s session reads the API, and changes nothing by it', async () => {
    const { cookie } = await staff(['viewer', 'migrator']);
    expect((await api('/operators/api/try', { cookie })).json()).toMatchObject({ via: 'passkey' });
    const refused = await postJson('/operators/api/try/7', '{"source":"a"}', { cookie });
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="operators"']);
  });

  it('answers problems as JSON, also to who prefers pages', async () => {
    const { authorization } = await staff(['support']);
    const nobody = await api('/operators/api/try', { accept: 'text/html' });
    expect([nobody.statusCode, nobody.headers['content-type'], nobody.json().code]).toEqual([
      401,
      expect.stringContaining('application/problem+json'),
      'not_signed_in',
    ]);
    const wrong = await postJson('/operators/api/try/7', '{', { authorization, accept: 'text/html' });
    expect([wrong.statusCode, wrong.headers['content-type']]).toEqual([400, expect.stringContaining('problem+json')]);
  });

  it('G16: refuses unknown fields, wrong types and __proto__', async () => {
    const { authorization } = await staff(['migrator']);
    for (const body of [
      '{"source":["a"]}',
      '{"source":1}',
      '{}',
      '{"source":"a","more":1}',
      '{"__proto__":{"source":"a"}}',
      '{"source":"a","constructor":{"prototype":1}}',
      '[]',
      'null',
      `{"source":"${'a'.repeat(21)}"}`,
    ])
      expect([body, (await postJson('/operators/api/try/7', body, { authorization })).statusCode]).toEqual([body, 400]);
    expect((await api('/operators/api/try?after=1&after=2', { authorization })).statusCode).toBe(400);
    expect((await api('/operators/api/try?before=1', { authorization })).statusCode).toBe(400);
    expect((await api('/operators/api/try?after=1', { authorization })).json()).toMatchObject({ after: '1' });
  });
});
