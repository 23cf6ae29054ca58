import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { assertedSystem, came, serve, type Served } from '../support/asserted-system.ts';
import { AUTHORITY, cardMaker, type CardMaker, type Made, type MakeCard, PERSON } from '../support/card-maker.ts';

type Edge = Extract<AdapterSettings, { family: 'edge' }>;
type Card = Extract<Edge, { method: 'M40' | 'M41' }>;

const SECRETS = { gateway: 'edge-secret-of-the-tests' };
const POLICY = '1.3.6.1.4.1.99999.41';
const refused = (reason: string) => ({ outcome: 'refused', reason });
const identified = { outcome: 'identified' };

let maker: CardMaker;
let root: Made;
let issuing: Made;
let list: Served;
let rootList: Served;
beforeAll(async () => {
  maker = await cardMaker();
  root = await maker.make({ name: 'root', extensions: AUTHORITY });
  const below = ['basicConstraints=critical,CA:true,pathlen:0', AUTHORITY[1] ?? '', `certificatePolicies=${POLICY}`];
  issuing = await maker.make({ name: 'issuing', by: root, extensions: below, serial: '77' });
  list = await serve(await maker.list(issuing, ['0BAD']));
  rootList = await serve(await maker.list(root, []));
});
afterAll(async () => {
  await list.stop();
  await rootList.stop();
  await maker.stop();
});

const settings = (changes: Partial<Card> = {}): Edge => ({
  family: 'edge',
  method: 'M40',
  entryUrl: 'https://gateway.test/enter',
  peers: [{ networks: ['127.0.0.1'], secret: { header: 'x-edge-secret', names: ['gateway'] } }],
  certificate: { header: 'client-cert', format: 'base64' },
  ca: `${root.pem}${issuing.pem}`,
  identifier: { by: 'key' },
  revocation: { by: 'lists', urls: [list.url, rootList.url] },
  ...(changes as object),
});
const read = (card: Made | string, changes: Partial<Card> = {}) =>
  assertedSystem({ settings: settings(changes), secrets: SECRETS }).read(
    came({
      'x-edge-secret': SECRETS.gateway,
      'client-cert': typeof card === 'string' ? card : card.der.toString('base64'),
    }),
  );
const TRUSTED = ['basicConstraints=critical,CA:true', 'keyUsage=critical,digitalSignature,keyCertSign'];
const person = (name: string, changes: Partial<MakeCard> = {}): Promise<Made> =>
  maker.make({ name, by: issuing, ...changes });

