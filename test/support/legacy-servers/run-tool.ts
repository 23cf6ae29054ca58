import { spawn } from 'node:child_process';

export interface ToolOutcome {
  readonly status: number | null;
  /** What it printed, both streams. */
  readonly output: string;
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** Runs a protocol's own command-line tool (ldapwhoami, radclient, curl, kinit) to its end. */
export function runTool(command: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolOutcome> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...options.env },
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => printed.push(data));
  child.stderr.on('data', (data: Buffer) => printed.push(data));
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output: Buffer.concat(printed).toString() }));
  });
}

/** The same for a step that must succeed. */
export async function needTool(command: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { status, output } = await runTool(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output.slice(-3_000)}`);
  return output;
}
