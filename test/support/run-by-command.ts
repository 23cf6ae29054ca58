import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { testConfig } from './config.ts';
import { rentPortal } from './legacy-estate.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

export interface Answered {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line on a database of its own, with a folder for files. */
export interface CommandDesk {
  readonly database: TestDatabase;
  readonly folder: string;
  latchkey(...args: string[]): Promise<Answered>;
  /** The same as `latchkey runs … --as olwen`. */
  runs(...args: string[]): Promise<Answered>;
  file(name: string, content: unknown): Promise<string>;
  newSource(key: string, changes?: Record<string, unknown>): Promise<string>;
  /** Plans files and answers the id of the run. */
  planned(...args: string[]): Promise<string>;
  drop(): Promise<void>;
}

export async function commandDesk(): Promise<CommandDesk> {
  const database = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'runs-by-command-'));
  const config = testConfig({ postgres: { url: database.url } });
  const desk: CommandDesk = {
    database,
    folder,
    async latchkey(...args) {
      let out = '';
      let err = '';
      const terminal = {
        out: (text: string) => void (out += text),
        err: (text: string) => void (err += text),
        isWatched: false,
      };
      const code = await runCommandLine(args, { terminal, readConfig: () => Promise.resolve(config) });
      return { code, out, err };
    },
    runs: (...args) => desk.latchkey('runs', ...args, '--as', 'olwen'),
    async file(name, content) {
      const path = join(folder, name);
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    async newSource(key, changes = {}) {
      const definition = rentPortal({ source: key, sectors: [`${key}.example`], ...changes });
      const added = await desk.latchkey('sources', 'add', await desk.file(`${key}.definition.json`, definition));
      if (added.code !== 0) throw new Error(added.err);
      return key;
    },
    async planned(...args) {
      const { out, err } = await desk.runs('plan', ...args, '--confirm', '--json');
      const answer: unknown = JSON.parse(out || '{}');
      const run = typeof answer === 'object' && answer !== null && 'run' in answer ? answer.run : undefined;
      if (typeof run === 'object' && run !== null && 'runId' in run && typeof run.runId === 'string') return run.runId;
      throw new Error(`not planned: ${out}${err}`);
    },
    async drop() {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
  return desk;
}
