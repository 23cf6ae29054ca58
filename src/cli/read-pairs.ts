import { readFile, stat } from 'node:fs/promises';
import type { LoginAndPassword } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { refusal } from './read-json-file.ts';

const MAX_BYTES = 1024 * 1024;

/** Logins and passwords that their owners gave. @throws CommandFailure when the file is none of these. */
export async function readPairs(file: string): Promise<readonly LoginAndPassword[]> {
  if ((await stat(file)).size > MAX_BYTES) throw new CommandFailure(EXIT.usage, `${file} is larger than 1 MiB.`);
  const { readKnownPairs } = await import('../migration/index.ts');
  const read = readKnownPairs(await readFile(file, 'utf8'));
  if ('problems' in read) throw refusal(file, read.problems);
  return read.pairs;
}
