import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdapterSettings } from '../../src/legacy/index.ts';
import { assertedSystem, type Behind, came, HANDLE, serve, startBehind } from '../support/asserted-system.ts';
import { type KerberosEdge, startKerberosEdge } from '../support/legacy-servers/kerberos-edge.ts';
import { makeAuthority } from '../support/legacy-servers/certificates.ts';
import { CARD_POLICY, type NginxEdge, startNginxEdge } from '../support/legacy-servers/nginx-edge.ts';
import { throwawayFolder } from '../support/legacy-servers/throwaway-folder.ts';
import { runTool } from '../support/legacy-servers/run-tool.ts';

type Edge = Extract<AdapterSettings, { family: 'edge' }>;
type Of<Method extends Edge['method']> = Extract<Edge, { method: Method }>;

const SECRETS = { gateway: 'edge-secret-of-the-tests' };
const GATEWAY = {
  family: 'edge',
  entryUrl: 'https://gateway.test/old-sign-in/old-system/enter',
  peers: [{ networks: ['127.0.0.1'], secret: { header: 'x-edge-secret', names: ['gateway'] } }],
} as const satisfies Partial<Edge>;
const SAID = { 'x-edge-secret': SECRETS.gateway };
const refused = (reason: string) => ({ outcome: 'refused', reason });

