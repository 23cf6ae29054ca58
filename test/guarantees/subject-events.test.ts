import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EventReceiver, eventReceiver, takes } from '../support/event-receiver.ts';
import { protocolApp, type ProtocolApp } from '../support/protocol-app.ts';
import { Browser, signIn, userinfo } from '../support/raw-client.ts';
import { mergeTwo, type Pair, partTwo, subsOf, twoPeople } from '../support/two-people.ts';

const EVENT = 'urn:fdc:latchkey:2026:event:subject-changed';

let app: ProtocolApp;
let one: EventReceiver;
let sibling: EventReceiver;
let elsewhere: EventReceiver;

beforeAll(async () => {
  app = await protocolApp();
  [one, sibling, elsewhere] = await Promise.all([eventReceiver(), eventReceiver(), eventReceiver()]);
  await app.register('told-one', { eventsUri: one.url, sector: 'told.example' });
  await app.register('told-two', { eventsUri: sibling.url, sector: 'told.example', idTokenAlg: 'RS256' });
  await app.register('not-told', { sector: 'told.example' });
  await app.register('told-elsewhere', { eventsUri: elsewhere.url, sector: 'elsewhere.example' });
});
afterEach(() => {
  for (const receiver of [one, sibling, elsewhere]) {
    receiver.answer = takes;
    receiver.got.length = 0;
  }
});
afterAll(async () => {
  await app.close();
  await Promise.all([one, sibling, elsewhere].map((receiver) => receiver.close()));
});

/** Back-off is the outbox's own matter; here its clock is moved. */
const deliver = async (): Promise<number> => {
  await app.app.house.db.query({
    text: `UPDATE outbox SET next_attempt_at = now() - interval '1 second' WHERE sent_at IS NULL AND gave_up_at IS NULL`,
  });
  return app.app.outbox.drainOnce();
};
const waiting = async (): Promise<number> => {
  const rows = await app.app.house.db.query({
    text: `SELECT 1 FROM outbox WHERE kind = 'security-event' AND sent_at IS NULL AND gave_up_at IS NULL`,
  });
  return rows.length;
};
const deliverAll = async (): Promise<void> => {
  await expect
    .poll(async () => {
      await deliver();
      return waiting();
    })
    .toBe(0);
};
const lastErrors = async (): Promise<(string | null)[]> => {
  const rows = await app.app.house.db.query<{ last_error: string | null }>({
    text: `SELECT last_error FROM outbox WHERE kind = 'security-event' AND sent_at IS NULL ORDER BY message_id`,
  });
  return rows.map((row) => row.last_error);
};

/** As RFC 8417 §2 and RFC 8935 §2 tell a receiver to. */
async function verify(token: string, clientId: string): Promise<JWTPayload> {
  const response = await new Browser(app.issuer).get('/.well-known/jwks.json');
  const keys = createLocalJWKSet(JSON.parse(await response.text()));
  const options = { issuer: app.issuer, audience: clientId, typ: 'secevent+jwt' };
  return (await jwtVerify(token, keys, options)).payload;
}

async function mergedPair(): Promise<{ pair: Pair; mergeId: string; subs: [string, string] }> {
  const pair = await twoPeople(app.app, ['told.example', 'elsewhere.example', 'silent.example']);
  const subs = await subsOf(app.app, pair, 'told.example');
  return { pair, subs, mergeId: await mergeTwo(app.app, pair) };
}

