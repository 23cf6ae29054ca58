#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// Half of a short command is reading the sources: the next one takes them as they were compiled.
enableCompileCache();
// Rows come and go by the million, and memory is to stay within 256 MiB. What is young has to be kept small when the process
// starts, as workers are started; where it was not, the heap is, for half as much work again.
if (process.argv[2] === 'import' || process.argv[2] === 'runs') {
  const isYoungSmall = process.execArgv.some((flag) => flag.startsWith('--max-semi-space-size'));
  setFlagsFromString(isYoungSmall ? '--heap-growing-percent=60' : '--optimize-for-size');
}
const { runCommandLine } = await import('./command-line.ts');
const { processTerminal } = await import('./terminal.ts');

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  async readConfig() {
    const { loadConfig } = await import('../platform/config/load-config.ts');
    return loadConfig();
  },
});