describe('what is judged here, whatever the gateway says', () => {
  it('M40: through an authority between, up to the root', async () => {
    const anna = await person('anna');
    expect(await read(anna)).toMatchObject({ identity: { level: 'Cl.Cm', warnings: [] } });
    expect(await read(anna, { ca: issuing.pem }), 'no root').toEqual(refused('wrong-issuer'));
    expect(await read(anna, { ca: root.pem }), 'nothing between').toEqual(refused('wrong-issuer'));
    const other = await maker.make({ name: 'other-root', subject: '/O=Cards/CN=root', extensions: AUTHORITY });
    expect(await read(anna, { ca: `${other.pem}${issuing.pem}` }), 'a root of the same name').toEqual(
      refused('wrong-issuer'),
    );
  });

  it.each<[string, Partial<MakeCard>, string]>([
    ['vouches for itself', { by: undefined }, 'wrong-issuer'],
    ['is an authority', { extensions: [...TRUSTED, 'extendedKeyUsage=clientAuth'] }, 'not-allowed'],
    ['is for servers', { extensions: ['keyUsage=digitalSignature', 'extendedKeyUsage=serverAuth'] }, 'not-allowed'],
    ['does not say what it is for', { extensions: ['keyUsage=digitalSignature'] }, 'not-allowed'],
    [
      'has a key to encrypt to',
      { extensions: ['keyUsage=keyAgreement', 'extendedKeyUsage=clientAuth'] },
      'not-allowed',
    ],
    ['says what nobody here understands', { extensions: [...PERSON, '1.2.3.4=critical,ASN1:NULL'] }, 'not-allowed'],
    ['is signed with SHA-1', { digest: 'sha1' }, 'wrong-issuer'],
    ['has a short key', { key: ['-newkey', 'rsa:1024'] }, 'wrong-issuer'],
  ])('M40: a certificate that %s is refused', async (why, changes, reason) => {
    const card = await person(why.replaceAll(/\W/g, '-'), changes);
    expect(await read(card)).toEqual(refused(reason));
  });

  it('M40: an authority that may not make authorities has made none', async () => {
    const sub = await maker.make({ name: 'sub', by: issuing, extensions: AUTHORITY });
    const card = await maker.make({ name: 'below-sub', by: sub });
    const ca = `${root.pem}${issuing.pem}${sub.pem}`;
    expect(await read(card, { ca })).toEqual(refused('wrong-issuer'));
    const anna = await person('no-authority');
    const half = ['basicConstraints=critical,CA:false', 'keyUsage=critical,digitalSignature,keyCertSign'];
    const bold = await maker.make({ name: 'half-authority', by: root, extensions: half });
    const byBold = await maker.make({ name: 'by-half', by: bold });
    expect(await read(byBold, { ca: `${root.pem}${bold.pem}` })).toEqual(refused('wrong-issuer'));
    const byAnna = await maker.make({ name: 'by-anna', by: anna });
    expect(await read(byAnna, { ca: `${root.pem}${issuing.pem}${anna.pem}` })).toEqual(refused('wrong-issuer'));
  });

  it('M40: the name of an authority is nothing without its key', async () => {
    const forger = await maker.make({ name: 'forger-of-cards', subject: '/O=Cards/CN=issuing', extensions: AUTHORITY });
    const extensions = [...PERSON, 'authorityKeyIdentifier=none'];
    expect(await read(await maker.make({ name: 'forged', by: forger, extensions }))).toEqual(refused('wrong-issuer'));
    expect(await read(await person('not-forged', { extensions }))).toMatchObject(identified);
  });

  it('M40: an authority whose time is over vouches for nobody', async () => {
    const short = await maker.make({ name: 'short', by: root, extensions: AUTHORITY, days: 1 });
    const card = await maker.make({ name: 'by-short', by: short });
    const shown = came({
      'x-edge-secret': SECRETS.gateway,
      'client-cert': card.der.toString('base64'),
      'client-verify': 'SUCCESS',
    });
    const readOn = (days: number) =>
      assertedSystem({
        settings: settings({
          ca: `${root.pem}${short.pem}`,
          verdict: { header: 'client-verify', value: 'SUCCESS' },
          revocation: { by: 'gateway' },
        }),
        secrets: SECRETS,
        now: () => new Date(Date.now() + days * 86_400_000),
      }).read(shown);
    expect(await readOn(0)).toMatchObject(identified);
    expect(await readOn(3)).toEqual(refused('wrong-issuer'));
  });

  it('M41: the policy must be that of the card, and one that its authority may issue by', async () => {
    const card = await person('card', { extensions: [...PERSON, `certificatePolicies=${POLICY}`] });
    const method = 'M41' as const;
    expect(await read(card, { method, policies: [POLICY] })).toMatchObject({ identity: { proved: ['smartcard'] } });
    expect(await read(await person('soft'), { method, policies: [POLICY] })).toEqual(refused('level-too-low'));
    const claims = ['1.3.6.1.4.1.99999.99'];
    const bold = await person('bold', { extensions: [...PERSON, `certificatePolicies=${claims[0]}`] });
    expect(await read(bold, { method, policies: claims })).toEqual(refused('level-too-low'));
  });

  it('M40: issuers may be narrowed, in any way that a name is written', async () => {
    const anna = await person('narrow');
    for (const name of ['CN=issuing,O=Cards', 'cn = Issuing, o = cards', '/O=Cards/CN=issuing'])
      expect(await read(anna, { issuers: [name] })).toMatchObject(identified);
    for (const name of ['CN=root,O=Cards', 'O=Cards,CN=issuing', 'CN=issuing', '/CN=issuing/O=Cards', ''])
      expect(await read(anna, { issuers: [name] })).toEqual(refused('wrong-issuer'));
  });
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The same bytes to a lenient reader, and no Base64: a character too many, or bits behind the last byte. */
function bend(base64: string): string {
  const bare = base64.replace(/=+$/, '');
  const last = ALPHABET[ALPHABET.indexOf(bare.at(-1) ?? '') + 1] ?? '';
  return bare.length % 4 === 0 ? `${bare}A` : `${bare.slice(0, -1)}${last}${base64.slice(bare.length)}`;
}

describe('as gateways hand it on', () => {
  it('in each of the forms, and in no other', async () => {
    const anna = await person('forms');
    const base64 = anna.der.toString('base64');
    const given = {
      'escaped-pem': encodeURIComponent(anna.pem),
      pem: anna.pem.replaceAll('\n', ' '),
      base64,
      rfc9440: `:${base64}:`,
      xfcc: `By=spiffe://gate;Hash=ab12;Cert="${encodeURIComponent(anna.pem)}";Subject="O=Cards,CN=\\"a\\""`,
    } as const;
    for (const format of ['escaped-pem', 'pem', 'base64', 'rfc9440', 'xfcc'] as const) {
      const certificate = { header: 'client-cert', format };
      expect(await read(given[format], { certificate })).toMatchObject(identified);
      for (const bad of [
        'x',
        '%',
        `${given[format]}x`,
        `${given[format]}${given[format]}`,
        `${given[format]};${given[format]}`,
        `${given[format]},${given[format]}`,
        given[format].includes(base64) ? given[format].replace(base64, bend(base64)) : 'x',
        Buffer.concat([anna.der, Buffer.from([0])]).toString('base64'),
        anna.der.subarray(0, -1).toString('base64'),
      ])
        expect(await read(bad, { certificate }), `${format} ${bad.slice(-20)}`).toEqual(refused('misshapen'));
      expect(await read('', { certificate })).toEqual(refused('unsigned'));
    }
  });
});

describe('who a certificate stands for', () => {
  const keyOf = async (card: Made, identifier: Card['identifier']): Promise<unknown> => {
    const answer = await read(card, { identifier });
    return answer.outcome === 'identified' ? answer.identity.accountKey : answer;
  };

  it('M40: a renewal keeps the key or the name, and changes the serial', async () => {
    const subject = '/C=GB/O=Cards/CN=Anna Example';
    const old = await person('anna-1', { subject, serial: '0x0A01' });
    const same = await person('anna-2', { subject: '/C=GB/O=Cards/CN=ANNA  EXAMPLE', serial: '0x0A02', keyOf: old });
    expect(await keyOf(old, { by: 'key' })).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOf(same, { by: 'key' })).toBe(await keyOf(old, { by: 'key' }));
    expect(await keyOf(old, { by: 'subject-issuer' })).toBe('CN=anna example,O=cards,C=gb;CN=issuing,O=cards');
    expect(await keyOf(same, { by: 'subject-issuer' })).toBe(await keyOf(old, { by: 'subject-issuer' }));
    expect(await keyOf(old, { by: 'issuer-serial' })).toBe('0A01 CN=issuing,O=cards');
    expect(await keyOf(same, { by: 'issuer-serial' })).not.toBe(await keyOf(old, { by: 'issuer-serial' }));
    expect(await read(old, { identifier: { by: 'issuer-serial' } })).toMatchObject({
      identity: { warnings: ['identifier-may-change'] },
    });
  });

  it('M40: in the forms that old systems have stored', async () => {
    const card = await person('forms-2', { subject: '/C=GB/O=Cards, and more/CN=Zoë Exämple' });
    expect(await keyOf(card, { by: 'subject-issuer', names: 'rfc4514' })).toBe(
      String.raw`CN=Zoë Exämple,O=Cards\, and more,C=GB;CN=issuing,O=Cards`,
    );
    expect(await keyOf(card, { by: 'subject-issuer', names: 'one-line' })).toBe(
      String.raw`/C=GB/O=Cards, and more/CN=Zo\xC3\xAB Ex\xC3\xA4mple;/O=Cards/CN=issuing`,
    );
  });

  it('LA06: no name can be written so that it reads as somebody else’s', async () => {
    const anna = await person('real', { subject: '/O=Cards/OU=admin/CN=Anna' });
    const eve = await person('eve', { subject: String.raw`/O=Cards\/OU=admin/CN=Anna` });
    const comma = await person('comma', { subject: '/O=Cards/CN=Anna,OU=admin' });
    expect(await keyOf(eve, { by: 'subject-issuer', names: 'one-line' })).toEqual(refused('identifier-missing'));
    const keys = await Promise.all([anna, eve, comma].map((card) => keyOf(card, { by: 'subject-issuer' })));
    expect(new Set(keys).size).toBe(3);
  });

  it('M41: an id that the authority gave to a person; never a name, never one of two', async () => {
    const by = 'subject-attribute' as const;
    const card = await person('staff', { subject: '/O=Cards/CN=Anna/serialNumber=UK-4711' });
    expect(await keyOf(card, { by, oid: '2.5.4.5' })).toBe('UK-4711');
    const two = await person('two', { subject: '/O=Cards/CN=Anna/serialNumber=1/serialNumber=2' });
    expect(await keyOf(two, { by, oid: '2.5.4.5' })).toEqual(refused('identifier-missing'));
    expect(await keyOf(await person('none'), { by, oid: '2.5.4.5' })).toEqual(refused('identifier-missing'));
    await expect(keyOf(card, { by, oid: '2.5.4.3' })).rejects.toThrow('by a name');
  });

  it('leaves revocation to no gateway that says nothing of it', async () => {
    await expect(read(await person('silent'), { revocation: { by: 'gateway' } })).rejects.toThrow('says nothing');
    await expect(
      read('x', { ca: `-----BEGIN CERTIFICATE-----\n${'A'.repeat(100)}\n-----END CERTIFICATE-----` }),
    ).rejects.toThrow('cannot be read');
  });
});

describe('revocation lists', () => {
  let good: Buffer;
  beforeAll(async () => {
    good = await maker.list(issuing, ['0BAD']);
  });
  beforeEach(async () => {
    list.body = good;
    rootList.body = await maker.list(root, []);
  });
  const outage = { outcome: 'unavailable', reason: 'garbage' };

  it('M40: who is on it is refused', async () => {
    expect(await read(await person('bad', { serial: '0x0BAD' }))).toEqual(refused('disabled'));
    expect(await read(await person('good', { serial: '0x0BAE' }))).toMatchObject(identified);
  });

  it('M40: everybody of an authority that was revoked is refused', async () => {
    rootList.body = await maker.list(root, ['4D']);
    expect(await read(await person('below'))).toEqual(refused('disabled'));
  });

  it.each<[string, () => Promise<Buffer>]>([
    ['of another authority', () => maker.list(root, [])],
    ['about a part only', () => maker.list(issuing, [], ['2.5.29.28=critical,DER:30038101FF'])],
    ['about what has changed only', () => maker.list(issuing, [], ['2.5.29.27=critical,DER:020101'])],
    [
      'of the right name and a wrong key',
      async () => {
        const forger = await maker.make({ name: 'forger', subject: '/O=Cards/CN=issuing', extensions: AUTHORITY });
        return maker.list(forger, []);
      },
    ],
  ])('F24: a list %s is no news, and no news lets nobody in', async (_, make) => {
    const card = await person('news');
    expect(await read(card)).toMatchObject(identified);
    list.body = await make();
    expect(await read(card)).toEqual(outage);
  });

  it('F24: a list of an authority that may sign none', async () => {
    const extensions = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign'];
    const quiet = await maker.make({ name: 'quiet', by: root, extensions });
    const card = await maker.make({ name: 'by-quiet', by: quiet });
    list.body = await maker.list(quiet, []);
    expect(await read(card, { ca: `${root.pem}${quiet.pem}` })).toEqual(outage);
  });

  it('F24: a list whose time is over', async () => {
    const card = await person('late');
    const now = () => new Date(Date.now() + 3 * 86_400_000);
    const late = assertedSystem({ settings: settings(), secrets: SECRETS, now });
    const said = came({ 'x-edge-secret': SECRETS.gateway, 'client-cert': card.der.toString('base64') });
    expect(await late.read(said)).toEqual(outage);
    expect(await late.probe()).toEqual(outage);
  });
});
