import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem } from '../support/directly-asked-system.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { runTool } from '../support/legacy-servers/run-tool.ts';
import { startSambaDomain, type SambaDomain } from '../support/legacy-servers/samba-domain.ts';

type Ad = Extract<AdapterSettings, { family: 'ldap'; method: 'M14' }>;

let server: SambaDomain;
beforeAll(async () => {
  server = await startSambaDomain();
}, 120_000);
afterAll(() => server.stop());

const settingsOf = (changed: Partial<Ad> = {}): Ad => ({
  family: 'ldap',
  method: 'M14',
  urls: [server.tlsUrl],
  ca: server.ca,
  reader: { dn: server.reader.dn, passwordSecret: 'reader-password' },
  base: server.baseDn,
  domain: server.domain,
  upnSuffixes: [server.realm],
  attributes: [{ name: 'email', attribute: 'mail' }],
  ...changed,
});

const signIn = async (login: string, password: string, changed: Partial<Ad> = {}) => {
  const host = new URL(server.tlsUrl).hostname;
  const secrets = { 'reader-password': server.reader.password };
  const asked = directlyAskedSystem({ settings: settingsOf(changed), secrets, allow: [`${host}:*`] });
  try {
    return await asked.answer({ login, password });
  } finally {
    await asked.close();
  }
};

/** As the directory's own tool writes it: base64 of 16 bytes. */
async function guidOf(name: string): Promise<Buffer> {
  const as = ['-D', `${name}@${server.realm}`, '-w', PASSWORD, '-b', server.baseDn, `(sAMAccountName=${name})`];
  const env = { LDAPTLS_CACERT: server.caFile };
  const { output } = await runTool('ldapsearch', ['-LLL', '-H', server.tlsUrl, ...as, 'objectGUID'], { env });
  return Buffer.from(/^objectGUID:: (\S+)$/m.exec(output)?.[1] ?? '', 'base64');
}

const refused = (reason: string) => ({ outcome: 'refused', reason });

describe('an Active Directory that is asked by LDAP', () => {
  it('M14: anna signs in, known by objectGUID as Windows writes it', async () => {
    const guid = await guidOf('anna');
    const answer = await signIn('anna', PASSWORD);
    expect(answer).toMatchObject({
      outcome: 'identified',
      identity: {
        level: 'Cl',
        proved: ['password'],
        attributes: [{ name: 'email', value: 'anna@legacy.test', from: 'old-system' }],
      },
    });
    const key = 'identity' in answer ? answer.identity.accountKey : '';
    expect(key.split('-').map((field) => field.length)).toEqual([8, 4, 4, 4, 12]);
    // The first field stands the other way round on the wire.
    expect(key.slice(0, 8)).toBe(guid.readUInt32LE(0).toString(16).padStart(8, '0'));
    expect(key.slice(-12)).toBe(guid.toString('hex', 10));
    for (const name of ['ANNA', 'anna@legacy.test', 'LEGACY\\anna', 'legacy\\Anna']) {
      expect(await signIn(name, PASSWORD)).toMatchObject({ identity: { accountKey: key } });
    }
  });

  it('M14: signs people in without a reader, and by StartTLS', async () => {
    for (const changed of [{ reader: undefined }, { urls: [server.url] }]) {
      expect(await signIn('anna', PASSWORD, changed)).toMatchObject({ outcome: 'identified' });
      expect(await signIn('zoë@legacy.test', server.people.zoe.password, changed)).toMatchObject({
        outcome: 'identified',
      });
      expect(await signIn('anna', 'wrong', changed)).toEqual(refused('wrong-secret'));
      expect(await signIn('anna', PASSWORD, changed)).toMatchObject({ outcome: 'identified' });
    }
  });

  it.each([
    ['anna', 'wrong', 'wrong-secret'], // 52e
    ['nobody', PASSWORD, 'unknown-person'],
    ['disabled-dan', PASSWORD, 'disabled'], // 533
    ['expired-ed', PASSWORD, 'expired'], // 532
    ['ended-gwen', PASSWORD, 'expired'], // 701
    ['must-change-mia', PASSWORD, 'must-change-password'], // 773
    ['locked-lou', PASSWORD, 'locked'], // 775
    ['anna', '', 'misshapen'],
    ['OTHER\\anna', PASSWORD, 'misshapen'],
    ['anna@elsewhere.test', PASSWORD, 'misshapen'],
    ['*', PASSWORD, 'misshapen'],
    ['anna)(cn', PASSWORD, 'unknown-person'],
    ['anna)(cn=*', PASSWORD, 'misshapen'],
    ['DC1$', PASSWORD, 'unknown-person'],
  ])('M14: keeps out %s with %j: %s', async (login, password, reason) => {
    expect(await signIn(login, password)).toEqual(refused(reason));
  });

  it('M14: without a reader the sub-codes say the same', async () => {
    for (const [login, reason] of [
      ['disabled-dan', 'disabled'],
      ['must-change-mia', 'must-change-password'],
      ['locked-lou', 'locked'],
    ] as const) {
      expect(await signIn(login, PASSWORD, { reader: undefined })).toEqual(refused(reason));
    }
  });

  it('M14: a stale password may sign in with a warning, an ended account may not', async () => {
    const changed = { stalePassword: 'warn' } as const;
    expect(await signIn('must-change-mia', PASSWORD, changed)).toMatchObject({
      identity: { warnings: ['must-change-password'] },
    });
    expect(await signIn('expired-ed', PASSWORD, changed)).toMatchObject({
      identity: { warnings: ['password-expired'] },
    });
    expect(await signIn('must-change-mia', 'wrong', changed)).toEqual(refused('wrong-secret'));
    expect(await signIn('ended-gwen', PASSWORD, changed)).toEqual(refused('expired'));
  });
});
