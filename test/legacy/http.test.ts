import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFormStandIn } from '../../demo/stand-ins/http/form-stand-in.ts';
import { startGatewayStandIn, type GatewayStandIn } from '../../demo/stand-ins/http/gateway-stand-in.ts';
import { formSettings, gatewaySettings, restSettings, soapSettings } from '../../demo/stand-ins/http/http-settings.ts';
import { API_KEY, CLIENT, startRestStandIn } from '../../demo/stand-ins/http/rest-stand-in.ts';
import { startSoapStandIn } from '../../demo/stand-ins/http/soap-stand-in.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem, type Asked } from '../support/directly-asked-system.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';

const ZOE = 'pässwörd & <密码> "\'{login}';

let rest: { baseUrl: string; stop: () => Promise<void> };
let soap: typeof rest;
let form: typeof rest;
let gateway: GatewayStandIn;
beforeAll(async () => {
  [rest, soap, form, gateway] = await Promise.all([
    startRestStandIn(),
    startSoapStandIn(),
    startFormStandIn(),
    startGatewayStandIn(),
  ]);
});
const open: { close: () => Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((system) => system.close()));
  await Promise.all([rest, soap, form, gateway].map((server) => server.stop()));
});

const system = (settings: AdapterSettings, changed: Partial<Asked> = {}) => {
  const asked = directlyAskedSystem({ settings, ...changed });
  open.push(asked);
  return asked;
};
const signIn = (settings: AdapterSettings, login: string, password: string, changed: Partial<Asked> = {}) =>
  system(settings, changed).answer({ login, password });
const refused = (reason: string) => ({ outcome: 'refused', reason });
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });
const identified = (accountKey: string) => ({
  outcome: 'identified',
  identity: expect.objectContaining({ accountKey, proved: ['password'], level: 'Cl' }),
});
const stateOf = (answer: Awaited<ReturnType<typeof signIn>>): string =>
  answer.outcome === 'asks' && 'state' in answer ? answer.state : '';

const NAMES_THAT_ARE_NOT = [
  "' OR '1'='1",
  'anna"}',
  'anna","role":"admin',
  '*',
  '../M-1001',
  '{password}',
  '<o:x/>',
  'a&b',
];

