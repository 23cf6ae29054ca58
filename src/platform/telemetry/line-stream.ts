import { findPersonalData } from './personal-data.ts';

/** Where log lines go; each ends with a line break. */
export interface LineStream {
  write(line: string): void;
}

/** Anything that takes text, such as `process.stdout`. */
export interface TextSink {
  write(text: string): unknown;
}

const LONGEST_WAIT_MS = 20;
const MOST_CHARACTERS = 65_536;

/**
 * Writes lines in the order they came, joined for a moment: one system call for many requests. What waits when the process
 * ends is written then; who kills it loses the last moment.
 */
export function createLineWriter(sink: TextSink = process.stdout): LineStream {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    sink.write(text);
  };
  process.once('exit', flush);
  return {
    write(line) {
      if (waiting === '') timer = setTimeout(flush, LONGEST_WAIT_MS).unref();
      waiting += line;
      if (waiting.length > MOST_CHARACTERS) flush();
    },
  };
}

/** For tests: keeps the lines, and makes the call fail that logs personal data, so that every test is a leak test. */
export function throwOnPersonalData(): LineStream & { readonly lines: readonly string[]; assertClean(): void } {
  const lines: string[] = [];
  const leaks: string[] = [];
  return {
    lines,
    write(line) {
      lines.push(line);
      const found = findPersonalData(line);
      if (found === undefined) return;
      leaks.push(`${found}: ${line}`);
      throw new Error(`the log line holds ${found}: ${line}`);
    },
    assertClean() {
      if (leaks.length > 0) throw new Error(`log lines hold personal data:\n${leaks.join('')}`);
    },
  };
}
