import { readFileSync } from 'node:fs';
import { runCommand } from '../processes/run-command.ts';
import { chromiumPath, findProgram } from './chromium-path.ts';

/** A program that tests need and npm does not ship; `package` is its name for apt. */
interface SystemProgram {
  readonly package: 'redis-server' | 'chromium';
  readonly isThere: () => boolean;
}

const PROGRAMS: readonly SystemProgram[] = [
  { package: 'redis-server', isThere: () => findProgram('redis-server') !== undefined },
  { package: 'chromium', isThere: () => chromiumPath() !== undefined },
];

/** Installs what is missing where we may, says how to where we may not, and returns what is missing still. */
export async function provideSystemPackages(print: (line: string) => void): Promise<string[]> {
  const missing = missingPackages();
  if (missing.length === 0) return [];
  if (process.getuid?.() === 0 && isDebian()) {
    print(`installing ${missing.join(' and ')} with apt …`);
    await install(missing, print);
  }
  const still = missingPackages();
  if (still.length > 0) {
    print(`${still.join(' and ')} not found: tests that need it are skipped. To install it:`);
    print(`  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${still.join(' ')}`);
    if (process.platform === 'darwin') print(`  or: brew install redis && brew install --cask chromium`);
  }
  return still;
}

function missingPackages(): string[] {
  return PROGRAMS.filter((program) => !program.isThere()).map((program) => program.package);
}

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8')) && findProgram('apt-get') !== undefined;
  } catch {
    return false;
  }
}

async function install(packages: readonly string[], print: (line: string) => void): Promise<void> {
  // policy-rc.d is not ours to write: RUNLEVEL=1 keeps the package from starting a Redis of its own.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const outcome = await runCommand('apt-get', ['-q', ...args], { limitSeconds: 300, env });
    if (!outcome.ok) {
      print(`apt-get ${args.join(' ')} failed:\n${outcome.output.slice(-2_000)}`);
      return;
    }
  }
}
