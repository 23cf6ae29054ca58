import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp } from '../../support/protocol-app.ts';
import { authorizeRequest, Browser, outcomeOf, redeem } from '../../support/raw-client.ts';

let app: ProtocolApp;
beforeAll(async () => {
  app = await protocolApp();
});
afterAll(() => app.close());

const pathOf = (answer: Response): string => new URL(answer.headers.get('location') ?? '', app.issuer).pathname;
const next = (browser: Browser, answer: Response): Promise<Response> =>
  browser.get(new URL(answer.headers.get('location') ?? '', app.issuer).href);

/** An account of its own that has become part of the citizen's. */
async function absorbedAccount(email: string): Promise<string> {
  const { accounts, db } = app.app.house;
  const absorbed = await app.person(email);
  const place = { journeyId: randomUUID(), browserKey: 'browser' };
  const merged = await db.transaction(async (tx) => {
    const survivor = app.accountId;
    const prove = (accountId: string) =>
      accounts.merging.prove(tx, { ...place, accountId, method: 'password', level: 'Cl' });
    const proofs = { survivor: await prove(survivor), absorbed: await prove(absorbed) };
    if (!proofs.survivor || !proofs.absorbed) throw new Error('not proved');
    const request = { survivor, absorbed, proofs: { survivor: proofs.survivor, absorbed: proofs.absorbed } };
    return accounts.merging.merge(tx, { ...place, ...request, policyVersion: 1, meta: { actor: 'citizen' } });
  });
  expect(merged.outcome).toBe('merged');
  return absorbed;
}

it('LA02: a sign-in that finishes while its account is merged is asked to sign in again, and then it is the other', async () => {
  const absorbed = await absorbedAccount('absorbed@example.org');
  const browser = new Browser(app.issuer);
  app.standIn.accountId = absorbed;
  const asked = authorizeRequest(app.clients.jwt);
  const interaction = await browser.get(asked.url);
  const resume = await next(browser, interaction);
  const again = await next(browser, resume);
  expect(again.status, 'no error').toBe(303);
  expect(pathOf(again)).toMatch(/^\/sign-in\//);
  expect(pathOf(again)).not.toBe(pathOf(interaction));
  expect(app.standIn.seen.at(-1)?.sessionAccountId).toBeUndefined();

  app.standIn.accountId = app.accountId;
  const done = await next(browser, await next(browser, again));
  expect(outcomeOf(done)).toBe('code');
  expect(app.standIn.seen.at(-1), 'nothing of the account that is gone').toMatchObject({
    prompt: 'login',
    sessionAccountId: undefined,
  });
  const code = new URL(done.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const tokens = await redeem(app, app.clients.jwt, { code, verifier: asked.verifier });
  const { sub } = decodeJwt(tokens.body['id_token'] ?? '');
  const { subjects } = app.app.house.accounts;
  const service = await app.app.house.relyingParties.find(app.clients.jwt.clientId);
  expect(sub).toBe(await subjects.find(app.accountId, service?.metadata.sector ?? ''));
});

it('LA02: with prompt=none the service is told login_required', async () => {
  const person = await app.person('later@example.org');
  const browser = new Browser(app.issuer);
  app.standIn.accountId = person;
  const first = await next(browser, await next(browser, await browser.get(authorizeRequest(app.clients.jwt).url)));
  expect(outcomeOf(first)).toBe('code');
  await app.app.house.db.query({
    text: `UPDATE accounts SET status = 'merged' WHERE account_id = $1`,
    values: [person],
  });
  const silent = await browser.get(authorizeRequest(app.clients.secret, { prompt: 'none' }).url);
  expect(outcomeOf(silent)).toBe('login_required');
});