describe('apache with kerberos', () => {
  let behind: Behind;
  let server: KerberosEdge;
  beforeAll(async () => {
    behind = await startBehind();
    server = await startKerberosEdge({ upstream: behind.url });
  });
  afterAll(async () => {
    await server.stop();
    await behind.stop();
  });

  const settings = (changes: Partial<Of<'M15'>> = {}): Edge => ({
    ...GATEWAY,
    peers: [{ networks: ['127.0.0.0/8', '::1'], secret: { header: 'x-edge-secret', names: ['gateway'] } }],
    method: 'M15',
    principalHeader: 'x-remote-user',
    realms: [{ realm: 'LEGACY.TEST', as: 'legacy.test' }],
    ...changes,
  });
  const enter = async (
    person: { name: string; password: string },
    changes: Partial<Of<'M15'>> = {},
    more: readonly string[] = [],
  ): Promise<unknown> => {
    behind.use(assertedSystem({ settings: settings(changes), secrets: SECRETS }));
    const { env, ok } = await server.signIn(person);
    expect(ok).toBe(true);
    const { output } = await runTool('curl', ['-s', '--negotiate', '-u', ':', ...more, server.url], { env });
    return JSON.parse(output);
  };

  it('M15: Anna comes with her ticket', async () => {
    expect(await enter(server.people.anna)).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'anna@legacy.test',
        evidence: 'assertion',
        proved: ['kerberos-ticket'],
        level: 'Cl',
        attributes: [],
        warnings: ['identifier-may-be-reassigned'],
      },
    });
  });

  it('M15: a name that is not ASCII is read in the bytes that Apache sends', async () => {
    const answer = await enter(server.people.zoe, { realms: [{ realm: 'LEGACY.TEST', as: '' }] });
    expect(answer).toMatchObject({ identity: { accountKey: 'zoë' } });
  });

  it('M15: what a browser says of itself does not reach us, or makes it a forgery', async () => {
    expect(await enter(server.people.anna, {}, ['-H', 'X-Remote-User: eve@LEGACY.TEST'])).toMatchObject({
      identity: { accountKey: 'anna@legacy.test' },
    });
    // Apache cleans away the one spelling only.
    expect(await enter(server.people.anna, {}, ['-H', 'X_Remote_User: eve@LEGACY.TEST'])).toEqual(refused('forged'));
    expect(await enter(server.people.anna, {}, ['-H', 'X_Edge-Secret: guess'])).toEqual(refused('forged'));
  });

  it('M15: the people of another realm are strangers', async () => {
    expect(await enter(server.people.anna, { realms: [{ realm: 'OTHER.TEST' }] })).toEqual(refused('wrong-issuer'));
    expect(await enter(server.people.anna, { realms: [{ realm: 'legacy.test' }] })).toEqual(refused('wrong-issuer'));
  });

  it('M15: a way in that is not by ticket is refused where the gateway would take it', async () => {
    const mechanism = { header: 'x-auth-type', values: ['Negotiate'] };
    expect(await enter(server.people.anna, { mechanism })).toEqual(refused('not-allowed'));
  });

  const read = (principal: string | readonly string[], changes: Partial<Of<'M15'>> = {}, more = {}) =>
    assertedSystem({ settings: settings(changes), secrets: SECRETS }).read(
      came({ ...SAID, 'x-remote-user': principal, ...more }),
    );

  it.each([
    ['a service', 'HTTP/www.legacy.test@LEGACY.TEST', 'not-allowed'],
    ['an administrator’s instance', 'anna/admin@LEGACY.TEST', 'not-allowed'],
    ['a machine', 'DESKTOP-17$@LEGACY.TEST', 'not-allowed'],
    ['the ticket-granting service', 'krbtgt@LEGACY.TEST', 'not-allowed'],
    ['who came anonymously', 'WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS', 'not-allowed'],
    ['NTLM', String.raw`LEGACY\anna`, 'misshapen'],
    ['NTLM with a realm behind it', String.raw`LEGACY\anna@LEGACY.TEST`, 'misshapen'],
    ['a name without its realm', 'anna', 'misshapen'],
    ['two realms', 'anna@LEGACY.TEST@OTHER.TEST', 'misshapen'],
    ['two names that a proxy has joined', 'eve@LEGACY.TEST, anna@LEGACY.TEST', 'misshapen'],
    ['nobody', '', 'misshapen'],
    ['a long name', `${'a'.repeat(300)}@LEGACY.TEST`, 'misshapen'],
    ['bytes that are no text', 'ann\u00ff@LEGACY.TEST', 'misshapen'],
  ])('M15: %s is let in by no header', async (_, principal, reason) => {
    expect(await read(principal)).toEqual(refused(reason));
  });

  it('M15: names in any case are one where the directory says so, and barred names are barred', async () => {
    expect(await read('ANNA@LEGACY.TEST', { ignoreCase: true })).toMatchObject({
      identity: { accountKey: 'anna@legacy.test' },
    });
    expect(await read('ANNA@LEGACY.TEST')).toMatchObject({ identity: { accountKey: 'ANNA@legacy.test' } });
    expect(await read('Administrator@LEGACY.TEST', { refuse: ['administrator'] })).toEqual(refused('not-allowed'));
  });

  it('M15: the directory’s own id, where the gateway hands it on', async () => {
    const identifierHeader = 'x-object-guid';
    const answer = await read('anna@LEGACY.TEST', { identifierHeader }, { 'x-object-guid': 'a1b2-c3' });
    expect(answer).toMatchObject({ identity: { accountKey: 'a1b2-c3', warnings: [] } });
    expect(await read('anna@LEGACY.TEST', { identifierHeader })).toEqual(refused('unsigned'));
  });

  it('M15: two realms are never taken for one', async () => {
    const realms = [
      { realm: 'A.TEST', as: 'people' },
      { realm: 'B.TEST', as: 'people' },
    ];
    await expect(read('anna@A.TEST', { realms })).rejects.toThrow('whose name is whose');
  });
});

