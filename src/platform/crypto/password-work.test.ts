import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type PasswordWork, type PasswordWorkOptions, createPasswordWork } from './password-work.ts';

const cheap: PasswordWorkOptions = { memoryKiB: 19_456, iterations: 2, parallelism: 1, workers: 2, queue: 3 };

/** Work that ends when it is told to. */
function held(): { work: () => Promise<string>; end: () => void } {
  const gate = Promise.withResolvers<string>();
  return { work: () => gate.promise, end: () => gate.resolve('done') };
}

function fill(queue: PasswordWork, count: number): { ends: (() => void)[]; results: Promise<string>[] } {
  const all = Array.from({ length: count }, held);
  return { ends: all.map(({ end }) => end), results: all.map(({ work }) => queue.run(work)) };
}

const phcOf = (m: number, t: number): string => `$argon2id$v=19$m=${m},t=${t},p=1$c2FsdHNhbHQ$aGFzaA`;

describe('argon2id', () => {
  it('A7: hashes agree with another implementation (Node’s own)', async () => {
    const work = createPasswordWork(cheap);
    const phc = await work.hash('pässwörd 🔑');
    const [, algorithm, version, cost, salt, digest] = phc.split('$');
    expect([algorithm, version, cost]).toEqual(['argon2id', 'v=19', 'm=19456,t=2,p=1']);
    const expected = argon2Sync('argon2id', {
      message: 'pässwörd 🔑',
      nonce: Buffer.from(salt!, 'base64'),
      parallelism: 1,
      tagLength: 32,
      memory: 19_456,
      passes: 2,
    });
    expect(digest).toBe(expected.toString('base64').replace(/=+$/, ''));
    expect(await work.verify(phc, 'pässwörd 🔑')).toBe(true);
    expect(await work.verify(phc, 'passwörd 🔑')).toBe(false);
  });

  it('A11: the decoy is a hash at the configured cost that nothing opens', async () => {
    const work = createPasswordWork({ ...cheap, iterations: 3 });
    expect(work.decoy).toMatch(/^\$argon2id\$v=19\$m=19456,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(work.isCurrent(work.decoy)).toBe(true);
    expect(await work.verify(work.decoy, '')).toBe(false);
  });

  it('A11: a wrong password takes as long against an earlier, cheaper hash as against the decoy', async () => {
    const work = createPasswordWork({ ...cheap, iterations: 8 });
    const earlier = await createPasswordWork(cheap).hash('secret');
    // CPU time, not wall time: it is the same on a busy machine.
    const cost = async (encoded: string): Promise<number> => {
      const costs: number[] = [];
      for (let index = 0; index < 7; index += 1) {
        const before = process.cpuUsage();
        expect(await work.verify(encoded, 'wrong')).toBe(false);
        const used = process.cpuUsage(before);
        costs.push(used.user + used.system);
      }
      return Math.min(...costs);
    };
    const ratio = (await cost(earlier)) / (await cost(work.decoy));
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
    expect(await work.verify(earlier, 'secret')).toBe(true);
  });

  it('A7: a hash below today’s parameters is not current, one at or above is', () => {
    const work = createPasswordWork({ ...cheap, memoryKiB: 32_768, iterations: 3 });
    expect([phcOf(19_456, 3), phcOf(32_768, 2), '$2b$10$x', 'text'].map(work.isCurrent)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([phcOf(32_768, 3), phcOf(65_536, 4)].map(work.isCurrent)).toEqual([true, true]);
  });
});

describe('G15: the queue is bounded', () => {
  it('runs as many as there are workers, lets as many wait as allowed, and refuses the rest with 503', async () => {
    const queue = createPasswordWork(cheap);
    const { ends, results } = fill(queue, 5);
    expect(queue.stats()).toEqual({ running: 2, waiting: 3 });
    await expect(queue.run(() => Promise.resolve('late'))).rejects.toMatchObject({
      code: 'busy',
      statusCode: 503,
      retryAfter: 2,
    });
    for (const end of ends) end();
    expect(await Promise.all(results)).toEqual(Array(5).fill('done'));
    expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it('serves who waited longest first, and never more at once than there are workers', async () => {
    const queue = createPasswordWork({ ...cheap, workers: 1, queue: 50 });
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        queue.run(async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(index);
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(order).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  it('gives the place back when the work fails', async () => {
    const queue = createPasswordWork({ ...cheap, workers: 1, queue: 1 });
    const failing = queue.run(() => Promise.reject(new Error('broken')));
    const after = queue.run(() => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('broken');
    expect(await after).toBe('next');
    expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it('I10: who waits too long is told so, and does no work afterwards', async () => {
    const queue = createPasswordWork({ ...cheap, workers: 1, maxWaitMs: 20 });
    const { ends, results } = fill(queue, 1);
    let ran = false;
    const late = queue.run(() => Promise.resolve((ran = true)));
    await expect(late).rejects.toMatchObject({ code: 'busy' });
    ends[0]!();
    await results[0];
    expect(ran).toBe(false);
    expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it('abandons waiting work when its request is gone', async () => {
    const queue = createPasswordWork({ ...cheap, workers: 1 });
    const { ends, results } = fill(queue, 1);
    const gone = new AbortController();
    let ran = false;
    const waiting = queue.run(() => Promise.resolve((ran = true)), { signal: gone.signal });
    gone.abort(new Error('client went away'));
    await expect(waiting).rejects.toThrow('client went away');
    await expect(queue.run(() => Promise.resolve('x'), { signal: gone.signal })).rejects.toThrow('client went away');
    ends[0]!();
    await results[0];
    expect(ran).toBe(false);
    expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it('tells its metrics of depth and refusals', async () => {
    const seen: string[] = [];
    const queue = createPasswordWork(
      { ...cheap, workers: 1, queue: 0 },
      { depth: ({ running, waiting }) => seen.push(`${running}/${waiting}`), refused: () => seen.push('refused') },
    );
    const { ends, results } = fill(queue, 1);
    await expect(queue.run(() => Promise.resolve('x'))).rejects.toMatchObject({ code: 'busy' });
    ends[0]!();
    await results[0];
    expect(seen).toContain('refused');
    expect(seen.at(-1)).toBe('0/0');
  });

  it('leaves threads of libuv’s pool to everything else, or does not start', () => {
    expect(() => createPasswordWork({ ...cheap, workers: 4 })).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining('passwords.workers') }),
    );
    expect(() => createPasswordWork({ ...cheap, workers: 4, threadPoolSize: 8 })).not.toThrow();
  });

  it('a flood of hashes leaves the event loop and the thread pool free', async () => {
    const { stat } = await import('node:fs/promises');
    const queue = createPasswordWork({ ...cheap, queue: 64, maxWaitMs: 60_000 });
    const flood = Promise.allSettled(Array.from({ length: 300 }, (_, index) => queue.hash(`${index}`)));
    const delays: number[] = [];
    while (queue.stats().running > 0) {
      const start = performance.now();
      await stat('.');
      await new Promise((resolve) => setImmediate(resolve));
      delays.push(performance.now() - start);
    }
    const outcomes = await flood;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(66);
    expect(delays.length).toBeGreaterThan(20);
    expect(delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.5)]).toBeLessThan(50);
  });
});