describe('M09: a REST call', () => {
  it('M09: anna signs in; the key is the id on record, and what is said has a source and a date', async () => {
    expect(await signIn(restSettings(rest.baseUrl), 'anna', PASSWORD)).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'M-1001',
        evidence: 'sign-in',
        proved: ['password'],
        level: 'Cl',
        attributes: [
          { name: 'name', value: 'Anna Example', from: 'old-system', asOf: '2026-01-31T00:00:00.000Z' },
          { name: 'email', value: 'anna@old.example', from: 'old-system', asOf: '2026-01-31T00:00:00.000Z' },
        ],
        warnings: [],
      },
    });
  });

  it.each([
    ['wrong-secret', 'anna', 'wrong'],
    ['wrong-secret', 'nobody', PASSWORD],
    ['disabled', 'disabled-dan', PASSWORD],
    ['locked', 'locked-lou', PASSWORD],
    ['expired', 'expired-ed', PASSWORD],
    ['must-change-password', 'must-change-mia', PASSWORD],
    ['misshapen', 'anna', ''],
    ['misshapen', 'anna', 'x'.repeat(1025)],
    ['misshapen', 'anna', 'é'.repeat(513)],
    ['misshapen', '', PASSWORD],
    ['misshapen', 'an\r\nna', PASSWORD],
    ['misshapen', 'a\uD800', PASSWORD],
  ])('M09: keeps people out: %s (%#)', async (reason, login, password) => {
    expect(await signIn(restSettings(rest.baseUrl), login, password)).toEqual(refused(reason));
  });

  it.each(NAMES_THAT_ARE_NOT)('M09, LA30: %j is a name, wherever it stands', async (login) => {
    const { baseUrl } = rest;
    const asForm = { as: 'form', fields: { user: '{login}', pass: '{password}' } } as const;
    expect(await signIn(restSettings(baseUrl), login, PASSWORD)).toEqual(refused('wrong-secret'));
    expect(
      await signIn({ ...restSettings(baseUrl), url: `${baseUrl}/form`, question: asForm }, login, PASSWORD),
    ).toEqual(refused('wrong-secret'));
  });

  it('M09: a password of any characters arrives as it was typed, in JSON, form and header', async () => {
    const settings = restSettings(rest.baseUrl);
    expect(await signIn(settings, 'zoë', ZOE)).toEqual(identified('M-1006'));
    const question = { as: 'form', fields: { user: '{login}', pass: '{password}' } } as const;
    expect(await signIn({ ...settings, url: `${rest.baseUrl}/form`, question }, 'zoë', ZOE)).toEqual(
      identified('M-1006'),
    );
    expect(await signIn(basic(), 'zoë', ZOE)).toMatchObject({ identity: { accountKey: 'zoë' } });
  });

  const basic = (): AdapterSettings => ({
    family: 'http',
    method: 'M09',
    url: `${rest.baseUrl}/basic`,
    verb: 'GET',
    question: { as: 'basic' },
    answers: 'status',
    success: [{ status: [204], header: 'x-signed-in' }],
    key: 'login',
  });

  it('M09: only a status: the user name is the key, and said to be re-assignable', async () => {
    expect(await signIn(basic(), 'anna', PASSWORD)).toMatchObject({
      identity: { accountKey: 'anna', warnings: ['identifier-may-be-reassigned'] },
    });
    expect(await signIn(basic(), 'anna', 'wrong')).toEqual(refused('wrong-secret'));
    // Basic divides at the first colon: this would be anna with another password.
    expect(await signIn(basic(), 'anna:correct', 'horse')).toEqual(refused('misshapen'));
  });

  it('M09: the name in the address is one step of the path (as user migration plugins want it)', async () => {
    const users: AdapterSettings = {
      family: 'http',
      method: 'M09',
      url: `${rest.baseUrl}/users/{login}`,
      question: { as: 'json', body: { password: '{password}' } },
      refusals: [{ status: [401, 404], as: 'wrong-secret' }],
      profile: { url: `${rest.baseUrl}/users/{login}` },
      attributes: [{ name: 'email', path: 'email', verified: true }],
    };
    expect(await signIn(users, 'anna', PASSWORD)).toMatchObject({
      identity: { accountKey: 'M-1001', attributes: [{ value: 'anna@old.example', verified: true }] },
    });
    expect(await signIn(users, 'zoë', ZOE)).toEqual(identified('M-1006'));
    expect(await signIn(users, 'nobody/../anna', PASSWORD)).toEqual(refused('wrong-secret'));
    expect(await signIn(users, 'x?y=anna#', PASSWORD)).toEqual(refused('wrong-secret'));
    expect(await signIn(users, '..', PASSWORD)).toEqual(refused('misshapen'));
  });

  it('M09: our own key goes along, from a secret that is named', async () => {
    const settings: AdapterSettings = {
      ...restSettings(rest.baseUrl),
      url: `${rest.baseUrl}/keyed`,
      credentials: { kind: 'header', name: 'X-API-Key', secret: 'api-key' },
    };
    expect(await signIn(settings, 'anna', PASSWORD, { secrets: { 'api-key': API_KEY } })).toEqual(identified('M-1001'));
    // Our key is wrong: an outage, and nobody's password.
    expect(await signIn(settings, 'anna', PASSWORD, { secrets: { 'api-key': 'old' } })).toEqual(
      unavailable('refused-us'),
    );
    await expect(signIn(settings, 'anna', PASSWORD)).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('M09: a key that is a number, and one that may be given to somebody else', async () => {
    const settings = restSettings(rest.baseUrl);
    expect(await signIn({ ...settings, key: { path: 'person.number' } }, 'anna', PASSWORD)).toEqual(identified('4711'));
    expect(await signIn({ ...settings, key: { path: 'person.nothing' } }, 'anna', PASSWORD)).toEqual(
      refused('identifier-missing'),
    );
    await expect(signIn({ ...settings, key: { path: 'person.email' } }, 'anna', PASSWORD)).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('M09: warns of what the answer says', async () => {
    const warnings = [{ path: 'passwordEndsSoon', equals: true, as: 'password-expires' as const }];
    expect(await signIn({ ...restSettings(rest.baseUrl), warnings }, 'anna', PASSWORD)).toMatchObject({
      identity: { warnings: ['password-expires'] },
    });
  });

  it('E6: a source gives no more than it is registered for', async () => {
    expect(await signIn({ ...restSettings(rest.baseUrl), level: 'none' }, 'anna', PASSWORD)).toMatchObject({
      identity: { level: 'none' },
    });
  });

  it('M09: passwords go by TLS, or not at all', async () => {
    const settings = { ...restSettings('http://old.example'), limits: {} };
    await expect(signIn(settings, 'anna', PASSWORD, { allow: ['old.example:80'] })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});

describe('M09: the password grant', () => {
  const grant = (): AdapterSettings => ({
    family: 'http',
    method: 'M09',
    grant: 'password',
    url: `${rest.baseUrl}/token`,
    clientId: CLIENT.id,
    clientSecret: 'client',
    refusals: [
      { path: 'error_description', contains: 'is closed', as: 'disabled' },
      { path: 'error', equals: 'invalid_grant', as: 'wrong-secret' },
    ],
    profile: { url: `${rest.baseUrl}/userinfo` },
    key: { path: 'sub' },
  });
  const secrets = { client: CLIENT.secret };

  it('M09: a token is got, and asked who it is for', async () => {
    expect(await signIn(grant(), 'anna', PASSWORD, { secrets })).toEqual(identified('M-1001'));
    expect(await signIn(grant(), 'anna', 'wrong', { secrets })).toEqual(refused('wrong-secret'));
    expect(await signIn(grant(), 'disabled-dan', PASSWORD, { secrets })).toEqual(refused('disabled'));
  });

  it('M09: what is wrong with our client is nobody’s password', async () => {
    expect(await signIn(grant(), 'anna', PASSWORD, { secrets: { client: 'old' } })).toEqual(unavailable('refused-us'));
  });
});

describe('M10: SOAP and XML', () => {
  it('M10: anna signs in by SOAP, with a digest of her password', async () => {
    expect(await signIn(soapSettings(soap.baseUrl), 'anna', PASSWORD)).toMatchObject({
      outcome: 'identified',
      identity: {
        accountKey: 'M-1001',
        proved: ['password'],
        level: 'Cl',
        attributes: [{ name: 'name', value: 'Anna Example', from: 'old-system' }],
      },
    });
  });

  const text = { of: 'person', password: 'text' } as const;
  const govtalk = (method: 'clear' | 'MD5'): AdapterSettings => ({
    family: 'http',
    method: 'M10',
    url: `${soap.baseUrl}/govtalk`,
    envelope: 'govtalk',
    messageClass: 'PEOPLE-LOGIN',
    sender: { method },
    body: '<LogIn xmlns="urn:old:people"/>',
    namespaces: { o: 'urn:old:people' },
    key: { path: 'govtalk:Body/o:Person/o:Number' },
    attributes: [{ name: 'name', path: 'govtalk:Body/o:Person/o:Name' }],
  });

  it.each(['soap-1.1', 'soap-1.2'] as const)(
    'M10: anna signs in by %s, with a digest and with text',
    async (envelope) => {
      const settings = { ...soapSettings(soap.baseUrl), envelope };
      expect(await signIn(settings, 'anna', PASSWORD)).toEqual(identified('M-1001'));
      expect(await signIn({ ...settings, token: text }, 'anna', PASSWORD)).toEqual(identified('M-1001'));
    },
  );

  it.each([
    ['soap-1.1', 'wrong-secret', 'anna', 'wrong'],
    ['soap-1.1', 'wrong-secret', 'nobody', PASSWORD],
    ['soap-1.1', 'disabled', 'disabled-dan', PASSWORD],
    ['soap-1.1', 'locked', 'locked-lou', PASSWORD],
    ['soap-1.1', 'misshapen', 'anna', ''],
  ])('M10: %s keeps people out: %s (%#)', async (_envelope, reason, login, password) => {
    expect(await signIn(soapSettings(soap.baseUrl), login, password)).toEqual(refused(reason));
  });

  it('M10: the fault of SOAP 1.2 is understood without a rule', async () => {
    const { refusals: _, ...settings } = soapSettings(soap.baseUrl);
    expect(await signIn({ ...settings, envelope: 'soap-1.2' }, 'anna', 'wrong')).toEqual(refused('wrong-secret'));
  });

  it('M10: name and password in the body; what is typed is text there, whatever it is', async () => {
    const { token: _, ...settings } = soapSettings(soap.baseUrl);
    const body = '<o:LogIn xmlns:o="urn:old:people"><user>{login}</user><pass>{password}</pass></o:LogIn>';
    expect(await signIn({ ...settings, body }, 'zoë', ZOE)).toMatchObject({
      identity: { accountKey: 'M-1006', attributes: [{ value: 'Zoë & Søn <Example>' }] },
    });
    expect(await signIn({ ...settings, body }, '</user><user>anna', PASSWORD)).toEqual(refused('wrong-secret'));
  });

  it('M10: a definition that cannot work is refused as such', async () => {
    const settings = soapSettings(soap.baseUrl);
    const wrong = [
      { ...settings, token: { of: 'us', password: 'text', user: 'latchkey' } },
      { ...settings, token: { of: 'us', password: 'text', user: 'latchkey', secret: 'ours' } },
      { ...settings, body: '<o:LogIn>' },
      { ...settings, body: '<LogIn/><LogIn/>' },
      { ...settings, key: { path: 'x:Result/x:Number' } },
      { ...settings, key: { path: 'o:Result/o:Email' } },
    ] as const;
    for (const each of wrong)
      await expect(signIn(each, 'anna', PASSWORD, { secrets: { ours: 's' } })).rejects.toMatchObject({
        code: 'config_invalid',
      });
  });

  it.each(['clear', 'MD5'] as const)('M10: anna signs in by GovTalk, password %s', async (method) => {
    expect(await signIn(govtalk(method), 'anna', PASSWORD)).toEqual(identified('M-1001'));
    expect(await signIn(govtalk(method), 'anna', 'wrong')).toEqual(refused('wrong-secret'));
    expect(await signIn(govtalk(method), 'nobody', PASSWORD)).toEqual(refused('wrong-secret'));
  });
});

describe('M11: a form on a page', () => {
  it('M11: anna signs in; the key is what her own page shows', async () => {
    expect(await signIn(formSettings(form.baseUrl), 'anna', PASSWORD)).toEqual(identified('M-1001'));
    expect(await signIn(formSettings(form.baseUrl), 'zoë', ZOE)).toEqual(identified('M-1006'));
  });

  it.each([
    ['wrong-secret', 'anna', 'wrong'],
    ['wrong-secret', 'nobody', PASSWORD],
    ['disabled', 'disabled-dan', PASSWORD],
    ['locked', 'locked-lou', PASSWORD],
    ['misshapen', 'anna', ''],
  ])('M11: keeps people out: %s (%#)', async (reason, login, password) => {
    expect(await signIn(formSettings(form.baseUrl), login, password)).toEqual(refused(reason));
  });

  it('M11: a form of another shape closes the source, before a password is sent', async () => {
    const settings = formSettings(form.baseUrl);
    const changes = [
      { ...settings.form, shape: `sha256:${'A'.repeat(43)}` },
      { ...settings.form, fields: ['user', 'pass'] },
      { ...settings.form, action: '/elsewhere' },
    ];
    for (const changed of changes) {
      expect(await signIn({ ...settings, form: changed }, 'anna', PASSWORD)).toEqual(unavailable('misconfigured'));
    }
    const probed = system({ ...settings, form: { ...settings.form, shape: `sha256:${'A'.repeat(43)}` } });
    expect(await probed.probe()).toEqual(unavailable('misconfigured'));
    expect(probed.health()?.lastFault?.detail).toContain(settings.form.shape);
  });

  it('M11: a redirect to a place that is not pinned is no sign-in', async () => {
    const settings = formSettings(form.baseUrl);
    const changed = { ...settings, success: { redirectTo: '/home' } };
    expect(await signIn(changed, 'anna', PASSWORD)).toEqual(unavailable('redirected'));
    const noRefusal = { ...settings, refusals: [{ redirectTo: '/x', as: 'locked' as const }] };
    expect(await signIn(noRefusal, 'anna', 'wrong')).toEqual(unavailable('garbage'));
  });
});

describe('M12: user id, password, access code', () => {
  it('M12: anna types her id with spaces, her password, and the code that was sent: Cl.Cm', async () => {
    const asked = system(gatewaySettings(gateway.baseUrl));
    const first = await asked.answer({ login: ' 00 12 34-56 78 90', password: PASSWORD });
    expect(first).toMatchObject({
      outcome: 'asks',
      prompt: { fields: [{ name: 'code', kind: 'code', length: 6 }], notice: 'second-step' },
    });
    expect(first).not.toHaveProperty('prompt.fields.1');
    const wrong = await asked.answer({ code: '000000' }, stateOf(first));
    expect(wrong).toMatchObject({ outcome: 'asks', prompt: { notice: 'wrong-code' } });
    expect(await asked.answer({ code: '204 060' }, stateOf(wrong))).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'C-1', proved: ['password', 'one-time-code'], level: 'Cl.Cm', warnings: [] },
    });
    // The session is over at the far end.
    expect(await asked.answer({ code: '204060' }, stateOf(wrong))).toEqual(refused('expired'));
  });

  it('M12: another id of the same person is another account, and one that acts for others', async () => {
    const asked = system(gatewaySettings(gateway.baseUrl));
    const first = await asked.answer({ login: '998877665544', password: PASSWORD });
    expect(await asked.answer({ code: gateway.code }, stateOf(first))).toMatchObject({
      identity: { accountKey: 'C-2', warnings: ['acts-for-others'] },
    });
  });

  it.each([
    ['wrong-secret', '001234567890', 'wrong'],
    ['wrong-secret', '000000000000', PASSWORD],
    ['disabled', '555566667777', PASSWORD],
    // A zero was lost in a spreadsheet.
    ['misshapen', '1234567890', PASSWORD],
    ['misshapen', '00123456789X', PASSWORD],
    ['misshapen', '001234567890', ''],
    // Let in without a code.
    ['level-too-low', '111122223333', PASSWORD],
  ])('M12: keeps people out: %s (%#)', async (reason, login, password) => {
    expect(await signIn(gatewaySettings(gateway.baseUrl), login, password)).toEqual(refused(reason));
  });

  it('M12: without a code only where that is configured, and then Cl', async () => {
    const settings = { ...gatewaySettings(gateway.baseUrl), codeRequired: false };
    expect(await signIn(settings, '111122223333', PASSWORD)).toMatchObject({
      identity: { accountKey: 'C-3', proved: ['password'], level: 'Cl', warnings: ['level-lowered'] },
    });
  });

  it('M12: three codes, in ten minutes', async () => {
    const clock = { now: new Date() };
    const asked = system(gatewaySettings(gateway.baseUrl), { now: () => clock.now });
    let answer = await asked.answer({ login: '001234567890', password: PASSWORD });
    const first = stateOf(answer);
    for (const code of ['111111', 'abc']) answer = await asked.answer({ code }, stateOf(answer));
    expect(await asked.answer({ code: '222222' }, stateOf(answer))).toEqual(refused('wrong-secret'));
    clock.now = new Date(clock.now.getTime() + 601_000);
    expect(await asked.answer({ code: gateway.code }, first)).toEqual(refused('stale'));
  });
});

it.each(['M09', 'M10', 'M11', 'M12'] as const)('%s: its health is known without a person', async (method) => {
  const settings = {
    M09: restSettings(rest.baseUrl),
    M10: soapSettings(soap.baseUrl),
    M11: formSettings(form.baseUrl),
    M12: gatewaySettings(gateway.baseUrl),
  }[method];
  expect(await system(settings).probe()).toBeUndefined();
});