describe('E11: what services are told when two subs become one', () => {
  it('a signed event, for each live service of the sector that asked for it, by its own algorithm', async () => {
    const { subs } = await mergedPair();
    const [kept, gone] = subs;
    await deliverAll();
    for (const [receiver, clientId, alg] of [
      [one, 'told-one', 'ES256'],
      [sibling, 'told-two', 'RS256'],
    ] as const) {
      expect(receiver.got).toHaveLength(1);
      const [{ type, body } = { type: '', body: '' }] = receiver.got;
      expect(type).toBe('application/secevent+jwt');
      expect(decodeProtectedHeader(body)).toEqual({ alg, typ: 'secevent+jwt', kid: expect.any(String) });
      const payload = await verify(body, clientId);
      expect(payload).toEqual({
        iss: app.issuer,
        aud: clientId,
        jti: expect.any(String),
        txn: expect.any(String),
        iat: expect.any(Number),
        toe: payload.iat,
        sub_id: { format: 'iss_sub', iss: app.issuer, sub: gone },
        events: { [EVENT]: { change: 'joined', from: gone, to: kept } },
      });
    }
    const [mine, theirs] = [one, sibling].map(({ got }) => decodeJwt(got[0]?.body ?? ''));
    expect(mine?.['txn']).toBe(theirs?.['txn']);
    expect(mine?.jti).not.toBe(theirs?.jti);
  });

  it('another sector hears of its own subs only, and by nothing that joins it with ours', async () => {
    const { pair, subs } = await mergedPair();
    await deliverAll();
    const [ours, theirs] = [one, elsewhere].map(({ got }) => got[0]?.body ?? '');
    const said = JSON.stringify(decodeJwt(theirs ?? ''));
    for (const sub of [...subs, pair.survivor, pair.absorbed]) expect(said).not.toContain(sub);
    const { jti, txn } = decodeJwt(ours ?? '');
    for (const id of [String(jti), String(txn)]) expect(said).not.toContain(id);
  });

  it('E10: and when they are two again', async () => {
    const { pair, mergeId, subs } = await mergedPair();
    await partTwo(app.app, pair, mergeId);
    await deliverAll();
    const events = await Promise.all(one.got.map(({ body }) => verify(body, 'told-one')));
    const [kept, gone] = subs;
    const said = events.map(({ events: all }) => Object(all)[EVENT]);
    expect(said).toHaveLength(2);
    expect(said).toContainEqual({ change: 'joined', from: gone, to: kept });
    expect(said).toContainEqual({ change: 'parted', from: gone, to: gone });
  });

  it('L14: a merge that does not stand tells nobody', async () => {
    const pair = await twoPeople(app.app, ['told.example']);
    const { db, accounts } = app.app.house;
    const place = { journeyId: 'j', browserKey: 'b' };
    const proved = await db.transaction((tx) =>
      accounts.merging.prove(tx, { ...place, accountId: pair.survivor, method: 'password', level: 'Cl' }),
    );
    if (!proved) throw new Error('not proved');
    // With proof of one side twice, not of both.
    const proofs = { survivor: proved, absorbed: proved };
    const act = { ...place, ...pair, proofs, policyVersion: 1, meta: { actor: 'citizen' } };
    expect((await db.transaction((tx) => accounts.merging.merge(tx, act))).outcome).toBe('needs-proof');
    // And one whose transaction fails after all.
    const { house } = app.app;
    const undone = {
      house: {
        ...house,
        db: { ...db, transaction: (work: Parameters<typeof db.transaction>[0]) => db.transaction(thenFail(work)) },
      },
    };
    await expect(mergeTwo(Object.assign({}, app.app, undone), pair)).rejects.toThrow('after all');
    expect(await waiting()).toBe(0);
    await deliver();
    expect(one.got).toEqual([]);
  });
});

function thenFail<A>(work: (tx: A) => Promise<unknown>): (tx: A) => Promise<never> {
  return async (tx) => {
    await work(tx);
    throw new Error('after all');
  };
}

