import { join } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// Each file has a process of its own, and some start more: what one has compiled, the next need not.
// eslint-disable-next-line node/no-process-env -- Node asks for it nowhere else, and hands it on to every process
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'node-compile');

const project = (name: string, include: string[], timeoutMs: number, turn = 0): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    include,
    testTimeout: timeoutMs,
    hookTimeout: Math.max(timeoutMs, 30_000),
    sequence: { groupOrder: turn },
  },
});

export default defineConfig({
  test: {
    // Node 26 runs the sources as they are in production; processes, not threads: native modules and process.kill.
    pool: 'forks',
    // One more than two cores: tests wait for Postgres, for browsers and for clocks about a fifth of the time.
    maxWorkers: 3,
    globalSetup: './test/support/global-setup.ts',
    restoreMocks: true,
    // Until it holds, not for how long it takes: the default of one second fails on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      project('unit', ['src/**/*.test.ts'], 10_000),
      project('contract', ['test/contract/**/*.test.ts'], 20_000),
      project('integration', ['test/integration/**/*.test.ts', '{scripts,demo,bench}/**/*.test.ts'], 30_000),
      project('guarantees', ['test/guarantees/**/*.test.ts'], 60_000),
      project('migrations', ['test/migrations/**/*.test.ts'], 60_000),
      // Against the real servers that old systems are: see test/support/legacy-servers.
      project('legacy', ['test/legacy/**/*.test.ts'], 60_000),
      // Last and by themselves: a browser that shares two cores with everything else is slow for no fault of ours.
      project('journeys', ['test/journeys/**/*.test.ts'], 120_000, 1),
    ],
  },
});