describe('named peers only', () => {
  const settings = (changes: Partial<Edge> = {}): Edge =>
    ({ ...GATEWAY, method: 'M24', statement: 'headers', identifierHeader: 'sm_universalid', ...changes }) as Edge;
  const system = (changes: Partial<Edge> = {}, secrets: Record<string, string> = SECRETS) =>
    assertedSystem({ settings: settings(changes), secrets });
  const anna = { ...SAID, sm_universalid: 'anna-17' };

  it('M24: Anna is named by the gateway', async () => {
    expect(await system().read(came(anna))).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'anna-17',
        evidence: 'assertion',
        proved: ['assertion'],
        level: 'Cl',
        attributes: [],
        warnings: [],
      },
    });
    expect(await system().read(came(anna, '::ffff:127.0.0.1')), 'the same address').toMatchObject({
      outcome: 'identified',
    });
  });

  it.each([
    ['from another address', came(anna, '127.0.0.2')],
    ['from another address that says it is the gateway', came({ ...anna, 'x-forwarded-for': '127.0.0.1' }, '10.1.1.1')],
    ['from nowhere', came(anna, '')],
    ['without the secret', came({ sm_universalid: 'anna-17' })],
    ['with another secret', came({ ...anna, 'x-edge-secret': 'edge-secret-of-the-test5' })],
    ['with an empty secret', came({ ...anna, 'x-edge-secret': '' })],
    ['with the secret twice', came({ ...anna, 'x-edge-secret': [SECRETS.gateway, SECRETS.gateway] })],
    ['with the name twice', came({ ...anna, sm_universalid: ['anna-17', 'eve'] })],
    ['with the same name twice', came({ ...anna, sm_universalid: ['anna-17', 'anna-17'] })],
    ['with a name that passes for it', came({ ...anna, 'sm-universalid': 'eve' })],
    ['with nothing but the name that passes for it', came({ ...SAID, 'sm-universalid': 'eve' })],
    ['joined by a proxy', came({ ...anna, sm_universalid: 'eve, anna-17' })],
  ])('L16 LA05: a header %s is forged', async (_, all) => {
    expect(await system().read(all)).toEqual(refused('forged'));
  });

  it('peers are named by their certificate where our listener asks for it', async () => {
    const peers = [{ networks: ['127.0.0.1'], certificates: ['ab'.repeat(32)] }];
    const said = { ...came({ sm_universalid: 'anna-17' }), peerCertificate: 'ab'.repeat(32) };
    expect(await system({ peers }).read(said)).toMatchObject({ outcome: 'identified' });
    expect(await system({ peers }).read({ ...said, peerCertificate: 'ac'.repeat(32) })).toEqual(refused('forged'));
    expect(await system({ peers }).read({ ...said, peerCertificate: undefined })).toEqual(refused('forged'));
    const both = [{ ...peers[0], secret: { header: 'x-edge-secret', names: ['gateway'] } }] as Edge['peers'];
    expect(await system({ peers: both }).read(said), 'both, where both are named').toEqual(refused('forged'));
  });

  it('a header that comes twice on the wire is two, and a certificate counts where our listener trusts it', async () => {
    const folder = await throwawayFolder('listener');
    const authority = await makeAuthority(folder.path, 'ours');
    const other = await makeAuthority(folder.path, 'other');
    const cert = await authority.issue({ name: 'server', alternativeNames: 'IP:127.0.0.1', use: 'serverAuth' });
    const gateway = await authority.issue({ name: 'gateway', use: 'clientAuth' });
    const stranger = await other.issue({ name: 'gateway', use: 'clientAuth' });
    const behind = await startBehind({ cert: cert.certificate, key: cert.key, ca: authority.ca });
    const ask = async (from: { certificate: string; key: string } | undefined, name: string | string[] = 'anna-17') => {
      const shown = from ? { cert: from.certificate, key: from.key } : {};
      const headers = { sm_universalid: name };
      await new Promise<void>((done, failed) => {
        const sent = request(behind.url, { ca: authority.ca, headers, agent: false, ...shown }, (answer) =>
          answer.resume().on('end', () => done()),
        );
        sent.on('error', failed).end();
      });
      return behind.answers.at(-1);
    };
    const printOf = ({ certificate }: { certificate: string }): string =>
      new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    const certificates = [gateway, stranger].map(printOf);
    behind.use(system({ peers: [{ networks: ['127.0.0.1'], certificates }] }));
    expect(await ask(gateway)).toMatchObject({ outcome: 'identified' });
    expect(await ask(gateway, ['anna-17', 'anna-17']), 'twice').toEqual(refused('forged'));
    expect(await ask(stranger), 'named, but not trusted by the listener').toEqual(refused('forged'));
    expect(await ask(undefined)).toEqual(refused('forged'));
    expect(await ask(cert), 'trusted, but not named').toEqual(refused('forged'));
    await behind.stop();
    await folder.remove();
  });

  it('a secret has a new and an old value while it changes', async () => {
    const peers = [{ networks: ['127.0.0.1'], secret: { header: 'x-edge-secret', names: ['new', 'old'] } }];
    const secrets = { new: 'the-new-secret-of-it', old: 'the-old-secret-of-it' };
    for (const secret of Object.values(secrets))
      expect(await system({ peers }, secrets).read(came({ ...anna, 'x-edge-secret': secret }))).toMatchObject({
        outcome: 'identified',
      });
    await expect(system({}, { gateway: 'short' }).read(came(anna))).rejects.toThrow('too short');
  });

  it('keeps no header but those that are named, and what could pass for them', async () => {
    const all = came({ ...anna, cookie: 'a=b', authorization: 'x', 'sm-universalid': 'eve', host: 'h' });
    expect(await system().sift(all)).toEqual({
      headers: { 'x-edge-secret': [SECRETS.gateway], sm_universalid: ['anna-17'], 'sm-universalid': ['eve'] },
      isFromGateway: true,
    });
    expect(await system().sift(came(anna, '10.0.0.1'))).toMatchObject({ isFromGateway: false });
  });

  it.each(['Unauthenticated', 'anonymous', '(null)', '-', '', 'Nobody'])(
    'M24: %j is what a gateway writes for nobody',
    async (word) => {
      const answer = await system({ nobody: ['nobody'] }).read(came({ ...SAID, sm_universalid: word }));
      expect(answer).toEqual(refused('identifier-missing'));
    },
  );

  it('M24: no header, no person', async () => {
    expect(await system().read(came(SAID))).toEqual(refused('unsigned'));
  });

  it('E6 M24: facts are hints, and a level is what the table makes of the gateway’s word', async () => {
    const more = {
      attributes: [
        { name: 'name', claim: 'SM_CN' },
        { name: 'email', claim: 'sm_mail' },
      ],
      levelHeader: 'sm_authlevel',
      levels: [{ context: '20', level: 'Cl.Cm' }],
      encoding: 'percent',
    } as Partial<Edge>;
    const said = came({ ...anna, sm_cn: 'Si%C3%A2n Hughes', sm_authlevel: '20' });
    expect(await system(more).read(said)).toMatchObject({
      identity: { level: 'Cl.Cm', attributes: [{ name: 'name', value: 'Siân Hughes', from: 'old-system' }] },
    });
    expect(await system({ ...more, mostLevel: 'Cl' }).read(said)).toMatchObject({
      identity: { level: 'Cl', warnings: ['level-lowered'] },
    });
    const forged = { ...anna, 'sm-authlevel': '20', sm_authlevel: '5' };
    expect(await system(more).read(came(forged))).toEqual(refused('forged'));
    expect(await system(more).read(came({ ...anna, sm_cn: ['a', 'b'] }))).toEqual(refused('forged'));
  });
});

