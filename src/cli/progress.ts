import type { ImportProgress } from '../migration/index.ts';
import type { Terminal } from './terminal.ts';

const SHOW_AFTER_MS = 1000;
const PLAIN_EVERY_MS = 5000;

export interface ProgressLines<T> {
  readonly show: (progress: T) => void;
  /** Removes the lines that were being rewritten, if there are any. */
  end(): void;
}

/** Progress of what takes over a second: lines that rewrite themselves, or plain ones now and then in a log. */
export function progressLines<T>(
  terminal: Terminal,
  describe: (progress: T) => string,
  clock: () => number = () => performance.now(),
): ProgressLines<T> {
  const started = clock();
  let shownAt = started;
  let openLines = 0;
  const rewind = (): string => (openLines === 0 ? '' : `${'\u001b[A'.repeat(openLines - 1)}\r\u001b[J`);
  return {
    show(progress) {
      const time = clock();
      if (time - started < SHOW_AFTER_MS) return;
      if (!terminal.isWatched && shownAt !== started && time - shownAt < PLAIN_EVERY_MS) return;
      shownAt = time;
      const text = describe(progress);
      if (!terminal.isWatched) return terminal.err(`${text}\n`);
      terminal.err(`${rewind()}${text}`);
      openLines = text.split('\n').length;
      return undefined;
    },
    end() {
      if (openLines > 0) terminal.err(rewind());
      openLines = 0;
    },
  };
}

export const progressLine = (terminal: Terminal): ProgressLines<ImportProgress> =>
  progressLines(terminal, describeImport);

function describeImport(progress: ImportProgress): string {
  const { read, rejected, bytesRead, bytesTotal, rowsPerSecond, secondsLeft } = progress;
  const parts = [`${count(read)} rows`, `${count(rowsPerSecond)} a second`];
  if (bytesTotal) parts.unshift(`${Math.min(100, Math.floor((bytesRead / bytesTotal) * 100))} %`);
  if (rejected > 0) parts.push(`${count(rejected)} rejected`);
  if (secondsLeft !== undefined && secondsLeft > 0) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(', ');
}

export const count = (value: number): string => value.toLocaleString('en-GB');

export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
