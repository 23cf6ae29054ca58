#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// Half of a short command is reading the sources: the next one takes them as they were compiled.
enableCompileCache();
// Rows come and go by the million: memory stays within 256 MiB for about a tenth more of work.
if (process.argv[2] === 'import' || process.argv[2] === 'runs') setFlagsFromString('--optimize-for-size');
const { runCommandLine } = await import('./command-line.ts');
const { processTerminal } = await import('./terminal.ts');

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  async readConfig() {
    const { loadConfig } = await import('../platform/config/load-config.ts');
    return loadConfig();
  },
});
