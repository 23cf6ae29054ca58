// `npm start`: a Postgres of its own, the provider, two demo services, a demo estate. See docs/ for what to click.
import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

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

/** The whole chain of causes: who starts a demo is the one who can mend what is in its way. */
function complain(error: unknown): void {
  for (let current = error; current instanceof Error; current = current.cause) {
    const detail = 'detail' in current && typeof current.detail === 'string' ? ` (${current.detail})` : '';
    process.stderr.write(`${current.message}${detail}\n`);
  }
}

/** oidc-provider looks for a label that npm's build of Node 26 lacks, and would take this LTS line for an unsupported one. */
function keepQuietAboutRuntime(): void {
  const { warn } = console;
  console.warn = (...args: unknown[]) => {
    if (!String(args[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...args);
  };
}

process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));

keepQuietAboutRuntime();
try {
  const { values } = parseArgs({ options: { port: { type: 'string' }, home: { type: 'string' } } });
  const home = values.home === undefined ? join(import.meta.dirname, '../.latchkey') : resolve(values.home);
  mkdirSync(home, { recursive: true });
  // Half of a warm start is reading the sources: the second start takes them as they were compiled.
  enableCompileCache(join(home, 'compile-cache'));
  const { runDemo } = await import('./run-demo.ts');
  await runDemo({
    home,
    port: values.port,
    // oxlint-disable-next-line node/no-process-env -- the one place where the demo reads it
    env: process.env,
    say,
    onStarted: (close) => void running.push(close),
  });
} catch (error) {
  process.stderr.write('\nLatchkey could not start.\n');
  complain(error);
  await end(1);
}
