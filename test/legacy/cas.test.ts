import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCasStandIn } from '../../demo/stand-ins/ticket/cas-stand-in.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser } from '../support/legacy-servers/form-browser.ts';
import { type Lemonldap, startLemonldap } from '../support/legacy-servers/lemonldap.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { CALLBACK, redirectedSystem, type Journey } from '../support/redirected-system.ts';

type Cas = Extract<AdapterSettings, { method: 'M23' }>;

const OTHER_SERVICE = 'http://127.0.0.1:4000/other';
const refused = (reason: string) => ({ outcome: 'refused', reason });
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });
const identified = expect.objectContaining({ outcome: 'identified' });

/** Query of the callback, after a sign-in; undefined when the server did not let go. */
const goAndSignIn = async (
  { url }: Pick<Journey, 'url'>,
  user = 'anna',
  password: string = PASSWORD,
  browser = formBrowser(),
) => {
  const isBack = (at: string): boolean => at.startsWith(CALLBACK) || at.startsWith(OTHER_SERVICE);
  const page = await browser.open(url, 'http://127.0.0.1:4000/');
  const fields = { user, name: user, password };
  const back = isBack(page.url) ? page : await browser.submit(page, fields, 'http://127.0.0.1:4000/');
  return isBack(back.url) ? Object.fromEntries(new URL(back.url).searchParams) : undefined;
};

describe('lemonldap as a CAS server', () => {
  let server: Lemonldap;
  beforeAll(async () => {
    server = await startLemonldap({ casServices: [CALLBACK, OTHER_SERVICE] });
  });
  afterAll(() => server.stop());

  const system = (changed: Partial<Cas> = {}) =>
    redirectedSystem({
      settings: {
        family: 'ticket',
        method: 'M23',
        baseUrl: server.casUrl,
        identifier: 'user',
        attributes: [{ name: 'email', claim: 'mail' }],
        ...changed,
      },
    });

  it('M23: anna signs in', async () => {
    const journey = await system().depart();
    expect(await journey.finish((await goAndSignIn(journey)) ?? {})).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'anna',
        evidence: 'assertion',
        proved: ['assertion'],
        level: 'Cl',
        attributes: [{ name: 'email', value: 'anna@legacy.test', from: 'old-system', asOf: expect.any(String) }],
        warnings: [],
      },
    });
  });

  it('M23: anna signs in by CAS 2, and by an attribute that says who she is', async () => {
    const second = await system({ version: '2' }).depart();
    expect(await second.finish((await goAndSignIn(second)) ?? {})).toEqual(identified);
    const named = await system({ identifier: { claim: 'uid' }, identifierMayBeReassigned: true }).depart();
    expect(await named.finish((await goAndSignIn(named)) ?? {})).toMatchObject({
      identity: { accountKey: 'anna', warnings: ['identifier-may-be-reassigned'] },
    });
  });

  it.each([
    ['a wrong password', 'anna', 'wrong'],
    ['an unknown name', 'nobody', PASSWORD],
  ])('M23: %s brings nothing back', async (_what, user, password) => {
    expect(await goAndSignIn(await system().depart(), user, password)).toBeUndefined();
  });

  it('L8: a ticket is taken once', async () => {
    const journey = await system().depart();
    const query = (await goAndSignIn(journey)) ?? {};
    expect(await journey.finish(query)).toEqual(identified);
    expect(await journey.finish(query)).toEqual(refused('stale'));
  });

  it('L9: a ticket of another journey is not taken, whosever handle it comes with', async () => {
    const here = system();
    const [mine, theirs] = [await here.depart(), await here.depart()];
    const query = (await goAndSignIn(theirs)) ?? {};
    expect(await mine.finish(query)).toEqual(refused('not-bound'));
    expect(await mine.finish({ ...query, state: mine.handle })).toMatchObject({ outcome: 'refused' });
  });

  it('L10: a ticket for another service is not taken', async () => {
    const journey = await system().depart();
    const url = journey.url.replace(encodeURIComponent(CALLBACK), encodeURIComponent(OTHER_SERVICE));
    expect(url).not.toBe(journey.url);
    const query = (await goAndSignIn({ url })) ?? {};
    expect(query).toHaveProperty('ticket');
    expect(await journey.finish({ ...query, state: journey.handle })).toMatchObject({ outcome: 'refused' });
  });

  it('M23: an open session is enough where configuration says so', async () => {
    const browser = formBrowser();
    await goAndSignIn(await system().depart(), 'anna', PASSWORD, browser);
    const journey = await system({ reauthenticate: false }).depart();
    const query = await goAndSignIn(journey, 'anna', 'no password', browser);
    expect(await journey.finish(query ?? {})).toEqual(identified);
  });

  it('M23: is there', async () => {
    expect(await system().probe()).toBeUndefined();
  });
});

