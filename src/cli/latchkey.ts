#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Half of a short command is reading the sources: the next one takes them as they were compiled.
enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');
const { processTerminal } = await import('./terminal.ts');

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  async readConfig() {
    const { loadConfig } = await import('../platform/config/load-config.ts');
    return loadConfig();
  },
});
