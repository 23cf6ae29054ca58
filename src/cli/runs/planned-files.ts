import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { PlannedFile } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { readJsonFile } from '../read-json-file.ts';
import { readPairs } from '../read-pairs.ts';

export interface NamedFile {
  readonly source: string;
  readonly path: string;
  readonly manifest?: string | undefined;
  readonly knownPairs?: string | undefined;
}

export interface FoundFiles {
  readonly files: readonly NamedFile[];
  /** In a folder, and not named like a file of a source. */
  readonly notTaken: readonly string[];
}

/** `<source>.csv`, and what `runs rejects` gave back of it to be mended. */
const EXPORT = /^([a-z0-9][a-z0-9-]*)(?:\.mend)?\.(?:csv|ndjson|ldif)(?:\.gz)?$/;
const BESIDE = /\.manifest\.json$|\.rejects\.csv$/;

/** Files as they are given on the command line: `source=file`, and folders of files named after their sources. */
export async function findFiles(given: readonly string[]): Promise<FoundFiles> {
  const found: FoundFiles[] = [];
  for (const one of given)
    found.push((await isFolder(one)) ? await inFolder(one) : { files: [named(one, FORM)], notTaken: [] });
  return { files: found.flatMap(({ files }) => files), notTaken: found.flatMap(({ notTaken }) => notTaken) };
}

const FORM = '<source>=<file>, or a folder';

async function inFolder(folder: string): Promise<FoundFiles> {
  const names = (await readdir(folder)).toSorted();
  const files = names.flatMap((name) => {
    const source = EXPORT.exec(name)?.[1];
    return source === undefined ? [] : [{ source, path: join(folder, name) }];
  });
  return { files, notTaken: names.filter((name) => !EXPORT.test(name) && !BESIDE.test(name)) };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function named(given: string, form: string): NamedFile {
  const at = given.indexOf('=');
  if (at < 1 || at === given.length - 1) throw new CommandFailure(EXIT.usage, `"${given}" is not ${form}.`);
  return { source: given.slice(0, at), path: given.slice(at + 1) };
}

/** Says of each file which manifest and which known pairs are its own. @throws CommandFailure */
export function withBeside(
  files: readonly NamedFile[],
  beside: { readonly manifest?: readonly string[]; readonly knownPairs?: readonly string[] },
): readonly NamedFile[] {
  const read = (key: 'manifest' | 'knownPairs', option: string): ReadonlyMap<string, string> => {
    const all = (beside[key] ?? []).map((one) => named(one, `${option} <source>=<file>`));
    const stranger = all.find(({ source }) => !files.some((file) => file.source === source));
    if (stranger)
      throw new CommandFailure(EXIT.usage, `${option}: there is no file of "${stranger.source}" in this plan.`);
    return new Map(all.map(({ source, path }) => [source, path]));
  };
  const manifests = read('manifest', '--manifest');
  const pairs = read('knownPairs', '--known-pairs');
  return files.map((file) => ({
    ...file,
    manifest: manifests.get(file.source) ?? file.manifest,
    knownPairs: pairs.get(file.source) ?? file.knownPairs,
  }));
}

/** With what lies beside it: a manifest of the same name is taken by itself. */
export async function toPlanned({ source, path, manifest, knownPairs }: NamedFile): Promise<PlannedFile> {
  const place = resolve(path);
  const lying = `${place}.manifest.json`;
  const taken = manifest ?? (existsSync(lying) ? lying : undefined);
  return {
    source,
    place,
    fileName: basename(place),
    ...(taken !== undefined && { manifest: await readJsonFile(taken) }),
    ...(knownPairs !== undefined && { knownPairs: await readPairs(knownPairs) }),
  };
}
