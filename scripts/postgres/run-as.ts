import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Who Postgres runs as; undefined means "as we are". Postgres refuses to run as root. */
export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * As root: the owner of data that is already there, else `postgres`, else `nobody`. As anybody else: ourselves.
 * The owner comes first so that data which an ordinary user made stays theirs when root starts once.
 */
export function chooseRunAs(dataDir: string): RunAs {
  if (process.getuid?.() !== 0) return undefined;
  const owner = ownerOf(dataDir);
  if (owner && owner.uid !== 0) return owner;
  return lookUp('postgres') ?? lookUp('nobody') ?? NOBODY;
}

function ownerOf(path: string): RunAs {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { uid: stats.uid, gid: stats.gid };
}

function lookUp(name: string): RunAs {
  const read = (flag: string): number => {
    const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return result.status === 0 ? Number(result.stdout.trim()) : Number.NaN;
  };
  const [uid, gid] = [read('-u'), read('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined;
}

/** Whether that user can enter the folder, which may lie below a home that is closed to others. */
export function canEnter(folder: string, runAs: RunAs): boolean {
  if (!runAs) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...runAs, stdio: 'ignore' }).status === 0;
}
