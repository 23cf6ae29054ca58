import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem, type Asked } from '../support/directly-asked-system.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { startSlapd, type Slapd } from '../support/legacy-servers/slapd.ts';

type Ldap = Extract<AdapterSettings, { family: 'ldap'; method: 'M13' }>;

let server: Slapd;
beforeAll(async () => {
  server = await startSlapd({ emptyPasswords: true });
});
afterAll(() => server.stop());

const settingsOf = (changed: Partial<Ldap> = {}): Ldap => ({
  family: 'ldap',
  method: 'M13',
  urls: [server.tlsUrl],
  ca: server.ca,
  reader: { dn: server.reader.dn, passwordSecret: 'reader-password' },
  base: server.peopleDn,
  filter: '(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))',
  attributes: [
    { name: 'name', attribute: 'cn' },
    { name: 'email', attribute: 'mail' },
  ],
  ...changed,
});

const system = (changed: Partial<Ldap> = {}, secrets: Asked['secrets'] = {}) =>
  directlyAskedSystem({
    settings: settingsOf(changed),
    secrets: { 'reader-password': server.reader.password, ...secrets },
  });

const signIn = async (login: string, password: string, changed: Partial<Ldap> = {}) => {
  const asked = system(changed);
  try {
    return await asked.answer({ login, password });
  } finally {
    await asked.close();
  }
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const identified = expect.objectContaining({ outcome: 'identified' });
const refused = (reason: string) => ({ outcome: 'refused', reason });
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });

