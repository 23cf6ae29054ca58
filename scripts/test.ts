import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { provideSystemPackages, type SystemPackages } from './checks/system-packages.ts';
import { countTests, type Counts } from './checks/vitest-counts.ts';
import { runCommand, stopOnInterrupt } from './processes/run-command.ts';

// What `npm test` runs: every check and every test. The last line is its outcome; each check counts as one test.

const root = join(import.meta.dirname, '..');
const env = { PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const CHECKS: readonly { readonly name: string; readonly command: string; readonly args: readonly string[] }[] = [
  { name: 'format', command: 'oxfmt', args: ['--check', '.'] },
  { name: 'lint', command: 'oxlint', args: [] },
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'unused code', command: 'knip', args: ['--no-progress'] },
];

/** Two lanes: each of the checks keeps about one core busy. */
async function runChecks(): Promise<Counts> {
  const waiting = [...CHECKS];
  let passed = 0;
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const outcome = await runCommand(check.command, check.args, { limitSeconds: 120, env });
      if (outcome.ok) passed += 1;
      else print(outcome.output);
      print(stageLine(outcome.ok, check.name, outcome.seconds));
    }
  };
  await Promise.all([lane(), lane()]);
  return { passed, failed: CHECKS.length - passed, skipped: 0 };
}

/** The tests that cannot run without them; those of Redis skip themselves. */
const PROJECTS: Partial<Record<SystemPackages, string>> = { chromium: 'journeys', 'legacy servers': 'legacy' };

async function runTests(missing: readonly SystemPackages[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-report-'));
  const report = join(folder, 'report.json');
  const leftOut = missing.flatMap((name) => PROJECTS[name] ?? []);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['run', ...reporters, ...leftOut.map((project) => `--project=!${project}`)];
  const outcome = await runCommand('vitest', args, { limitSeconds: 1800, show: true, env });
  print(stageLine(outcome.ok, 'tests', outcome.seconds));
  const counts = countTests(report, outcome.ok);
  rmSync(folder, { recursive: true, force: true });
  // A project that is left out has no single tests to count: its files stand for them.
  const unrun = leftOut.flatMap((project) => globSync(`test/${project}/**/*.test.ts`, { cwd: root })).length;
  return { ...counts, skipped: counts.skipped + unrun };
}

function stageLine(ok: boolean, name: string, seconds: number): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)`;
}

/** Where nobody reads along, a skip would pass unseen: there it is a failure. */
function judgeSkips(counts: Counts): Counts {
  if (process.env['CI'] !== 'true' || counts.skipped === 0) return counts;
  print(`${counts.skipped} skipped: with CI=true a skip is a failure`);
  return { passed: counts.passed, failed: counts.failed + counts.skipped, skipped: 0 };
}

process.chdir(root);
stopOnInterrupt();
const missing = await provideSystemPackages(print);
const checks = await runChecks();
const tests = await runTests(missing);
const total = judgeSkips({
  passed: checks.passed + tests.passed,
  failed: checks.failed + tests.failed,
  skipped: tests.skipped,
});
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
print(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || tests.passed + tests.failed === 0 ? 1 : 0);
