import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Daemon, listens, onFreePorts, startDaemon } from './daemon.ts';
import { PEOPLE } from './people.ts';
import { needTool, runTool } from './run-tool.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface KerberosEdgeOptions {
  /** Where requests go on: `http://127.0.0.1:1234`. */
  readonly upstream: string;
}

export interface KerberosEdge {
  /** By this very host name: the ticket is for `HTTP/localhost`. */
  readonly url: string;
  readonly realm: string;
  /** What Apache says to its upstream in `x-edge-secret`. */
  readonly edgeSecret: string;
  readonly people: Pick<typeof PEOPLE, 'anna' | 'dan' | 'ed' | 'zoe'>;
  /** `kinit`: the environment in which `curl --negotiate -u :` has that person's tickets, or what kinit complained of. */
  signIn: (person: {
    readonly name: string;
    readonly password: string;
  }) => Promise<{ readonly ok: boolean; readonly output: string; readonly env: Record<string, string> }>;
  stop: () => Promise<void>;
}

const REALM = 'LEGACY.TEST';
const SECRET = 'edge-secret-of-the-tests';

/** A Kerberos realm, and an Apache that lets its people through to an upstream, named in `x-remote-user`. */
export function startKerberosEdge(options: KerberosEdgeOptions): Promise<KerberosEdge> {
  return onFreePorts(() => start(options));
}

async function start(options: KerberosEdgeOptions): Promise<KerberosEdge> {
  const folder = await throwawayFolder('kerberos');
  const inside = (name: string): string => join(folder.path, name);
  const [kdcPort, port] = [await freePort(), await freePort()];
  const env = { KRB5_CONFIG: inside('krb5.conf'), KRB5_KDC_PROFILE: inside('kdc.conf') };
  await writeFile(inside('krb5.conf'), clientConfiguration(kdcPort));
  await writeFile(inside('kdc.conf'), kdcConfiguration(folder.path, kdcPort));
  await needTool('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'throw-away-master-key'], { env });
  await needTool('kadmin.local', ['-r', REALM], { env, stdin: principals(inside('http.keytab')) });
  // Apache's workers are not root: they read the keytab, and keep what they have seen where we clean up.
  await chmod(inside('http.keytab'), 0o644);
  await mkdir(inside('seen'));
  await chmod(inside('seen'), 0o777);
  await writeFile(inside('apache.conf'), apacheConfiguration(folder.path, port, options.upstream));

  const kdc = await startDaemon({
    command: 'krb5kdc',
    args: ['-n', '-r', REALM],
    folder: folder.path,
    env,
    isReady: () => listens(kdcPort),
  });
  const apache = await startApache(folder.path, port, env).catch(async (error: unknown) => {
    await kdc.stop();
    throw error;
  });
  let caches = 0;
  return {
    url: `http://localhost:${port}`,
    realm: REALM,
    edgeSecret: SECRET,
    people: { anna: PEOPLE.anna, dan: PEOPLE.dan, ed: PEOPLE.ed, zoe: PEOPLE.zoe },
    async signIn({ name, password }) {
      caches += 1;
      const theirs = { KRB5_CONFIG: env.KRB5_CONFIG, KRB5CCNAME: `FILE:${inside(`tickets-${caches}`)}` };
      const { status, output } = await runTool('kinit', [`${name}@${REALM}`], { env: theirs, stdin: `${password}\n` });
      return { ok: status === 0, output, env: theirs };
    },
    async stop() {
      await apache.stop();
      await kdc.stop();
      await folder.remove();
    },
  };
}

function startApache(folder: string, port: number, env: Record<string, string>): Promise<Daemon> {
  return startDaemon({
    command: 'apache2',
    args: ['-D', 'FOREGROUND', '-f', join(folder, 'apache.conf')],
    folder,
    env: { ...env, KRB5RCACHENAME: `file2:${join(folder, 'seen', 'replay')}` },
    isReady: () => listens(port),
  });
}

function clientConfiguration(kdcPort: number): string {
  return `
[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  qualify_shortname = ""
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${kdcPort}
  }
[domain_realm]
  localhost = ${REALM}
`;
}

function kdcConfiguration(folder: string, port: number): string {
  return `
[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/acl
    max_life = 1h
  }
[logging]
  kdc = STDERR
`;
}

/** For kadmin's own prompt, since a password on a command line is split at its spaces. */
function principals(keytab: string): string {
  const { anna, dan, ed, zoe } = PEOPLE;
  const person = ({ name, password }: { name: string; password: string }, more = ''): string =>
    `add_principal ${more} -pw "${password}" "${name}"`;
  return `${[
    person(anna),
    person(zoe),
    person(dan, '-allow_tix'),
    person(ed, '-pwexpire "2020-01-01"'),
    'add_principal -randkey HTTP/localhost',
    `ktadd -k ${keytab} HTTP/localhost`,
  ].join('\n')}\n`;
}

function apacheConfiguration(folder: string, port: number, upstream: string): string {
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'auth_gssapi',
    'headers',
    'proxy',
    'proxy_http',
  ];
  const account = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : '';
  return `
ServerRoot ${folder}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog /dev/stderr
LogLevel warn
Listen 127.0.0.1:${port}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${account}
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
<Location />
  AuthType GSSAPI
  AuthName "An old intranet"
  GssapiCredStore keytab:${folder}/http.keytab
  GssapiAllowedMech krb5
  Require valid-user
  RequestHeader set x-remote-user "expr=%{REMOTE_USER}"
  RequestHeader set x-edge-secret "${SECRET}"
  RequestHeader unset authorization
  ProxyPass ${upstream}/
</Location>
`;
}
