import { expect, it } from 'vitest';
import { normalise } from '../registration/normalise.ts';
import { checkShape } from '../registration/checks/shape.ts';
import { createLiveServices } from './live-services.ts';

const metadata = checkShape(
  normalise({ name: { en: 'One' }, redirectUris: ['https://one.example/'], authMethod: 'none' }),
).whole;
if (!metadata) throw new Error('the example is not whole');
const service = { departmentId: 'one', departmentName: { en: 'One' }, status: 'live' as const, metadata };

function stage() {
  let time = 0;
  let version = 1;
  let failure: Error | undefined;
  let absent = false;
  const reads: string[] = [];
  const live = createLiveServices({
    now: () => new Date(time),
    async read(clientId) {
      reads.push(clientId);
      await Promise.resolve();
      if (failure) throw failure;
      return absent ? undefined : { ...service, clientId, version };
    },
  });
  return {
    live,
    reads,
    find: async (clientId = 'one') => (await live.find(clientId))?.version,
    advance: (ms: number) => (time += ms),
    change: () => (version += 1),
    fail: (error: Error | undefined) => (failure = error),
    remove: (gone: boolean) => (absent = gone),
  };
}

it('reads once for many askers and remembers', async () => {
  const { find, reads, advance } = stage();
  expect(await Promise.all([find(), find(), find()])).toEqual([1, 1, 1]);
  advance(2499);
  expect(await find()).toBe(1);
  expect(reads).toHaveLength(1);
});

it('gives out an ageing entry while it is read again', async () => {
  const { find, reads, advance, change } = stage();
  await find();
  change();
  advance(2500);
  expect(await find()).toBe(1);
  await Promise.resolve();
  await Promise.resolve();
  expect(await find()).toBe(2);
  expect(reads).toHaveLength(2);
});

it('C4: nothing older than five seconds is given out', async () => {
  const { find, advance, change } = stage();
  await find();
  change();
  advance(5000);
  expect(await find()).toBe(2);
});

it('a database that is away is never an absent service, nor for ever an old one', async () => {
  const { find, advance, fail } = stage();
  fail(new Error('away'));
  await expect(find()).rejects.toThrow('away');
  fail(undefined);
  expect(await find()).toBe(1);
  fail(new Error('away'));
  advance(4999);
  expect(await find()).toBe(1);
  advance(1);
  await expect(find()).rejects.toThrow('away');
});

it('an absent service is remembered for less than a second', async () => {
  const { find, advance, reads, remove } = stage();
  remove(true);
  expect(await find()).toBeUndefined();
  advance(999);
  remove(false);
  expect(await find()).toBeUndefined();
  expect(reads).toHaveLength(1);
  advance(1);
  expect(await find()).toBe(1);
});

it('what was read before a change is not remembered after it', async () => {
  const { find, live, change, reads } = stage();
  const before = find();
  live.forget('one');
  await before;
  change();
  expect(await find()).toBe(2);
  expect(reads).toHaveLength(2);
});

it('X15: made-up client ids cost no query when malformed, and bounded memory when not', async () => {
  const { find, reads } = stage();
  for (const bad of ['', 'a b', 'x'.repeat(129), '../one', 'a\u0000']) expect(await find(bad)).toBeUndefined();
  expect(reads).toHaveLength(0);
  for (let index = 0; index < 10_001; index += 1) await find(`c${index}`);
  await find('c10000');
  expect(reads).toHaveLength(10_001);
  await find('c0');
  expect(reads).toHaveLength(10_002);
});