describe('a directory that is asked by LDAP', () => {
  it('M13: anna signs in, known by entryUUID and never by her name', async () => {
    const answer = await signIn('anna', PASSWORD);
    expect(answer).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: expect.stringMatching(UUID),
        evidence: 'sign-in',
        proved: ['password'],
        level: 'Cl',
        attributes: [
          { name: 'name', value: 'anna of the old directory', from: 'old-system', asOf: expect.any(String) },
          { name: 'email', value: 'anna@legacy.test', from: 'old-system', asOf: expect.any(String) },
        ],
        warnings: [],
      },
    });
    // The same person by another name of hers.
    expect(await signIn(' anna@legacy.test ', PASSWORD)).toMatchObject({
      identity: { accountKey: 'identity' in answer && answer.identity.accountKey },
    });
  });

  it.each(['zoë', 'ａnna', 'x'.repeat(255), '\uD800', 'a+b=c,"d"<e>;#f\\'])(
    'F24: a name that cannot be one there is no fault of the directory: %.20s',
    async (login) => {
      for (const attribute of ['mail', 'uid', 'cn', 'employeeNumber'])
        expect(
          await signIn(login, 'x', { reader: undefined, bindDn: `${attribute}={login},${server.peopleDn}` }),
        ).toMatchObject({
          outcome: 'refused',
        });
      expect(await signIn(login, 'x')).toMatchObject({ outcome: 'refused' });
    },
  );

  it.each([
    ['by StartTLS', () => ({ urls: [server.url] })],
    ['without a reader', () => ({ reader: undefined, bindDn: `uid={login},${server.peopleDn}` })],
    ['when the first servers are dead', () => ({ urls: ['ldaps://127.0.0.1:1', 'ldap://127.0.0.1:1', server.tlsUrl] })],
    ['by an exact name, without looking further', () => ({ scope: 'one' as const })],
  ])('M13: signs people in %s', async (_how, changed) => {
    expect(await signIn('anna', PASSWORD, changed())).toEqual(identified);
    expect(await signIn('zoë', server.people.zoe.password, changed())).toEqual(identified);
    expect(await signIn('anna', 'wrong', changed())).toEqual(refused('wrong-secret'));
    expect(await signIn('anna', PASSWORD, changed())).toEqual(identified);
  });

  it.each([
    ['wrong-secret', 'anna', 'wrong'],
    ['unknown-person', 'nobody', PASSWORD],
    ['locked', 'disabled-dan', PASSWORD],
    ['expired', 'expired-ed', PASSWORD],
    ['must-change-password', 'must-change-mia', PASSWORD],
    ['wrong-secret', 'expired-ed', 'wrong'],
    ['ambiguous', 'twins@legacy.test', PASSWORD],
    ['misshapen', '', PASSWORD],
    ['misshapen', 'an\u0000na', PASSWORD],
    ['misshapen', 'a'.repeat(257), PASSWORD],
    ['misshapen', 'anna', 'é'.repeat(600)],
  ])('M13: keeps people out: %s (%#)', async (reason, login, password) => {
    expect(await signIn(login, password)).toEqual(refused(reason));
  });

  it('M13: an account that wrong passwords have locked stays out', async () => {
    for (let tried = 0; tried < server.lockedAfter; tried += 1) await signIn('twin-tim', 'wrong');
    expect(await signIn('twin-tim', PASSWORD)).toEqual(refused('locked'));
  });

  it('M13: an empty password is refused before a server is asked that would let it in', async () => {
    expect(await signIn('anna', '')).toEqual(refused('misshapen'));
    expect(await signIn('anna', '', { urls: ['ldaps://127.0.0.1:1'] })).toEqual(refused('misshapen'));
    expect(await signIn('anna', '', { reader: undefined, bindDn: `uid={login},${server.peopleDn}` })).toEqual(
      refused('misshapen'),
    );
  });

  it.each(['*)(uid=*', '*', 'ann*', 'anna)(|(uid=*', 'x)(|(objectClass=*)', '\\2a', 'anna)(uid=anna'])(
    'M13, LA30: %j is a name, not a filter',
    async (login) => {
      expect(await signIn(login, PASSWORD)).toEqual(refused('unknown-person'));
    },
  );

  it.each([
    'anna,ou=people',
    'anna,ou=people,dc=legacy,dc=test#',
    'anna+cn=x',
    'nobody,uid=anna',
    '"anna"',
    '#616e6e61',
  ])('M13, LA30: %j is a name, not a DN', async (login) => {
    const direct = { reader: undefined, bindDn: `uid={login},${server.peopleDn}` };
    expect(await signIn(login, PASSWORD, direct)).toEqual(refused('wrong-secret'));
  });

  it('M13: a stale password may sign in with a warning, where configuration says so', async () => {
    const changed = { stalePassword: 'warn' } as const;
    expect(await signIn('must-change-mia', PASSWORD, changed)).toMatchObject({
      identity: { warnings: ['must-change-password'] },
    });
    expect(await signIn('expired-ed', PASSWORD, changed)).toMatchObject({
      identity: { warnings: ['password-expired'] },
    });
    expect(await signIn('expired-ed', 'wrong', changed)).toEqual(refused('wrong-secret'));
    expect(await signIn('disabled-dan', PASSWORD, changed)).toEqual(refused('locked'));
  });

  it('M13: a state that the directory does not enforce is honoured (E6)', async () => {
    const refuseWhen = [{ attribute: 'mail', value: 'ANNA@legacy.test', as: 'disabled' }] as const;
    expect(await signIn('anna', PASSWORD, { refuseWhen: [...refuseWhen] })).toEqual(refused('disabled'));
    expect(await signIn('zoë', server.people.zoe.password, { refuseWhen: [...refuseWhen] })).toEqual(identified);
  });

  it('M13: nobody is known by an id that is missing', async () => {
    const key = { attribute: 'employeeNumber', format: 'text' } as const;
    expect(await signIn('anna', PASSWORD, { key })).toEqual(refused('identifier-missing'));
  });

  it.each(['uid', 'DN', 'mail', 'cn'])('L5: a name cannot be made the key: %s', async (attribute) => {
    await expect(signIn('anna', PASSWORD, { key: { attribute, format: 'text' } })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('E6: a source gives no more than it is registered for', async () => {
    expect(await signIn('anna', PASSWORD, { level: 'none' })).toMatchObject({ identity: { level: 'none' } });
  });
});

describe('F24: a directory that cannot be asked', () => {
  it('dead', async () => {
    expect(await signIn('anna', PASSWORD, { urls: [`ldaps://127.0.0.1:${await freePort()}`] })).toEqual(
      unavailable('unreachable'),
    );
  });

  it('not on the allow-list (R20)', async () => {
    expect(await signIn('anna', PASSWORD, { urls: ['ldaps://127.0.0.2:636'] })).toEqual(
      unavailable('not-on-allow-list'),
    );
  });

  it('a certificate of somebody else, with and without StartTLS', async () => {
    const stranger = await startSlapd({ certifiedFor: 'DNS:elsewhere.test' });
    try {
      for (const url of [stranger.url, stranger.tlsUrl]) {
        expect(await signIn('anna', PASSWORD, { urls: [url], ca: stranger.ca })).toEqual(
          unavailable('bad-certificate'),
        );
        expect(await signIn('anna', PASSWORD, { urls: [url] })).toEqual(unavailable('bad-certificate'));
        const named = { urls: [url], ca: stranger.ca, serverName: 'elsewhere.test' };
        expect(await signIn('anna', PASSWORD, named)).toEqual(identified);
      }
    } finally {
      await stranger.stop();
    }
  });

  it('M13: StartTLS that is refused is the end of it: nothing is said in the clear', async () => {
    const plain = await startSlapd({ tls: false });
    try {
      expect(await signIn('anna', PASSWORD, { urls: [plain.url] })).toEqual(unavailable('refused-us'));
    } finally {
      await plain.stop();
    }
  });

  it('one that refuses our reader', async () => {
    const asked = system({}, { 'reader-password': 'not-it' });
    expect(await asked.answer({ login: 'anna', password: PASSWORD })).toEqual(unavailable('refused-us'));
    expect(await asked.probe()).toEqual(unavailable('refused-us'));
    await asked.close();
  });

  it('an entry that is larger than is good', async () => {
    const attributes = [{ name: 'role', attribute: 'description' }] as const;
    expect(await signIn('huge-hal', PASSWORD, { attributes: [...attributes] })).toEqual(unavailable('too-large'));
    // Nobody reads what is not wanted.
    expect(await signIn('huge-hal', PASSWORD)).toEqual(identified);
  });

  it('a base that is on another server: no referral is followed', async () => {
    expect(await signIn('anna', PASSWORD, { base: `ou=elsewhere,${server.peopleDn}` })).toEqual(
      unavailable('redirected'),
    );
  });

  it('a base that is not there', async () => {
    expect(await signIn('anna', PASSWORD, { base: 'ou=gone,dc=legacy,dc=test' })).toEqual(unavailable('misconfigured'));
  });

  it('is well when it is', async () => {
    const asked = system();
    expect(await asked.probe()).toBeUndefined();
    await asked.close();
  });
});
