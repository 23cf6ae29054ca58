// `npm start`: a Postgres of its own, the provider, two demo services, a demo estate. See docs/ for what to click.
import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const home = join(import.meta.dirname, '../.latchkey');
const startedAt = performance.now();
const running: (() => Promise<unknown>)[] = [];
let isEnding = false;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function end(code: number): Promise<void> {
  if (isEnding) process.exit(code);
  isEnding = true;
  // What began last ends first: Postgres must outlive those who use it.
  for (const close of running.toReversed()) await close().catch(complain);
  process.exit(code);
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}

process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));

mkdirSync(home, { recursive: true });
// Half of a warm start is reading the sources: the second start takes them as they were compiled.
enableCompileCache(join(home, 'compile-cache'));
try {
  const { runDemo } = await import('./run-demo.ts');
  await runDemo({
    home,
    args: process.argv.slice(2),
    // oxlint-disable-next-line node/no-process-env -- the one place where the demo reads it
    env: process.env,
    say,
    startedAt,
    onStarted: (close) => void running.push(close),
  });
} catch (error) {
  process.stderr.write('\nLatchkey could not start.\n');
  complain(error);
  await end(1);
}
