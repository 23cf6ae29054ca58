import { once } from 'node:events';
import { userInfo } from 'node:os';
import type { Config } from '../platform/config/config-schema.ts';

/** Where a command writes: results to `out`, everything else to `err`, so that results can be piped. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Waits until what went to `out` is taken: what writes millions of lines asks between pages. */
  drained?(): Promise<void>;
  /** Whether a person watches `err`: then progress may rewrite its line. */
  readonly isWatched: boolean;
}

/** What every command is given. The configuration is read when a command needs it: `--help` works without one. */
export interface CommandContext {
  readonly terminal: Terminal;
  readConfig(): Promise<Config>;
}

export function processTerminal(): Terminal {
  // Whoever read the results has seen enough (`… | head`).
  process.stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    async drained() {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    },
    err: (text) => void process.stderr.write(text),
    isWatched: process.stderr.isTTY,
  };
}

/** Who types, as the audit knows them: the account of the machine, or the name that is given. */
export function operatorActor(as: string = userInfo().username): string {
  const name = as
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return `operator:${name || 'unknown'}`;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
