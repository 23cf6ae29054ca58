import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runCommand } from '../processes/run-command.ts';
import { chromiumPath, findProgram } from './chromium-path.ts';

/** What tests need and npm does not ship, in groups that stand for the tests which need all of the group. */
export type SystemPackages = 'redis' | 'chromium' | 'legacy servers';

interface Group {
  readonly packages: readonly string[];
  isThere: () => boolean;
  /** Something else will do, but this does the same at less cost. */
  couldBeBetter?: () => boolean;
}

const GROUPS: Readonly<Record<SystemPackages, Group>> = {
  redis: { packages: ['redis-server'], isThere: () => findProgram('redis-server') !== undefined },
  chromium: {
    packages: ['chromium-headless-shell'],
    isThere: () => chromiumPath() !== undefined,
    couldBeBetter: () => findProgram('chromium-headless-shell') === undefined,
  },
  'legacy servers': {
    packages: [
      ['slapd', 'ldap-utils'],
      ['samba', 'samba-dsdb-modules', 'samba-vfs-modules', 'samba-ad-provision'],
      ['freeradius', 'freeradius-utils'],
      ['simplesamlphp', 'php-cli', 'php-xml', 'php-mbstring'],
      ['liblemonldap-ng-portal-perl', 'libio-string-perl', 'libstring-random-perl', 'libxml-simple-perl', 'starman'],
      ['krb5-kdc', 'krb5-admin-server', 'krb5-user', 'apache2', 'libapache2-mod-auth-gssapi'],
      ['nginx', 'curl', 'openssl'],
    ].flat(),
    // Their tests use Debian's paths and modules, so that it is Debian's packages that must be there.
    isThere: () => GROUPS['legacy servers'].packages.every((name) => debianPackages().has(name)),
  },
};
const NAMES = ['redis', 'chromium', 'legacy servers'] as const satisfies readonly SystemPackages[];

/** Installs what is missing where we may, says how to where we may not, and returns what is missing still. */
export async function provideSystemPackages(print: (line: string) => void): Promise<SystemPackages[]> {
  const wanted = NAMES.filter((name) => !GROUPS[name].isThere() || GROUPS[name].couldBeBetter?.());
  if (wanted.length > 0 && process.getuid?.() === 0 && isDebian()) {
    print(`installing ${wanted.join(', ')} with apt …`);
    const seconds = await install(packagesOf(wanted), print);
    print(`apt-get took ${seconds.toFixed(1)} s`);
  }
  const still = missingGroups();
  if (still.length > 0) {
    print(`${still.join(', ')} not found: tests that need it are skipped. To install it on Debian 12:`);
    print(`  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packagesOf(still).join(' ')}`);
    if (process.platform === 'darwin')
      print(`  or, without legacy servers: brew install redis && brew install --cask chromium`);
  }
  return still;
}

function missingGroups(): SystemPackages[] {
  return NAMES.filter((name) => !GROUPS[name].isThere());
}

function packagesOf(groups: readonly SystemPackages[]): string[] {
  return groups.flatMap((name) => GROUPS[name].packages);
}

function debianPackages(): ReadonlySet<string> {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\\n'], { encoding: 'utf8' });
  if (asked.status !== 0) return new Set();
  const lines = asked.stdout.split('\n').filter((line) => line.startsWith('installed '));
  return new Set(lines.map((line) => line.slice('installed '.length)));
}

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8')) && findProgram('apt-get') !== undefined;
  } catch {
    return false;
  }
}

/** Tests start servers of their own, so that the packages' services must not run. Returns the seconds it took. */
async function install(packages: readonly string[], print: (line: string) => void): Promise<number> {
  const allow = forbidServices();
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  let seconds = 0;
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const outcome = await runCommand('apt-get', ['-q', ...args], { limitSeconds: 600, env });
    seconds += outcome.seconds;
    if (!outcome.ok) {
      print(`apt-get ${args.join(' ')} failed:\n${outcome.output.slice(-2_000)}`);
      break;
    }
  }
  allow();
  return seconds;
}

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Debian's own way to install without starting; a policy that is there already is the administrator's. */
function forbidServices(): () => void {
  if (existsSync(POLICY_FILE)) return () => {};
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const allow = (): void => rmSync(POLICY_FILE, { force: true });
  process.once('exit', allow);
  return () => {
    process.off('exit', allow);
    allow();
  };
}
