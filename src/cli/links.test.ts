import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { type OldWorld, oldWorld } from '../../test/support/old-world.ts';
import { rentPortal } from '../../test/support/legacy-estate.ts';
import { runCommandLine } from './command-line.ts';

let world: OldWorld;
let folder: string;

beforeAll(async () => {
  world = await oldWorld();
  // The command line has no clock of its own to move: what it reads must be of now.
  world.clock.now = new Date();
  folder = await mkdtemp(join(tmpdir(), 'cli-links-'));
});
afterAll(async () => {
  await world.drop();
  await rm(folder, { recursive: true });
});

async function latchkey(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isWatched: false,
  };
  const config = testConfig({ postgres: { url: world.url } });
  const code = await runCommandLine(args, { terminal, readConfig: () => Promise.resolve(config) });
  return { code, out, err };
}

const why = ['--evidence', 'Letter of 3 November, case 12'];

it('lists links by account and by source, and explains one', async () => {
  const { accountId, linkId } = await world.adopt(await world.oldPerson());
  expect((await latchkey('links', 'list', '--account', accountId)).out).toContain(linkId);
  const found = await latchkey('links', 'list', '--source', 'rent-portal', '--json');
  expect(JSON.parse(found.out)).toMatchObject([{ linkId, accountId, assurance: 'Cl' }]);
  expect((await latchkey('links', 'list', '--source', 'rent-portal', '--after', linkId)).out).not.toContain(linkId);
  const { code, out } = await latchkey('links', 'explain', linkId);
  expect(code).toBe(0);
  expect(out).toMatch(/proof of legacy +old-password \(full\)[^]*proof of address +email-code[^]*policy +version 1/);
  expect(await latchkey('links', 'list')).toMatchObject({ code: 2 });
  expect(await latchkey('links', 'explain', 'none')).toMatchObject({ code: 2 });
});

it('LA17, L17: undoes with two people, tells every contact, and puts it back with two', async () => {
  const person = await world.oldPerson({ email: 'old@example.net' });
  const { accountId, linkId } = await world.adopt(person);
  const undo = (name: string, ...more: string[]) =>
    latchkey('links', 'undo', linkId, '--reason', 'wrong-person', '--as', name, ...more);
  expect(await undo('amy')).toMatchObject({ code: 5, err: expect.stringContaining('evidence-missing') });
  expect(await undo('amy', ...why)).toMatchObject({ code: 0, out: expect.stringContaining('Recorded as request') });
  expect(await undo('amy', ...why)).toMatchObject({ code: 5, err: expect.stringContaining('same-operator') });
  expect((await latchkey('links', 'requests')).out).toMatch(/operator:amy .*Letter of 3 November/);
  expect(await messages()).toBe(0);
  expect(await undo('bob')).toMatchObject({ code: 0, out: expect.stringContaining('Undone') });
  expect(await messages()).toBe(2);
  expect((await latchkey('links', 'explain', linkId)).out).toMatch(/undone .*by operator:bob: wrong-person\nway back/);
  expect(await undo('carol')).toMatchObject({ code: 5, err: expect.stringContaining('already-undone') });

  const restore = (name: string) => latchkey('links', 'restore', linkId, '--as', name, ...why);
  expect(await restore('bob')).toMatchObject({ code: 0 });
  expect(await restore('amy')).toMatchObject({ code: 0, out: expect.stringContaining('Restored as link') });
  expect(await world.migration.links.list(accountId)).toHaveLength(1);
  expect(await latchkey('links', 'undo', 'none', '--reason', 'fraud', ...why)).toMatchObject({ code: 2 });
  expect(await latchkey('links', 'undo', linkId, '--reason', 'because', ...why)).toMatchObject({ code: 2 });
});

async function messages(): Promise<number> {
  const [row] = await world.db.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM outbox' });
  return row!.n;
}

it('tries a draft policy on what was decided, and changes nothing', async () => {
  const stricter = { version: 2, proofs: ['old-password', 'contact-code'], needed: 2, assurance: 'Cl' };
  const path = join(folder, 'draft.json');
  await writeFile(path, JSON.stringify(stricter));
  const { code, out } = await latchkey('policy', 'try', path, '--source', 'rent-portal');
  expect(code).toBe(0);
  expect(out).toMatch(
    /2 attempts on record, 2 would end otherwise\.\n.*\n2 +linked at Cl +needs-proof of legacy: not-enough/,
  );
  await writeFile(path, JSON.stringify(rentPortal()));
  expect((await latchkey('policy', 'try', path, '--source', 'rent-portal')).out).toContain('0 would end otherwise');
  await writeFile(path, JSON.stringify({ ...stricter, proofs: ['contact-code'] }));
  expect(await latchkey('policy', 'try', path, '--source', 'rent-portal')).toMatchObject({
    code: 5,
    err: expect.stringContaining('policy_unsatisfiable'),
  });
  expect(await world.migration.sources.find('rent-portal')).toMatchObject({ version: 1 });
});
