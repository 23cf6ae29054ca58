import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFreeradius, type Freeradius } from '../support/legacy-servers/freeradius.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { runTool } from '../support/legacy-servers/run-tool.ts';
import { sambaCanStart, startSambaDomain, type SambaDomain } from '../support/legacy-servers/samba-domain.ts';
import { startSlapd, type Slapd } from '../support/legacy-servers/slapd.ts';

// Each real server lets its people in, and keeps them out, when asked by the protocol's own tool. Our adapters have
// their tests elsewhere; when one of those fails, this tells whether the server is to blame.

describe('slapd', () => {
  let server: Slapd;
  beforeAll(async () => {
    server = await startSlapd();
  });
  afterAll(() => server.stop());

  const bind = (name: string, password: string) => {
    const who = ['-D', `uid=${name},${server.peopleDn}`, '-w', password];
    return runTool('ldapwhoami', ['-e', 'ppolicy', '-H', server.tlsUrl, ...who], {
      env: { LDAPTLS_CACERT: server.caFile },
    });
  };

  it('lets anna in', async () => {
    expect(await bind('anna', PASSWORD)).toEqual({ status: 0, output: `dn:uid=anna,${server.peopleDn}\n` });
  });

  it.each([
    ['anna', 'wrong', 'Invalid credentials'],
    ['disabled-dan', PASSWORD, 'Account locked'],
    ['expired-ed', PASSWORD, 'Password expired'],
    ['must-change-mia', PASSWORD, 'Password must be changed'],
  ])('says of %s with "%s": %s', async (name, password, said) => {
    expect((await bind(name, password)).output).toContain(said);
  });

  it('has no TLS at all when told so', async () => {
    const plain = await startSlapd({ tls: false });
    const { output } = await runTool('ldapwhoami', ['-ZZ', '-x', '-H', plain.url]);
    await plain.stop();
    expect(output).toMatch(
      /ldap_start_tls: (Protocol error|Unavailable|Connect error|Operations error|.*not supported)/i,
    );
  });

  it('lets the reader look people up over StartTLS, and shows no password', async () => {
    const as = ['-D', server.reader.dn, '-w', server.reader.password, '-b', server.peopleDn];
    const { output } = await runTool(
      'ldapsearch',
      ['-LLL', '-ZZ', '-H', server.url, ...as, '(uid=zoë)', '*', 'entryUUID'],
      { env: { LDAPTLS_CACERT: server.caFile } },
    );
    expect(output).toMatch(/^entryUUID: [-0-9a-f]{36}$/m);
    expect(output).not.toContain('userPassword');
  });
});

describe.skipIf(!sambaCanStart)('samba as a domain controller', () => {
  let server: SambaDomain;
  beforeAll(async () => {
    server = await startSambaDomain();
  });
  afterAll(() => server.stop());

  const bind = (name: string, password: string) => {
    const who = ['-D', `${name}@${server.realm}`, '-w', password, '-b', server.baseDn, `(sAMAccountName=${name})`];
    return runTool('ldapsearch', ['-LLL', '-H', server.tlsUrl, ...who, 'objectGUID'], {
      env: { LDAPTLS_CACERT: server.caFile },
    });
  };

  it.each([
    ['anna', PASSWORD],
    ['zoë', 'pässwörd 密码'],
  ])('lets %s in', async (name, password) => {
    expect((await bind(name, password)).output).toMatch(/^objectGUID:: /m);
  });

  it.each([
    ['anna', 'wrong', '52e'],
    ['disabled-dan', PASSWORD, '533'],
    ['expired-ed', PASSWORD, '532'],
    ['must-change-mia', PASSWORD, '773'],
    ['locked-lou', PASSWORD, '775'],
    ['ended-gwen', PASSWORD, '701'],
  ])('says of %s with "%s": sub-code %s', async (name, password, code) => {
    expect((await bind(name, password)).output).toContain(`AcceptSecurityContext error, data ${code}`);
  });
});

describe('freeradius', () => {
  let server: Freeradius;
  beforeAll(async () => {
    server = await startFreeradius();
  });
  afterAll(() => server.stop());

  const ask = async (attributes: string, port = server.port): Promise<string> => {
    const args = ['-x', '-r', '1', '-t', '30', `${server.host}:${port}`, 'auth', server.secret];
    const { output } = await runTool('radclient', args, { stdin: attributes });
    return output.slice(output.indexOf('Received'));
  };
  const signed = 'Message-Authenticator = 0x00';

  it('lets anna in by PAP and by CHAP, and signs its answer', async () => {
    const byPap = await ask(`User-Name = anna, User-Password = "${PASSWORD}", ${signed}`);
    expect(byPap).toMatch(/Access-Accept.*Message-Authenticator/s);
    const byChap = await ask(`User-Name = anna, CHAP-Password = "${PASSWORD}", ${signed}`);
    expect(byChap).toMatch(/Access-Accept.*Message-Authenticator/s);
  });

  it('keeps disabled-dan out', async () => {
    expect(await ask(`User-Name = disabled-dan, User-Password = "${PASSWORD}", ${signed}`)).toContain('Access-Reject');
  });

  it('leads new-pin-pia through three rounds', async () => {
    const round = async (password: string, state: string): Promise<string> =>
      ask(`User-Name = new-pin-pia, User-Password = "${password}", ${state}${signed}`);
    const stateOf = (answer: string): string => `State = ${/State = (0x\w+)/.exec(answer)?.[1]}, `;
    const first = await round(PASSWORD, '');
    expect(first).toMatch(/Access-Challenge.*new PIN/s);
    const second = await round('4711', stateOf(first));
    expect(second).toMatch(/Access-Challenge.*PIN again/s);
    expect(await round('4711', stateOf(second))).toContain('Access-Accept');
  });

  it('asks coded-cal for a code', async () => {
    const { cal } = server.people;
    const first = await ask(`User-Name = ${cal.name}, User-Password = "${PASSWORD}", ${signed}`);
    const state = /State = (0x\w+)/.exec(first)?.[1];
    const second = (code: string) =>
      ask(`User-Name = ${cal.name}, User-Password = ${code}, State = ${state}, ${signed}`);
    expect(await second(cal.code)).toContain('Access-Accept');
  });

  it('sends no Message-Authenticator from its unsigned port', async () => {
    const answer = await ask(`User-Name = anna, User-Password = "${PASSWORD}"`, server.unsignedPort);
    expect(answer).toContain('Access-Accept');
    expect(answer).not.toContain('Message-Authenticator');
  });
});