describe('a CAS server that lies', () => {
  let liar: Server;
  let baseUrl: string;
  let say: (response: ServerResponse) => void;
  let asked: URL;
  beforeAll(async () => {
    liar = createServer(({ url = '' }, response) => {
      asked = new URL(url, 'http://liar');
      say(response);
    }).listen(0, '127.0.0.1');
    await once(liar, 'listening');
    const address = liar.address();
    baseUrl = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/cas`;
  });
  afterAll(() => {
    liar.closeAllConnections();
    liar.close();
  });

  const finish = async (changed: Partial<Cas> = {}, ticket: string | undefined = 'ST-1') => {
    const settings = { family: 'ticket', method: 'M23', baseUrl, identifier: 'user', ...changed } as const;
    const system = redirectedSystem({ settings });
    const journey = await system.depart();
    const answer = await journey.finish({ state: journey.handle, ...(ticket !== '' && { ticket }) });
    return [answer, system.remembered.size];
  };
  const saying = (text: string | Buffer, status = 200): void => {
    say = (response) => response.writeHead(status).end(text);
  };
  const inside = (content: string): string =>
    `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">${content}</cas:serviceResponse>`;
  const success = (content: string): string =>
    inside(`<cas:authenticationSuccess>${content}</cas:authenticationSuccess>`);
  const anna = '<cas:user>anna</cas:user>';
  const attributes = (content: string): string => success(`${anna}<cas:attributes>${content}</cas:attributes>`);

  it('M23: says who a good ticket is for, to the service that it is for, of a sign-in just now', async () => {
    saying(success(anna));
    expect(await finish()).toEqual([identified, 1]);
    expect(asked.pathname).toBe('/cas/p3/serviceValidate');
    const { service, ...others } = Object.fromEntries(asked.searchParams);
    expect(service).toMatch(/^http:\/\/127\.0\.0\.1:4000\/old-sign-in\/old-system\?state=[0-9a-f]{43}$/);
    expect(others).toEqual({ ticket: 'ST-1', renew: 'true' });
  });

  it.each([
    [
      'of a proxy',
      success(`${anna}<cas:proxies><cas:proxy>https://other.test</cas:proxy></cas:proxies>`),
      'not-allowed',
    ],
    ['that it does not know', inside('<cas:authenticationFailure code="INVALID_TICKET"/>'), 'stale'],
    ['of an open session', inside('<cas:authenticationFailure code="INVALID_TICKET_SPEC"/>'), 'stale'],
    ['for another service', inside('<cas:authenticationFailure code="INVALID_SERVICE"/>'), 'wrong-audience'],
    ['that it says is not from a new sign-in', attributes('<cas:isFromNewLogin>false</cas:isFromNewLogin>'), 'stale'],
    [
      'of somebody who was remembered',
      attributes('<cas:longTermAuthenticationRequestTokenUsed>true</cas:longTermAuthenticationRequestTokenUsed>'),
      'stale',
    ],
    [
      'of a sign-in long ago',
      attributes('<cas:authenticationDate>2020-01-01T00:00:00Z[UTC]</cas:authenticationDate>'),
      'stale',
    ],
  ])('L10: refuses a ticket %s', async (_what, text, reason) => {
    saying(text);
    expect(await finish()).toEqual([refused(reason), 0]);
  });

  it.each([
    ['PT-1', 'not-allowed'],
    ['PGT-1', 'misshapen'],
    ['ST-', 'misshapen'],
    ['ST-1&service=x', 'misshapen'],
    ['ST-1\r\nx: y', 'misshapen'],
    [`ST-${'1'.repeat(300)}`, 'misshapen'],
    ['', 'cancelled'],
  ])('E5: does not ask about the ticket %j', async (ticket, reason) => {
    say = () => expect.unreachable('it was asked');
    expect(await finish({}, ticket)).toEqual([refused(reason), 0]);
  });

  it.each<[string, string | Buffer]>([
    ['a name that is not in UTF-8', Buffer.from(success('<cas:user>zoë</cas:user>'), 'latin1')],
    ['a page', '<!doctype html><p>Welcome'],
    ['nothing', ''],
    [
      'success and failure at once',
      inside(
        '<cas:authenticationSuccess><cas:user>anna</cas:user></cas:authenticationSuccess><cas:authenticationFailure code="x"/>',
      ),
    ],
    ['two users', success(`${anna}${anna}`)],
    ['no user', success('')],
    ['a user in two pieces', success('<cas:user>admin<!-- -->istrator</cas:user>')],
    ['a user made of elements', success('<cas:user>admin<b>x</b></cas:user>')],
    ['an entity', `<!DOCTYPE a [<!ENTITY a "anna">]>${success('<cas:user>&a;</cas:user>')}`],
    ['an answer of another name', success(anna).replace('http://www.yale.edu/tp/cas', 'urn:other')],
    ['success that is no child of its own', inside(`<x>${anna}</x>`)],
    ['yes', 'yes\nanna\n'],
    ['a failure of its own making', inside('<cas:authenticationFailure code="WHATEVER"/>')],
  ])('F24: %s is a fault', async (_what, text) => {
    saying(text);
    expect(await finish()).toEqual([unavailable('garbage'), 0]);
  });

  it('F24: what is slow, huge, broken, elsewhere or does not know us is a fault', async () => {
    say = () => {};
    expect(await finish({ limits: { timeoutMs: 300 } })).toEqual([unavailable('timed-out'), 0]);
    saying('x'.repeat(100_000));
    expect(await finish()).toEqual([unavailable('too-large'), 0]);
    saying(success(anna), 500);
    expect(await finish()).toEqual([unavailable('server-error'), 0]);
    say = (response) => response.writeHead(302, { location: `${baseUrl}/other` }).end();
    expect(await finish()).toEqual([unavailable('server-error'), 0]);
    saying(inside('<cas:authenticationFailure code="UNAUTHORIZED_SERVICE"/>'));
    expect(await finish()).toEqual([unavailable('refused-us'), 0]);
    expect(await finish({ baseUrl: 'http://127.0.0.1:1/cas' })).toEqual([unavailable('unreachable'), 0]);
    expect(await finish({ baseUrl: 'http://cas.test/cas' })).toEqual([unavailable('not-on-allow-list'), 0]);
  });

  it('E6: a level is what the table says of an attribute, and no more than the partner is trusted for', async () => {
    saying(attributes('<cas:authnContextClass>mfa-webauthn</cas:authnContextClass>'));
    const levels = [{ context: 'mfa-webauthn', level: 'Cl.Cm' as const }];
    expect(await finish({ levels })).toMatchObject([{ identity: { level: 'Cl' } }, 1]);
    const said = { levels, levelAttribute: 'authnContextClass' };
    expect(await finish(said)).toMatchObject([{ identity: { level: 'Cl.Cm', warnings: [] } }, 1]);
    expect(await finish({ ...said, mostLevel: 'Cl' })).toMatchObject([
      { identity: { level: 'Cl', warnings: ['level-lowered'] } },
      1,
    ]);
  });
});

it('M23: the stand-in of the demonstration lets anna in, once', async () => {
  const standIn = await startCasStandIn();
  const system = redirectedSystem({ settings: standIn.settings });
  const journey = await system.depart();
  const query = (await goAndSignIn(journey)) ?? {};
  expect(await journey.finish(query)).toMatchObject({ identity: { accountKey: '1984-0229' } });
  expect(await journey.finish(query)).toEqual(refused('stale'));
  expect(await goAndSignIn(await system.depart(), 'anna', 'wrong')).toBeUndefined();
  expect(await system.probe()).toBeUndefined();
  await standIn.stop();
});
