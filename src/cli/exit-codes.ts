import { CommanderError } from 'commander';
import { sqlState } from '../platform/postgres/sql-state.ts';
import { type FailureCode, LatchkeyError } from '../platform/failure/latchkey-error.ts';

const UNDEFINED_TABLE = '42P01';

/** What `latchkey` ends with. Stable: scripts rely on it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  someRejected: 3,
  unavailable: 4,
  refused: 5,
  unhealthy: 6,
  /** As a shell says of what Ctrl-C ended (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0  done
  1  failed for a reason that is not known
  2  wrong usage, file or configuration
  3  done, but some rows were rejected
  4  Postgres or another system did not answer; nothing was changed by the step that failed
  5  refused: the input was read and judged, and is not accepted as it is
  6  doctor found something to mend, or a run does not balance
  130  ended, paused or stopped before it was done; the same command goes on`;

/** Ends a command with a message for the operator and an exit code; never shown with a stack. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line that says what is wrong and how to mend it, and what to end with. */
export function explainFailure(error: unknown): { readonly exitCode: number; readonly message: string } {
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message: '' };
  if (error instanceof LatchkeyError) return explainLatchkeyError(error);
  const isFileError = error instanceof Error && 'syscall' in error && 'path' in error && 'code' in error;
  if (isFileError)
    return { exitCode: EXIT.usage, message: `Cannot open ${String(error.path)} (${String(error.code)}).` };
  if (sqlState(error) === UNDEFINED_TABLE)
    return { exitCode: EXIT.failed, message: 'The database lacks tables. Run: latchkey migrate' };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failed, message: `${message} (run again with --debug for more)` };
}

const exitOf = {
  busy: EXIT.unavailable,
  config_invalid: EXIT.usage,
  conflict: EXIT.refused,
  input_invalid: EXIT.usage,
  not_allowed: EXIT.refused,
  not_found: EXIT.usage,
  too_large: EXIT.usage,
  too_many_attempts: EXIT.refused,
  unavailable: EXIT.unavailable,
} as const satisfies Record<FailureCode, ExitCode>;

function explainLatchkeyError(error: LatchkeyError): { readonly exitCode: number; readonly message: string } {
  const exitCode = exitOf[error.code];
  if (error.code !== 'unavailable') return { exitCode, message: error.message };
  const what = error.detail ?? 'another system';
  return {
    exitCode,
    message: `No answer from ${what}. Is it running, and is its address right? \`latchkey doctor\` looks.`,
  };
}
