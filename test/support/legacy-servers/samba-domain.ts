import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority } from './certificates.ts';
import { listens, startDaemon } from './daemon.ts';
import { PASSWORD, PEOPLE } from './people.ts';
import { needTool } from './run-tool.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface SambaDomain {
  /** Plain, with StartTLS; a simple bind without TLS is refused. */
  readonly url: string;
  readonly tlsUrl: string;
  readonly caFile: string;
  readonly ca: string;
  /** People sign in as `name@realm`, or `DOMAIN\name`. */
  readonly realm: string;
  readonly domain: string;
  readonly baseDn: string;
  readonly reader: { readonly dn: string; readonly password: string };
  readonly people: typeof PEOPLE & Record<'lou' | 'gone', { readonly name: string; readonly password: string }>;
  /** Wrong passwords that lock an account. */
  readonly lockedAfter: number;
  stop: () => Promise<void>;
}

const REALM = 'LEGACY.TEST';
const DOMAIN = 'LEGACY';
const ADMINISTRATOR = 'Throw-away-1';
const LOCKED_AFTER = 3;

const DOMAIN_PEOPLE = {
  ...PEOPLE,
  /** Locked by wrong passwords. */
  lou: { name: 'locked-lou', password: PASSWORD },
  /** The account itself, not its password, has ended. */
  gone: { name: 'ended-gwen', password: PASSWORD },
};

/** Only root may open its well-known ports: `describe.skipIf(!sambaCanStart)`. */
export const sambaCanStart: boolean = process.getuid?.() === 0;

/**
 * A Samba as Active Directory domain controller. Its LDAP ports are the well-known ones and cannot be chosen, so it gets
 * a loopback address of its own (Linux has all of 127/8).
 */
export async function startSambaDomain(): Promise<SambaDomain> {
  const folder = await throwawayFolder('samba');
  const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const authority = await makeAuthority(folder.path, 'authority');
  const server = await authority.issue({ name: 'dc1', alternativeNames: `IP:${address}`, use: 'serverAuth' });
  await provision(folder.path, address);
  const configuration = join(folder.path, 'smb.conf');
  await mkdir(join(folder.path, 'run'));
  await writeFile(
    configuration,
    serverConfiguration(folder.path, address, [
      `tls certfile = ${server.certificateFile}`,
      `tls keyfile = ${server.keyFile}`,
      `tls cafile = ${authority.caFile}`,
    ]),
  );
  // The Python that Debian's own modules belong to, whatever else is on the path.
  await needTool('/usr/bin/python3', ['-c', ADD_PEOPLE, configuration], { stdin: JSON.stringify(peopleToAdd()) });

  const daemon = await startDaemon({
    command: 'samba',
    args: ['--interactive', '--debug-stdout', '--model=single', `--configfile=${configuration}`],
    folder: folder.path,
    isReady: async () => (await listens(389, address)) && (await listens(636, address)),
  });
  const url = `ldap://${address}`;
  const tlsUrl = `ldaps://${address}`;
  const baseDn = 'DC=legacy,DC=test';
  return {
    url,
    tlsUrl,
    caFile: authority.caFile,
    ca: authority.ca,
    realm: REALM,
    domain: DOMAIN,
    baseDn,
    reader: { dn: `CN=reader,CN=Users,${baseDn}`, password: PASSWORD },
    people: DOMAIN_PEOPLE,
    lockedAfter: LOCKED_AFTER,
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

async function provision(folder: string, address: string): Promise<void> {
  const names = [`--realm=${REALM}`, `--domain=${DOMAIN}`, '--host-name=dc1', `--host-ip=${address}`];
  const options = [
    'server services = ldap',
    // File shares are of no interest here; their access lists must not ask the file system for extended attributes.
    'vfs objects = dfs_samba4 acl_xattr xattr_tdb',
    `xattr_tdb:file = ${join(folder, 'xattr.tdb')}`,
  ];
  await needTool('samba-tool', [
    'domain',
    'provision',
    ...names,
    '--server-role=dc',
    '--dns-backend=NONE',
    `--adminpass=${ADMINISTRATOR}`,
    `--targetdir=${join(folder, 'dc')}`,
    ...options.map((option) => `--option=${option}`),
  ]);
}

function serverConfiguration(folder: string, address: string, tls: readonly string[]): string {
  const lines = [
    `netbios name = DC1`,
    `realm = ${REALM}`,
    `workgroup = ${DOMAIN}`,
    'server role = active directory domain controller',
    'server services = ldap',
    `interfaces = ${address}/8`,
    'bind interfaces only = yes',
    `private dir = ${folder}/dc/private`,
    `state directory = ${folder}/dc/state`,
    `cache directory = ${folder}/dc/cache`,
    `lock directory = ${folder}/dc`,
    `pid directory = ${folder}/run`,
    `ncalrpc dir = ${folder}/run/ncalrpc`,
    `winbindd socket directory = ${folder}/run/winbind`,
    `ntp signd socket directory = ${folder}/run/ntp`,
    'ldap server require strong auth = allow_sasl_over_tls',
    `log file = ${folder}/log.%m`,
    'ldap debug level = 0',
    ...tls,
  ];
  return `[global]\n${lines.join('\n')}\n`;
}

/** Who is added, and what is then changed about them; straight in the database, before the server runs. */
function peopleToAdd(): unknown {
  const { anna, dan, ed, mia, zoe, lou, gone } = DOMAIN_PEOPLE;
  return {
    lockedAfter: LOCKED_AFTER,
    people: [
      anna,
      zoe,
      { name: 'reader', password: PASSWORD },
      { ...dan, state: 'disabled' },
      { ...mia, state: 'must-change' },
      { ...ed, state: 'password-expired' },
      { ...lou, state: 'locked' },
      { ...gone, state: 'ended' },
    ],
  };
}

const ADD_PEOPLE = `
import json, sys, time
import ldb
from samba import dsdb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
wanted = json.load(sys.stdin)
settings = LoadParm()
settings.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=settings)
DAY = 864000000000
now = int(time.time() * 10000000) + 116444736000000000
# Both are for the server to set: without these it refuses a value from outside.
AS_IT_IS = ['relax:0', 'local_oid:%s:0' % dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID]
def change(dn, values):
    message = ldb.Message(ldb.Dn(db, dn))
    for key, value in values.items():
        message[key] = ldb.MessageElement(str(value), ldb.FLAG_MOD_REPLACE, key)
    db.modify(message, AS_IT_IS)
change(db.domain_dn(), {
    'lockoutThreshold': wanted['lockedAfter'], 'lockoutDuration': -18000000000, 'lockOutObservationWindow': -18000000000,
    'minPwdLength': 1, 'minPwdAge': 0, 'pwdProperties': 0,
    'maxPwdAge': -42 * DAY,
})
for person in wanted['people']:
    name = person['name']
    db.newuser(name, person['password'], mailaddress=name + '@legacy.test',
        force_password_change_at_next_login_req=person.get('state') == 'must-change')
    dn = 'CN=%s,%s,%s' % (name, 'CN=Users', db.domain_dn())
    state = person.get('state')
    if state == 'disabled':
        change(dn, {'userAccountControl': 0x202})
    if state == 'ended':
        change(dn, {'accountExpires': now - DAY})
    if state == 'locked':
        change(dn, {'lockoutTime': now})
    if state == 'password-expired':
        change(dn, {'pwdLastSet': now - 100 * DAY})
`;
