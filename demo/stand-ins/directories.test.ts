import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem } from '../../test/support/directly-asked-system.ts';
import { startLdapStandIn } from './ldap/ldap-stand-in.ts';
import { startRadiusStandIn } from './radius/radius-stand-in.ts';
import { selfSigned } from './self-signed.ts';

const PASSWORD = 'correct horse battery staple';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of open.splice(0).toReversed()) await stop();
});

const system = (settings: AdapterSettings, secret: string) => {
  const asked = directlyAskedSystem({ settings, secrets: { old: secret } });
  open.push(() => asked.close());
  return asked;
};

const refused = { outcome: 'refused', reason: 'wrong-secret' };

describe('stand-ins for directories', () => {
  it('M13: anna signs in at the stand-in for OpenLDAP', async () => {
    const standIn = await startLdapStandIn();
    open.push(standIn.stop);
    const { url, ca, base, reader } = standIn;
    const asked = system(
      {
        family: 'ldap',
        method: 'M13',
        urls: [url],
        ca,
        base,
        reader: { dn: reader.dn, passwordSecret: 'old' },
        filter: '(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))',
      },
      reader.password,
    );
    expect(await asked.answer({ login: 'anna', password: PASSWORD })).toMatchObject({
      identity: { accountKey: '5b0d2c1e-7a55-4c7d-9f0a-3c1f6f0c1a01' },
    });
    expect(await asked.answer({ login: 'anna', password: 'wrong' })).toEqual(refused);
    expect(await asked.answer({ login: '*', password: PASSWORD })).toMatchObject({ reason: 'unknown-person' });
    expect(await asked.probe()).toBeUndefined();
  });

  it('M14: anna signs in at the stand-in for Active Directory', async () => {
    const standIn = await startLdapStandIn({ like: 'active-directory' });
    open.push(standIn.stop);
    const { url, ca, base, reader } = standIn;
    const asked = system(
      {
        family: 'ldap',
        method: 'M14',
        urls: [url],
        ca,
        base,
        reader: { dn: reader.dn, passwordSecret: 'old' },
        domain: 'OLD',
        upnSuffixes: ['old.example'],
      },
      reader.password,
    );
    for (const login of ['anna', 'OLD\\anna', 'anna@old.example']) {
      expect(await asked.answer({ login, password: PASSWORD })).toMatchObject({
        identity: { accountKey: '5b0d2c1e-7a55-4c7d-9f0a-3c1f6f0c1a02' },
      });
    }
    expect(await asked.answer({ login: 'anna', password: 'wrong' })).toEqual(refused);
  });

  it.each(['pap', 'chap'] as const)('M16: anna signs in at the stand-in for RADIUS by %s', async (protocol) => {
    const { host, port, sharedSecret, stop } = await startRadiusStandIn();
    open.push(stop);
    const servers = [{ host, port }];
    const asked = system(
      { family: 'radius', method: 'M16', servers, sharedSecret: 'old', protocol, key: 'class' },
      sharedSecret,
    );
    expect(await asked.answer({ login: 'anna', password: PASSWORD })).toMatchObject({
      identity: { accountKey: 'member-0001' },
    });
    expect(await asked.answer({ login: 'anna', password: 'wrong' })).toEqual(refused);
    expect(await asked.answer({ login: 'bert', password: PASSWORD })).toEqual(refused);
    expect(await asked.probe()).toBeUndefined();
  });

  it('M39: anna signs in with her token, and with the code after it when the first is doubted', async () => {
    const { host, port, sharedSecret, stop } = await startRadiusStandIn({ token: true });
    open.push(stop);
    const servers = [{ host, port }];
    const asked = system(
      { family: 'radius', method: 'M39', servers, sharedSecret: 'old', first: 'password', key: 'class' },
      sharedSecret,
    );
    const code = async (typed: string, state: string) => {
      const answer = await asked.answer({ code: typed }, state);
      return { answer, state: answer.outcome === 'asks' && 'state' in answer ? answer.state : '' };
    };
    const begin = async (): Promise<string> => {
      const first = await asked.answer({ login: 'anna', password: PASSWORD });
      return first.outcome === 'asks' && 'state' in first ? first.state : '';
    };
    expect(await code('123456', await begin())).toMatchObject({ answer: { identity: { level: 'Cl.Cm' } } });
    expect(await code('000000', await begin())).toMatchObject({ answer: refused });
    const doubted = await code('654321', await begin());
    expect(doubted).toMatchObject({ answer: { prompt: { notice: 'next-code' } } });
    expect(await code('123456', doubted.state)).toMatchObject({ answer: { identity: { level: 'Cl.Cm' } } });
  });

  it('make certificates that say where they are for', () => {
    const { certificate } = selfSigned('anything');
    const read = new X509Certificate(certificate);
    expect([read.checkIP('127.0.0.1'), read.verify(read.publicKey)]).toEqual(['127.0.0.1', true]);
  });
});
