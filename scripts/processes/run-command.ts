import { spawn, type ChildProcess } from 'node:child_process';

export interface CommandOutcome {
  readonly ok: boolean;
  /** What it printed, unless it was shown at once. */
  readonly output: string;
  readonly seconds: number;
}

export interface CommandOptions {
  readonly limitSeconds: number;
  /** Prints while it runs instead of collecting. */
  readonly show?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

/** Runs a command to its end. It is killed with all its children at the time limit, and when we are interrupted. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandOutcome> {
  const started = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: options.show === true ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its children can be stopped with it.
    detached: true,
  });
  running.add(child);
  const printed: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => printed.push(data));
  child.stderr?.on('data', (data: Buffer) => printed.push(data));
  const timer = setTimeout(() => {
    printed.push(Buffer.from(`\nkilled after ${options.limitSeconds} s\n`));
    killGroup(child);
  }, options.limitSeconds * 1000);

  return new Promise((resolve) => {
    const finish = (ok: boolean): void => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ok, output: Buffer.concat(printed).toString(), seconds: (performance.now() - started) / 1000 });
    };
    child.once('error', (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      finish(false);
    });
    child.once('close', (code) => finish(code === 0));
  });
}

/** Ends what runs and then us, as the terminal would have done. */
export function stopOnInterrupt(): void {
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
    process.once(signal, () => {
      for (const child of running) killGroup(child);
      process.exit(code);
    });
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
