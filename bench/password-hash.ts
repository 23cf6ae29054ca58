/**
 * Which argon2 engine? Prints CPU and wall clock per argon2id hash (19 MiB, t=2, p=1), one at a time and two at once.
 * Engines that are not installed are left out. Run: node bench/password-hash.ts [hashes per burst]
 */
import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

interface Engine {
  readonly name: string;
  readonly hash: (password: string) => Promise<unknown>;
}

interface Burst {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const ROUNDS = 5;
const hashes = Number(process.argv[2] ?? 20);

async function nodeRs(): Promise<Engine> {
  const { hash } = await import('@node-rs/argon2');
  const options = { memoryCost: COST.memory, timeCost: COST.passes, parallelism: COST.parallelism };
  return { name: '@node-rs/argon2', hash: (password) => hash(password, options) };
}

function nodeCrypto(): Promise<Engine> {
  const derive = promisify(argon2);
  const hash = (password: string): Promise<unknown> =>
    derive('argon2id', { message: password, nonce: randomBytes(16), tagLength: 32, ...COST });
  return Promise.resolve({ name: 'node:crypto argon2', hash });
}

/** The C binding was discounted and is no dependency: `npm install --no-save argon2` brings it back for a comparison. */
async function cBinding(): Promise<Engine> {
  const name = 'argon2';
  const loaded: unknown = await import(name);
  if (!hasHash(loaded)) throw new Error('argon2 has no hash()');
  const options = { memoryCost: COST.memory, timeCost: COST.passes, parallelism: COST.parallelism };
  return { name: 'argon2 (C)', hash: (password) => loaded.hash(password, options) };
}

function hasHash(value: unknown): value is { hash(password: string, options: object): Promise<string> } {
  return typeof value === 'object' && value !== null && 'hash' in value && typeof value.hash === 'function';
}

async function burst(engine: Engine, atOnce: number): Promise<Burst> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let left = hashes;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await engine.hash(`correct horse battery staple ${left}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const used = process.cpuUsage(cpu);
  return { cpuMs: (used.user + used.system) / 1000 / hashes, wallMs: (performance.now() - start) / hashes };
}

async function main(): Promise<void> {
  const loads = await Promise.allSettled([nodeRs(), cBinding(), nodeCrypto()]);
  const engines = loads.flatMap((load) => (load.status === 'fulfilled' ? [load.value] : []));
  for (const engine of engines) await burst(engine, 1);
  process.stdout.write(
    `argon2id ${COST.memory} KiB t=${COST.passes} p=1, ${hashes} hashes a burst, best of ${ROUNDS} interleaved\n`,
  );
  process.stdout.write('engine               at once  CPU ms/hash  wall ms/hash  hashes per CPU-s\n');
  for (const atOnce of [1, 2]) {
    const best = new Map<string, Burst>();
    const turns = Array.from({ length: ROUNDS }, () => engines).flat();
    for (const engine of turns) {
      const result = await burst(engine, atOnce);
      if (result.cpuMs < (best.get(engine.name)?.cpuMs ?? Infinity)) best.set(engine.name, result);
    }
    for (const [name, { cpuMs, wallMs }] of best) {
      const rate = (1000 / cpuMs).toFixed(0);
      process.stdout.write(
        `${name.padEnd(20)} ${String(atOnce).padStart(7)}  ${cpuMs.toFixed(1).padStart(11)}  ${wallMs.toFixed(1).padStart(12)}  ${rate.padStart(16)}\n`,
      );
    }
  }
}

await main();
