import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyFile } from './key-file.ts';
import { createKeySet } from './key-set.ts';

const keys = Array.from({ length: 60_000 }, (_none, n) => createHash('sha256').update(`${n}`).digest());
const given = keys.slice(0, 30_000);
const others = keys.slice(30_000);

it('knows every key it was given and no other, in memory and beyond it', () => {
  const set = createKeySet(4096);
  const early = given.filter((key) => {
    const was = set.has(key);
    set.add(key);
    return was;
  });
  expect(early).toEqual([]);
  expect(given.filter((key) => !set.has(key))).toEqual([]);
  expect(others.filter((key) => set.has(key))).toEqual([]);
  set.close();
});

it('a key file grows page by page', () => {
  const file = createKeyFile(2);
  const parts = (key: Buffer): [number, number] => [key.readUInt32LE(0), (key.readUInt32LE(4) | 1) >>> 0];
  expect(given.filter((key) => !file.add(...parts(key)))).toEqual([]);
  expect(given.filter((key) => file.add(...parts(key)) || !file.has(...parts(key)))).toEqual([]);
  expect(others.filter((key) => file.has(...parts(key)))).toEqual([]);
  file.close();
});