describe('a signed token', () => {
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let other: typeof keys;
  let jwks: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    keys = await generateKeyPair('ES256', { extractable: true });
    other = await generateKeyPair('ES256', { extractable: true });
    jwks = await serve('');
  });
  beforeEach(async () => {
    jwks.body = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] });
  });
  afterAll(() => jwks.stop());

  const system = (changes: Partial<Edge> = {}, now?: () => Date) =>
    assertedSystem({
      settings: {
        ...GATEWAY,
        method: 'M24',
        statement: 'jwt',
        tokenHeader: 'x-gateway-token',
        issuer: 'https://gateway.test',
        audience: 'latchkey',
        algorithms: ['ES256'],
        keys: { url: jwks.url },
        handleClaim: 'nonce',
        ...changes,
      } as Edge,
      secrets: SECRETS,
      ...(now && { now }),
    });
  const at = Math.floor(Date.now() / 1000);
  const CLAIMS = {
    iss: 'https://gateway.test',
    aud: 'latchkey',
    sub: 'anna-17',
    iat: at,
    exp: at + 60,
    nonce: HANDLE,
    email: 'anna@example.org',
    email_verified: true,
  };
  const sign = (claims: Record<string, unknown> = {}, key = keys.privateKey, kid = 'k1'): Promise<string> =>
    new SignJWT(JSON.parse(JSON.stringify({ ...CLAIMS, ...claims })))
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(key);
  const token = (value: string) => came({ ...SAID, 'x-gateway-token': value });

  it('M24: Anna is named by a token that is signed, and it is good once (L8)', async () => {
    const gateway = system({ attributes: [{ name: 'email', claim: 'email' }] });
    const said = token(await sign());
    const answer = await gateway.read(said);
    expect(answer).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'anna-17', level: 'Cl', attributes: [{ name: 'email', value: 'anna@example.org' }] },
    });
    expect(JSON.stringify(answer), 'L5: its word is a hint').not.toContain('verified');
    expect(await gateway.read(said)).toEqual(refused('replayed'));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['E4: of another issuer', { iss: 'https://other.test' }, 'wrong-issuer'],
    ['L10: for another service', { aud: 'another' }, 'wrong-audience'],
    ['L7 LA10: made for another journey', { nonce: `journey-2.${'h'.repeat(43)}` }, 'not-bound'],
    ['L7: made for none', { nonce: undefined }, 'not-bound'],
    ['E4: that has ended', { iat: at - 900, exp: at - 800 }, 'stale'],
    ['E4: of long ago, that says it is good for years', { iat: at - 900, exp: at + 90_000_000 }, 'stale'],
    ['E4: of the future', { iat: at + 900, exp: at + 960 }, 'stale'],
    ['E4: without an end', { exp: undefined }, 'stale'],
    ['E4: without a beginning', { iat: undefined }, 'stale'],
    ['E4: without an issuer', { iss: undefined }, 'wrong-issuer'],
    ['E4: without an audience', { aud: undefined }, 'wrong-audience'],
    ['E4: about nobody', { sub: undefined }, 'identifier-missing'],
  ])('%s: refused', async (_, claims, reason) => {
    expect(await system().read(token(await sign(claims)))).toEqual(refused(reason));
  });

  it('LA27: signed by somebody else, by none, by the public key as a secret, or not a token: refused', async () => {
    expect(await system().read(token(await sign({}, other.privateKey)))).toEqual(refused('bad-signature'));
    expect(await system().read(token(await sign({}, other.privateKey, 'k2')))).toEqual(refused('bad-signature'));
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(await system().read(token(`${part({ alg: 'none' })}.${part(CLAIMS)}.`))).toEqual(refused('unsigned'));
    const confused = await new SignJWT({ ...CLAIMS })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(new TextEncoder().encode(await exportSPKI(keys.publicKey)));
    expect(await system().read(token(confused))).toEqual(refused('unsigned'));
    expect(await system().read(token('garbage'))).toEqual(refused('misshapen'));
    expect(await system().read(came(SAID))).toEqual(refused('unsigned'));
  });

  it('R20: a key or an address of keys in the token itself is not looked at', async () => {
    const jwk = await exportJWK(other.publicKey);
    const own = await new SignJWT({ ...CLAIMS })
      .setProtectedHeader({ alg: 'ES256', jwk, jku: 'http://127.0.0.1:1/keys' })
      .sign(other.privateKey);
    expect(await system().read(token(own))).toEqual(refused('bad-signature'));
  });

  it('a token from a stranger is forged, however well it is signed', async () => {
    const said = { ...token(await sign()), peer: '10.1.1.1' };
    expect(await system().read(said)).toEqual(refused('forged'));
  });

  it('keys may stand in the settings, several while they change', async () => {
    const pem = [await exportSPKI(other.publicKey), await exportSPKI(keys.publicKey)];
    const gateway = system({ keys: { pem } });
    expect(await gateway.read(token(await sign()))).toMatchObject({ outcome: 'identified' });
    expect(await gateway.read(token(`Bearer ${await sign({ jti: '2' })}`))).toMatchObject({ outcome: 'identified' });
    expect(await gateway.probe()).toBeUndefined();
  });

  it.each<[string, Partial<{ body: string | number | undefined }>, string]>([
    ['500', { body: 500 }, 'garbage'],
    ['garbage', { body: '<html>' }, 'garbage'],
    ['huge', { body: 'x'.repeat(300_000) }, 'too-large'],
    ['silent', { body: undefined }, 'timed-out'],
  ])('F24: where the keys are %s it is an outage, and no mistake of Anna’s', async (_, change, reason) => {
    jwks.body = change.body;
    const gateway = system({ limits: { timeoutMs: 1000 } });
    expect(await gateway.read(token(await sign()))).toEqual({ outcome: 'unavailable', reason });
    expect(await gateway.probe()).toMatchObject({ outcome: 'unavailable' });
  });

  it('F24: keys at a dead port', async () => {
    const gateway = system({ keys: { url: 'http://127.0.0.1:1/keys' } });
    expect(await gateway.read(token(await sign()))).toEqual({ outcome: 'unavailable', reason: 'unreachable' });
  });
});