describe('F26: receivers that do not do what they should', () => {
  it('one that is down gets the same event when it is back; nobody waits for it', async () => {
    one.answer = (response) => void response.socket?.destroy();
    await mergedPair();
    await deliver();
    await deliver();
    expect(sibling.got).toHaveLength(1);
    expect(await waiting()).toBeGreaterThan(0);
    one.answer = takes;
    await deliverAll();
    expect(one.got.length).toBeGreaterThan(1);
    expect(new Set(one.got.map(({ body }) => decodeJwt(body).jti)).size).toBe(1);
    expect(new Set(one.got.map(({ body }) => decodeJwt(body).iat)).size).toBe(1);
    expect(await deliver()).toBe(0);
  });

  const garbage: Record<string, [(response: Parameters<typeof takes>[0]) => void, string]> = {
    'a page for everything': [(response) => void response.writeHead(200).end('<html>'), 'http:200'],
    'a redirect': [(response) => void response.writeHead(307, { location: elsewhere.url }).end(), 'http:307'],
    'an error of RFC 8935': [
      (response) => void response.writeHead(400).end('{"err":"invalid_key","description":"someone@example.org"}'),
      'set:invalid_key',
    ],
    'an error of its own': [
      (response) => void response.writeHead(400).end('{"err":"someone@example.org"}'),
      'set:unknown',
    ],
    'no JSON': [(response) => void response.writeHead(400).end('\u0000{'), 'set:unknown'],
    'a body without end': [endless, 'http:200'],
  };
  it.each(Object.keys(garbage))('%s is no yes, and nothing of it is kept', async (name) => {
    const [answer, reason] = garbage[name] ?? [takes, ''];
    one.answer = answer;
    await mergedPair();
    await expect
      .poll(async () => {
        await deliver();
        return lastErrors();
      })
      .toEqual([reason]);
    expect(elsewhere.got).toHaveLength(1);
    one.answer = takes;
    await deliverAll();
  });

  it('one that never takes it is given up after a week, and counted', async () => {
    one.answer = (response) => void response.writeHead(500).end();
    await mergedPair();
    await deliver();
    const [row] = await app.app.house.db.query<{ days: number }>({
      text: `SELECT extract(epoch FROM expires_at - created_at)::integer / 86400 AS days FROM outbox
             WHERE kind = 'security-event' AND sent_at IS NULL AND gave_up_at IS NULL`,
    });
    expect(row?.days).toBe(7);
    await app.app.house.db.query({ text: `UPDATE outbox SET expires_at = now() WHERE sent_at IS NULL` });
    await deliverAll();
    const metrics = await app.app.house.metrics.registry.metrics();
    expect(metrics).toMatch(/latchkey_outbox_messages_total\{kind="security-event",outcome="expired"\} 1/);
  });

  it('a service that is suspended, or wants no events any more, gets none', async () => {
    const late = await eventReceiver();
    await app.register('told-late', { eventsUri: late.url, sector: 'told.example' });
    await app.app.house.relyingParties.suspend('told-late', { actor: 'operator:test' });
    await mergedPair();
    await deliverAll();
    expect(late.got).toEqual([]);
    await app.app.house.relyingParties.resume('told-late', { actor: 'operator:test' });
    await mergedPair();
    await app.register('told-late', { sector: 'told.example' });
    await deliverAll();
    expect(late.got).toEqual([]);
    await late.close();
  });
});

it('D13: an event is no proof of a session, no ID token and no access token', async () => {
  const { subs } = await mergedPair();
  await deliverAll();
  const token = one.got[0]?.body ?? '';
  expect(decodeJwt(token)).not.toHaveProperty('sub');
  expect(JSON.stringify(decodeJwt(token))).toContain(subs[1]);
  const browser = new Browser(app.issuer);
  await signIn(app, browser, app.clients.jwt);
  const page = await (await browser.get(`/logout?id_token_hint=${token}`, { accept: 'text/html' })).text();
  expect(page).not.toContain('signed out');
  expect((await userinfo(app, token)).status).toBe(401);
  expect((await signIn(app, browser, app.clients.jwt, { prompt: 'none' })).status).toBe(200);
});

function endless(response: Parameters<typeof takes>[0]): void {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
  };
  response.on('drain', more);
  response.on('error', () => {});
  more();
}
