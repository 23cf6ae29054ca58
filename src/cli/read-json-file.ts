import { readFile } from 'node:fs/promises';
import { CommandFailure, EXIT } from './exit-codes.ts';

const MAX_BYTES = 1024 * 1024;

/** A definition from a file. @throws CommandFailure when it is not JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  if (text.length > MAX_BYTES) throw new CommandFailure(EXIT.usage, `${path} is larger than 1 MiB.`);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new CommandFailure(
      EXIT.usage,
      `${path} is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
}

interface Problem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** All problems at once, one line each. */
export function refusal(what: string, problems: readonly Problem[]): CommandFailure {
  const lines = problems.map(({ field, code, message }) => `  ${field}: ${message} [${code}]`);
  return new CommandFailure(EXIT.refused, [`${what} was refused:`, ...lines].join('\n'));
}
