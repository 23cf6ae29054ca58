import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyFile } from './key-file.ts';

const keys = Array.from({ length: 60_000 }, (_none, n) => createHash('sha256').update(`${n}`).digest());
const given = keys.slice(0, 30_000);
const others = keys.slice(30_000);

it('a key file grows page by page', () => {
  const file = createKeyFile(2);
  const parts = (key: Buffer): [number, number] => [key.readUInt32LE(0), (key.readUInt32LE(4) | 1) >>> 0];
  expect(given.filter((key) => !file.add(...parts(key)))).toEqual([]);
  expect(given.filter((key) => file.add(...parts(key)) || !file.has(...parts(key)))).toEqual([]);
  expect(others.filter((key) => file.has(...parts(key)))).toEqual([]);
  file.close();
});
