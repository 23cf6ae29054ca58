import { readFile } from 'node:fs/promises';
import { LatchkeyError } from '../failure/latchkey-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A secret that somebody gives a command, never as an argument, where other users of the machine would see it: `env:NAME`,
 * or a file, whose last line end is not part of it. @throws LatchkeyError `input_invalid`
 */
export async function readGivenSecret(from: string, env: Environment = process.env): Promise<string> {
  if (!from.startsWith('env:')) return (await readFile(from, 'utf8')).replace(/\r?\n$/, '');
  const name = from.slice('env:'.length);
  const secret = env[name];
  if (secret === undefined || secret === '')
    throw new LatchkeyError('input_invalid', `The variable ${name} is not set.`);
  return secret;
}
