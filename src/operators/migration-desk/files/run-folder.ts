import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { link, lstat, mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface FolderFile {
  readonly name: string;
  readonly bytes: number;
  readonly at: Date;
}

export type Received =
  | { readonly outcome: 'kept'; readonly name: string; readonly bytes: number; readonly sha256: string }
  /** Letters, digits, dots, hyphens and underscores, at most 200, a letter or digit first. */
  | { readonly outcome: 'bad-name' }
  /** Another file of this name is there. */
  | { readonly outcome: 'taken'; readonly name: string };

/** The folder that files of runs are put in: operators send them there, workers read them. Flat, and only regular files. */
export interface RunFolder {
  list(): Promise<readonly FolderFile[]>;
  /** Where a file lies; undefined when there is none of this name. */
  find(name: string): Promise<string | undefined>;
  /** What lies beside it as `<name>.manifest.json`; undefined when nothing does. @throws SyntaxError */
  manifestOf(name: string): Promise<unknown>;
  /** Writes a stream to a file of its own; never over another one. The same file again is the same file. */
  receive(name: string, stream: Readable): Promise<Received>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MANIFEST = '.manifest.json';
const MANIFEST_BYTES = 64 * 1024;

export function openRunFolder(folder: string): RunFolder {
  const root = resolve(folder);
  const find = async (name: string): Promise<string | undefined> => {
    if (!NAME.test(name)) return undefined;
    const place = join(root, name);
    return (await statOf(place))?.isFile() === true ? place : undefined;
  };
  return {
    find,
    list: () => listFiles(root),
    async manifestOf(name) {
      const place = await find(`${name}${MANIFEST}`);
      if (place === undefined || ((await statOf(place))?.size ?? 0) > MANIFEST_BYTES) return undefined;
      const manifest: unknown = JSON.parse(await readFile(place, 'utf8'));
      return manifest;
    },
    async receive(name, stream) {
      if (NAME.test(name)) return keep(root, name, stream);
      stream.resume();
      return { outcome: 'bad-name' };
    },
  };
}

async function statOf(place: string): Promise<Stats | undefined> {
  try {
    return await lstat(place);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function listFiles(root: string): Promise<readonly FolderFile[]> {
  if ((await statOf(root)) === undefined) return [];
  const names = (await readdir(root)).filter((name) => NAME.test(name) && !name.endsWith(MANIFEST));
  const found = await Promise.all(
    names.map(async (name) => {
      const stat = await statOf(join(root, name));
      return stat?.isFile() ? { name, bytes: stat.size, at: stat.mtime } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined).toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Under a name of its own until it is whole, so that nobody plans with half a file. */
async function keep(root: string, name: string, stream: Readable): Promise<Received> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const part = join(root, `.${randomBytes(12).toString('hex')}.part`);
  const place = join(root, name);
  try {
    const digest = createHash('sha256');
    let bytes = 0;
    await pipeline(
      stream,
      async function* measured(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          digest.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(part, { flags: 'wx', mode: 0o600 }),
    );
    const sha256 = digest.digest('hex');
    if (await linkTo(part, place)) return { outcome: 'kept', name, bytes, sha256 };
    return (await digestOf(place)) === sha256 ? { outcome: 'kept', name, bytes, sha256 } : { outcome: 'taken', name };
  } finally {
    await unlink(part).catch(() => {});
  }
}

/** Unlike a rename, it never takes the place of a file that is there. */
async function linkTo(part: string, place: string): Promise<boolean> {
  try {
    await link(part, place);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function digestOf(place: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(place), digest);
  return digest.digest('hex');
}