describe('nginx with client certificates', () => {
  let behind: Behind;
  let server: NginxEdge;
  beforeAll(async () => {
    behind = await startBehind();
    server = await startNginxEdge({ upstream: behind.url, forwardFailures: true });
  });
  afterAll(async () => {
    await server.stop();
    await behind.stop();
  });

  const settings = (changes: Partial<Of<'M40' | 'M41'>> = {}): Edge =>
    ({
      ...GATEWAY,
      method: 'M40',
      certificate: { header: 'ssl-client-cert', format: 'escaped-pem' },
      verdict: { header: 'ssl-client-verify', value: 'SUCCESS' },
      subjectHeader: 'ssl-client-subject',
      ca: server.peopleCa,
      identifier: { by: 'subject-issuer' },
      revocation: { by: 'gateway' },
      ...changes,
    }) as Edge;
  const enter = async (
    person: keyof NginxEdge['people'] | undefined,
    changes: Partial<Of<'M40' | 'M41'>> = {},
    more: readonly string[] = [],
  ): Promise<unknown> => {
    behind.use(assertedSystem({ settings: settings(changes), secrets: SECRETS }));
    const card = person && server.people[person];
    const shown = card ? ['--cert', card.certificateFile, '--key', card.keyFile] : [];
    const { output } = await runTool('curl', ['-s', '--cacert', server.caFile, ...shown, ...more, server.url]);
    return JSON.parse(output);
  };

  it('M40: Anna comes with her certificate', async () => {
    expect(await enter('anna')).toMatchObject({
      outcome: 'identified',
      identity: {
        accountKey: 'CN=anna example,OU=staff,O=department of old cards,C=gb;CN=staff,O=latchkey tests',
        evidence: 'assertion',
        proved: ['certificate'],
        level: 'Cl.Cm',
        warnings: ['certificate-expires'],
      },
    });
  });

  it('M40: a name that is not ASCII is one name, wherever it was written', async () => {
    const attributes = [
      { name: 'name', claim: 'CN' },
      { name: 'email', claim: 'rfc822Name' },
    ] as const;
    expect(await enter('zoe', { attributes: [...attributes] })).toMatchObject({
      identity: {
        accountKey: expect.stringContaining('CN=zoë exämple,'),
        attributes: [
          { name: 'name', value: 'Zoë Exämple' },
          { name: 'email', value: 'zoe@legacy.test' },
        ],
      },
    });
    const oneLine = await enter('zoe', { identifier: { by: 'subject-issuer', names: 'one-line' } });
    const said = await runTool('openssl', [
      'x509',
      '-in',
      server.people.zoe.certificateFile,
      '-noout',
      '-subject',
      '-nameopt',
      'compat',
    ]);
    expect(oneLine).toMatchObject({ identity: { accountKey: expect.stringContaining('/CN=Zo\\xC3\\xAB') } });
    expect(said.output).toContain('Zo\\xC3\\xAB');
  });

  it('M41: Carl comes with his card; a certificate in a file is no card', async () => {
    const card = { method: 'M41', policies: [CARD_POLICY] } as const;
    expect(await enter('carl', card as never)).toMatchObject({ identity: { proved: ['smartcard'], level: 'Cl.Cm' } });
    expect(await enter('anna', card as never)).toEqual(refused('level-too-low'));
    expect(await enter('carl', { ...card, sharedPolicies: [CARD_POLICY] } as never)).toMatchObject({
      identity: { warnings: ['certificate-expires', 'shared-account'] },
    });
  });

  it.each([
    ['revoked', 'disabled'],
    ['expired', 'expired'],
    ['otherAuthority', 'bad-signature'],
    [undefined, 'unsigned'],
  ] as const)('M40: of %s the gateway says no', async (person, reason) => {
    expect(await enter(person)).toEqual(refused(reason));
  });

  it('M40: what a browser says of itself does not reach us, or makes it a forgery', async () => {
    const eve = [
      '-H',
      'ssl-client-verify: SUCCESS',
      '-H',
      `ssl-client-cert: ${encodeURIComponent(server.people.anna.certificate)}`,
    ];
    expect(await enter(undefined, {}, eve)).toEqual(refused('unsigned'));
  });

  /** A gateway that looks at nothing: what it says is good is judged all the same. */
  const believing = (person: keyof NginxEdge['people'], changes: Partial<Of<'M40'>> = {}, now?: () => Date) =>
    assertedSystem({ settings: settings(changes), secrets: SECRETS, ...(now && { now }) }).read(
      came({
        ...SAID,
        'ssl-client-verify': 'SUCCESS',
        'ssl-client-cert': encodeURIComponent(server.people[person].certificate),
        'ssl-client-subject': Buffer.from(
          new X509Certificate(server.people[person].certificate).subject.split('\n').toReversed().join(','),
          'utf8',
        ).toString('latin1'),
      }),
    );

  it('M40: a gateway that lets everybody pass is not believed', async () => {
    expect(await believing('anna')).toMatchObject({ outcome: 'identified' });
    expect(await believing('expired')).toEqual(refused('expired'));
    expect(await believing('otherAuthority')).toEqual(refused('wrong-issuer'));
    const later = () => new Date(Date.now() + 5 * 86_400_000);
    expect(await believing('anna', {}, later), 'by our clock').toEqual(refused('expired'));
    const earlier = () => new Date(Date.now() - 86_400_000);
    expect(await believing('anna', {}, earlier)).toEqual(refused('stale'));
  });

  it('M40: two headers that name two people name nobody', async () => {
    const gateway = assertedSystem({ settings: settings(), secrets: SECRETS });
    const said = (subject: string) =>
      gateway.read(
        came({
          ...SAID,
          'ssl-client-verify': 'SUCCESS',
          'ssl-client-cert': encodeURIComponent(server.people.anna.certificate),
          'ssl-client-subject': subject,
        }),
      );
    expect(await said('/C=GB/O=Department of Old Cards/OU=staff/CN=Anna Example')).toMatchObject({
      outcome: 'identified',
    });
    expect(await said('CN=Eve,OU=staff,O=Department of Old Cards,C=GB')).toEqual(refused('forged'));
    expect(await said('')).toEqual(refused('forged'));
  });

  it('M40: revoked, by a list of the authority that we have asked for ourselves', async () => {
    const list = await serve(await readFile(server.peopleCrlFile));
    const revocation = { by: 'lists', urls: [list.url] } as const;
    const changes = { revocation: { ...revocation, urls: [...revocation.urls] } };
    expect(await believing('anna', changes)).toMatchObject({ outcome: 'identified' });
    expect(await believing('revoked', changes)).toEqual(refused('disabled'));
    expect(await believing('revoked'), 'what the gateway alone would have let in').toMatchObject({
      outcome: 'identified',
    });
    await list.stop();
    expect(await believing('anna', changes), 'F24: no news is bad news').toEqual({
      outcome: 'unavailable',
      reason: 'unreachable',
    });
  });

  it.each([
    ['a 500', () => 500, 'server-error'],
    ['garbage', () => 'no list', 'garbage'],
    ['huge', () => 'x'.repeat(5_000_000), 'too-large'],
    ['silent', () => undefined, 'timed-out'],
    ['cut off', async () => (await readFile(server.peopleCrlFile)).subarray(0, 200), 'garbage'],
  ])('F24: a list that is %s lets nobody in', async (_, body, reason) => {
    const list = await serve(await body());
    const answer = await believing('anna', {
      revocation: { by: 'lists', urls: [list.url] },
      limits: { timeoutMs: 1000 },
    });
    expect(answer).toEqual({ outcome: 'unavailable', reason });
    await list.stop();
  });

  it('F24: a list of somebody else, and one whose time is over, let nobody in', async () => {
    const text = await readFile(server.peopleCrlFile, 'utf8');
    const der = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    const false1 = Buffer.from(der);
    false1.writeUInt8(false1.readUInt8(false1.length - 1) ^ 1, false1.length - 1);
    const list = await serve(false1);
    const revocation = { by: 'lists', urls: [list.url] } as Of<'M40'>['revocation'];
    expect(await believing('anna', { revocation }), 'bad signature').toEqual({
      outcome: 'unavailable',
      reason: 'garbage',
    });
    list.body = der;
    expect(await believing('anna', { revocation })).toMatchObject({ outcome: 'identified' });
    await list.stop();
  });

  it('keeps a list until it must be asked anew, and goes on with it while its server is away', async () => {
    const list = await serve(await readFile(server.peopleCrlFile));
    const clock = { now: Date.now() };
    const gateway = assertedSystem({
      settings: settings({ revocation: { by: 'lists', urls: [list.url], refreshSeconds: 60 } }),
      secrets: SECRETS,
      now: () => new Date(clock.now),
    });
    const ask = (person: keyof NginxEdge['people']) =>
      gateway.read(
        came({
          ...SAID,
          'ssl-client-verify': 'SUCCESS',
          'ssl-client-cert': encodeURIComponent(server.people[person].certificate),
          'ssl-client-subject':
            `C=GB,O=Department of Old Cards,OU=staff,CN=${person === 'anna' ? 'Anna Example' : 'Rita Revoked'}`
              .split(',')
              .toReversed()
              .join(','),
        }),
      );
    for (let at = 0; at < 3; at += 1) expect(await ask('anna')).toMatchObject({ outcome: 'identified' });
    expect(list.asked).toBe(1);
    clock.now += 61_000;
    list.body = 500;
    expect(await ask('anna')).toMatchObject({ outcome: 'identified' });
    expect(await ask('revoked')).toEqual(refused('disabled'));
    expect(list.asked).toBeGreaterThan(1);
    clock.now += 1.9 * 86_400_000;
    expect(await gateway.probe()).toBeUndefined();
    clock.now += 86_400_000;
    expect(await gateway.probe(), 'its time is over').toEqual({ outcome: 'unavailable', reason: 'server-error' });
    await list.stop();
  });
});
