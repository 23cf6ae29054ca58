#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  async readConfig() {
    const { loadConfig } = await import('../platform/config/load-config.ts');
    return loadConfig();
  },
});
