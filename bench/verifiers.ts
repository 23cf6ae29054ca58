/**
 * What does each old password format cost? Prints verifications a CPU second of one value of each scheme (from the frozen
 * vectors, through the bounded queue), the CPU time of one, how long the event loop was held at a stretch, and what
 * wrapping a weak row costs at import, beside argon2id at today's parameters in the same run.
 * Run: node bench/verifiers.ts [milliseconds per scheme] [schemes…]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  type GoodLegacyHash,
  createLegacyVerifiers,
  encodeWithSide,
  parseLegacyHash,
  wrapWeak,
} from '../src/accounts/index.ts';
import { createPasswordWork } from '../src/platform/crypto/password-work.ts';
import { hashVectors } from '../test/support/hash-vectors.ts';

const [, , milliseconds = '400', ...asked] = process.argv;
const window = Number(milliseconds);
const work = createPasswordWork({ memoryKiB: 19_456, iterations: 2, parallelism: 1, workers: 2, queue: 64 });
const { verifyLegacyHash } = createLegacyVerifiers(work);

interface Rate {
  readonly perCpuSecond: number;
  readonly cpuMs: number;
  /** The longest that nothing else could run. */
  readonly heldMs: number;
}

async function measure(job: () => Promise<unknown>): Promise<Rate> {
  await job();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  while (performance.now() - start < window) {
    await job();
    count += 1;
  }
  const used = process.cpuUsage(cpu);
  delay.disable();
  const cpuMs = (used.user + used.system) / 1000 / count;
  return { perCpuSecond: 1000 / cpuMs, cpuMs, heldMs: delay.max / 1e6 };
}

const line = (name: string, { perCpuSecond, cpuMs, heldMs }: Rate, note = ''): void => {
  const rate = perCpuSecond < 100 ? perCpuSecond.toFixed(1) : perCpuSecond.toFixed(0);
  const held = `held ≤ ${heldMs.toFixed(0)} ms`;
  process.stdout.write(
    `${name.padEnd(32)}${rate.padStart(10)} /CPU-s ${cpuMs.toFixed(3).padStart(10)} ms  ${held.padEnd(14)} ${note}\n`,
  );
};

const current = await work.hash('correct horse battery staple');
line('argon2id current', await measure(() => work.verify(current, 'correct horse battery staple')), 'the yardstick');

const md5 = parseLegacyHash('5f4dcc3b5aa765d61d8327deb882cf99', 'hex-md5');
if ('problem' in md5) throw new Error(md5.problem);
const weak: GoodLegacyHash = md5;
const wrapped = await wrapWeak(work, weak);
line('wrap one row', await measure(() => wrapWeak(work, weak)), 'at import');
line('verify a wrapped row', await measure(() => verifyLegacyHash(wrapped.encoded, 'wrapped', 'password')));
line(
  'parse by shape',
  await measure(async () => parseLegacyHash('{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr')),
  'at import',
);

const seen = new Set<string>();
for (const { scheme, stored, side, password, expect } of hashVectors()) {
  if (!expect || !scheme || seen.has(scheme) || (asked.length > 0 && !asked.includes(scheme))) continue;
  seen.add(scheme);
  const encoded = encodeWithSide(stored, side);
  const parsed = parseLegacyHash(encoded, scheme);
  if ('problem' in parsed) continue;
  const note = `cost ${parsed.cost}${parsed.weak ? ', wrapped at rest' : ''}`;
  line(scheme, await measure(() => verifyLegacyHash(encoded, scheme, password)), note);
}
