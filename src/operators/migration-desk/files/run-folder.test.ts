import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunFolder } from './run-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-run-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const bytes = (text: string): Readable => Readable.from([Buffer.from(text)]);

it('keeps a file once: the same again is the same, another of its name is not taken', async () => {
  const folder = openRunFolder(join(root, 'new'));
  expect(await folder.list()).toEqual([]);
  const first = await folder.receive('rents.csv', bytes('a,b\n'));
  expect(first).toMatchObject({ outcome: 'kept', bytes: 4, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await folder.receive('rents.csv', bytes('a,b\n'))).toEqual(first);
  expect(await folder.receive('rents.csv', bytes('a,c\n'))).toEqual({ outcome: 'taken', name: 'rents.csv' });
  expect(await readFile(join(root, 'new', 'rents.csv'), 'utf8')).toBe('a,b\n');
  expect(await readdir(join(root, 'new')), 'nothing half is left').toEqual(['rents.csv']);
});

it('leaves nothing of a file that stopped in the middle', async () => {
  const folder = openRunFolder(root);
  async function* broken() {
    yield Buffer.from('half');
    throw new Error('cut');
  }
  await expect(folder.receive('rents.csv', Readable.from(broken()))).rejects.toThrow('cut');
  expect(await readdir(root)).toEqual([]);
});

it.each(['../up.csv', '.hidden', 'a/b', '', 'a\u0000b', 'ä.csv', 'x'.repeat(201)])(
  'G16: takes no name like %j',
  async (name) => {
    const folder = openRunFolder(root);
    expect(await folder.receive(name, bytes('x'))).toEqual({ outcome: 'bad-name' });
    expect(await folder.find(name)).toBeUndefined();
  },
);

it('finds regular files only, and what is said of them beside them', async () => {
  await writeFile(join(root, 'rents.csv'), 'x');
  await writeFile(join(root, 'rents.csv.manifest.json'), '{"source":"rents"}');
  await symlink('/etc/hostname', join(root, 'link.csv'));
  const folder = openRunFolder(root);
  expect((await folder.list()).map(({ name }) => name)).toEqual(['rents.csv']);
  expect(await folder.find('rents.csv')).toBe(join(root, 'rents.csv'));
  expect(await folder.find('link.csv')).toBeUndefined();
  expect(await folder.manifestOf('rents.csv')).toEqual({ source: 'rents' });
  expect(await folder.manifestOf('other.csv')).toBeUndefined();
});
