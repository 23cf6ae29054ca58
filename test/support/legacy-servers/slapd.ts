import { writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { makeAuthority } from './certificates.ts';
import { listens, onFreePorts, startDaemon } from './daemon.ts';
import { PEOPLE } from './people.ts';
import { needTool } from './run-tool.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface SlapdOptions {
  /** false: no certificate at all, so StartTLS is refused and there is no LDAPS. */
  readonly tls?: boolean;
  /** What the certificate is for; the server's own address unless said otherwise. */
  readonly certifiedFor?: string;
  /** A name with an empty password is let in as nobody, as some old servers do. */
  readonly emptyPasswords?: boolean;
}

export interface Slapd {
  /** Plain, with StartTLS. */
  readonly url: string;
  readonly tlsUrl: string;
  readonly caFile: string;
  readonly ca: string;
  readonly peopleDn: string;
  /** May read everything but passwords, and change nothing. */
  readonly reader: { readonly dn: string; readonly password: string };
  readonly people: typeof PEOPLE;
  /** Wrong passwords that lock an account. */
  readonly lockedAfter: number;
  /** A person whose entry is of this many bytes and more. */
  readonly huge: { readonly name: string; readonly bytes: number };
  /** Two people have it. */
  readonly sharedMail: string;
  stop: () => Promise<void>;
}

const SUFFIX = 'dc=legacy,dc=test';
const PEOPLE_DN = `ou=people,${SUFFIX}`;
const READER = { dn: `cn=reader,${SUFFIX}`, password: 'reader-password-of-the-tests' };
const HUGE = { name: 'huge-hal', bytes: 2_000_000 };
const SHARED_MAIL = 'twins@legacy.test';
const LOCKED_AFTER = 3;

/** An OpenLDAP with the password-policy overlay. */
export function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  return onFreePorts(() => start(options));
}

async function start(options: SlapdOptions): Promise<Slapd> {
  const folder = await throwawayFolder('slapd');
  const authority = await makeAuthority(folder.path, 'authority');
  const alternativeNames = options.certifiedFor ?? 'IP:127.0.0.1';
  const server = await authority.issue({ name: 'server', alternativeNames, use: 'serverAuth' });
  const withTls = options.tls !== false;
  const tls = [
    `TLSCACertificateFile ${authority.caFile}`,
    `TLSCertificateFile ${server.certificateFile}`,
    `TLSCertificateKeyFile ${server.keyFile}`,
  ];
  const empty = options.emptyPasswords === true ? ['allow bind_anon_cred'] : [];
  await mkdir(join(folder.path, 'data'));
  await writeFile(join(folder.path, 'slapd.conf'), configuration(folder.path, [...(withTls ? tls : []), ...empty]));
  await writeFile(join(folder.path, 'data.ldif'), entries());
  await needTool('slapadd', ['-q', '-f', join(folder.path, 'slapd.conf'), '-l', join(folder.path, 'data.ldif')]);

  const [port, tlsPort] = [await freePort(), await freePort()];
  const url = `ldap://127.0.0.1:${port}`;
  const tlsUrl = `ldaps://127.0.0.1:${tlsPort}`;
  const daemon = await startDaemon({
    command: 'slapd',
    args: ['-d', 'none', '-f', join(folder.path, 'slapd.conf'), '-h', withTls ? `${url} ${tlsUrl}` : url],
    folder: folder.path,
    isReady: async () => (await listens(port)) && (!withTls || (await listens(tlsPort))),
  });
  return {
    url,
    tlsUrl,
    caFile: authority.caFile,
    ca: authority.ca,
    peopleDn: PEOPLE_DN,
    reader: READER,
    people: PEOPLE,
    lockedAfter: LOCKED_AFTER,
    huge: HUGE,
    sharedMail: SHARED_MAIL,
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

function configuration(folder: string, global: readonly string[]): string {
  return `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile ${folder}/slapd.pid
argsfile ${folder}/slapd.args
${global.join('\n')}
database mdb
suffix "${SUFFIX}"
# Nobody signs in as it; the overlay writes failed tries in its name, and locks nobody without.
rootdn "cn=root,${SUFFIX}"
directory ${folder}/data
maxsize 67108864
dbnosync
index objectClass,uid,mail eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by dn.exact="${READER.dn}" read by self read by anonymous auth by * none
overlay ppolicy
ppolicy_default "cn=default,ou=policies,${SUFFIX}"
ppolicy_use_lockout
`;
}

function entries(): string {
  const policy = (name: string, ...more: string[]): string =>
    entry(`cn=${name},ou=policies,${SUFFIX}`, [
      'objectClass: device',
      'objectClass: pwdPolicy',
      'pwdAttribute: userPassword',
      'pwdMustChange: TRUE',
      ...more,
    ]);
  return [
    entry(SUFFIX, ['objectClass: dcObject', 'objectClass: organization', 'o: An old directory']),
    entry(PEOPLE_DN, ['objectClass: organizationalUnit']),
    entry(`ou=policies,${SUFFIX}`, ['objectClass: organizationalUnit']),
    policy('default', 'pwdLockout: TRUE', `pwdMaxFailure: ${LOCKED_AFTER}`, 'pwdLockoutDuration: 0'),
    policy('yearly', 'pwdMaxAge: 31536000'),
    entry(READER.dn, [
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      `userPassword: ${READER.password}`,
    ]),
    person(PEOPLE.anna),
    person(PEOPLE.dan, ['pwdAccountLockedTime: 000001010000Z']),
    person(PEOPLE.ed, ['pwdChangedTime: 20200101000000Z', `pwdPolicySubentry: cn=yearly,ou=policies,${SUFFIX}`]),
    person(PEOPLE.mia, ['pwdReset: TRUE']),
    person(PEOPLE.zoe, ['mail: zoe@legacy.test']),
    person({ ...PEOPLE.anna, name: 'twin-tim' }, [`mail: ${SHARED_MAIL}`]),
    person({ ...PEOPLE.anna, name: 'twin-tom' }, [`mail: ${SHARED_MAIL}`]),
    person({ ...PEOPLE.anna, name: HUGE.name }, [`description: ${'x'.repeat(HUGE.bytes)}`]),
    entry(`ou=elsewhere,${PEOPLE_DN}`, [
      'objectClass: referral',
      'objectClass: extensibleObject',
      `ref: ldap://127.0.0.1:1/ou=elsewhere,${PEOPLE_DN}`,
    ]),
  ].join('\n');
}

function person({ name, password }: { name: string; password: string }, more: readonly string[] = []): string {
  const mail = more.some((line) => line.startsWith('mail:')) ? [] : [`mail: ${name}@legacy.test`];
  const shown = ['objectClass: inetOrgPerson', `cn: ${name} of the old directory`, `sn: ${name}`];
  return entry(`uid=${name},${PEOPLE_DN}`, [...shown, `userPassword: ${password}`, ...mail, ...more]);
}

/** One entry of LDIF: whatever is not ASCII goes in as base64. */
function entry(dn: string, lines: readonly string[]): string {
  const safe = (line: string): string => {
    const [, key = '', value = ''] = /^([^:]+): (.*)$/s.exec(line) ?? [];
    return /^[\u0020-\u007e]*$/.test(value) ? line : `${key}:: ${Buffer.from(value).toString('base64')}`;
  };
  return `${[`dn: ${dn}`, ...lines].map(safe).join('\n')}\n`;
}
