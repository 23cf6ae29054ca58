import type { ImportProgress } from '../migration/index.ts';
import type { Terminal } from './terminal.ts';

const SHOW_AFTER_MS = 1000;
const PLAIN_EVERY_MS = 5000;

export interface ProgressLine {
  readonly show: (progress: ImportProgress) => void;
  /** Ends the line that was being rewritten, if there is one. */
  end(): void;
}

/** Progress of what takes over a second: a line that rewrites itself, or plain lines now and then in a log. */
export function progressLine(terminal: Terminal, clock: () => number = () => performance.now()): ProgressLine {
  const started = clock();
  let shownAt = started;
  let isOpen = false;
  return {
    show(progress) {
      const time = clock();
      if (time - started < SHOW_AFTER_MS) return;
      if (!terminal.isWatched && shownAt !== started && time - shownAt < PLAIN_EVERY_MS) return;
      shownAt = time;
      isOpen = terminal.isWatched;
      terminal.err(terminal.isWatched ? `\r\u001b[K${describe(progress)}` : `${describe(progress)}\n`);
    },
    end() {
      if (isOpen) terminal.err('\r\u001b[K');
      isOpen = false;
    },
  };
}

export function describe(progress: ImportProgress): string {
  const { read, rejected, bytesRead, bytesTotal, rowsPerSecond, secondsLeft } = progress;
  const parts = [`${count(read)} rows`, `${count(rowsPerSecond)} a second`];
  if (bytesTotal) parts.unshift(`${Math.min(100, Math.floor((bytesRead / bytesTotal) * 100))} %`);
  if (rejected > 0) parts.push(`${count(rejected)} rejected`);
  if (secondsLeft !== undefined && secondsLeft > 0) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(', ');
}

export const count = (value: number): string => value.toLocaleString('en-GB');

function duration(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
