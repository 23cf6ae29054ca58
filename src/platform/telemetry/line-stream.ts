import { findPersonalData } from './personal-data.ts';

/** Where log lines go; each ends with a line break. */
export interface LineStream {
  write(line: string): void;
}

/** Anything that takes text, such as `process.stdout`. */
export interface TextSink {
  write(text: string): unknown;
}

/**
 * Writes lines in the order they came, joined for a turn of the event loop: one system call for many requests. What
 * waits when the process ends is written then.
 */
export function createLineWriter(sink: TextSink = process.stdout): LineStream {
  let waiting = '';
  const flush = (): void => {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    sink.write(text);
  };
  process.once('exit', flush);
  return {
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
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
