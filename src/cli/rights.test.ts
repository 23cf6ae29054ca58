import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { rentPortal } from '../../test/support/legacy-estate.ts';
import { type OldWorld, oldWorld } from '../../test/support/old-world.ts';
import { runCommandLine } from './command-line.ts';

let world: OldWorld;
let folder: string;

beforeAll(async () => {
  world = await oldWorld();
  // The command line has no clock of its own to move: what it reads must be of now.
  world.clock.now = new Date();
  folder = await mkdtemp(join(tmpdir(), 'cli-rights-'));
  for (const changes of [
    { source: 'tax-agents', holder: 'agent' },
    { source: 'club-portal', holder: 'organisation' },
  ])
    await world.migration.sources.add(rentPortal({ ...changes, subjects: 'none' }), { actor: 'operator:test' });
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

it('M42: reads a file of rights twice, and says by line what is wrong, never what stands there', async () => {
  const agent = await world.oldPerson({}, 'tax-agents');
  const file = join(folder, 'rights.csv');
  await writeFile(file, `agent,client,right,until\n${agent.id},C-118,file,2090-03-31\n`);
  const read = () => latchkey('rights', 'import', file, '--source', 'tax-agents');
  expect((await read()).out).toMatch(/new +1\n.*unchanged +0\n/s);
  expect((await read()).out).toMatch(/new +0\n.*unchanged +1\n/s);
  await writeFile(file, `agent,client,right,until\n${agent.id},C-118,file,31.3.2090\nNOBODY-7,C-1,file,\n`);
  const wrong = await read();
  expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('2 of 2 rows rejected') });
  expect(wrong.err).toMatch(/line 2: date_unreadable: .*\nline 3: agent_unknown: /);
  expect(wrong.err).not.toMatch(/C-118|NOBODY-7/);
  expect(await latchkey('rights', 'import', file, '--source', 'rent-portal')).toMatchObject({
    err: expect.stringContaining('"holder": "agent"'),
  });
});

it('M43 L17: two people undo an organisation, and everybody in it is told', async () => {
  const club = await world.oldPerson({ name: 'Rhyl Rowing Club' }, 'club-portal');
  const account = { email: world.newEmail(), language: 'cy', password: undefined } as const;
  const made = await world.db.transaction((tx) => world.accounts.create(tx, account, world.citizen));
  expect(await world.add(club, made.accountId)).toMatchObject({ outcome: 'organised' });
  const of = ['--source', 'club-portal', '--id', club.id, '--evidence', 'Letter of the secretary, case 12'];
  const undo = (name: string) => latchkey('organisations', 'undo', '--as', name, ...of);
  expect(await undo('amy')).toMatchObject({ code: 0, out: expect.stringContaining('Recorded as request') });
  expect(await undo('amy')).toMatchObject({ code: 5, err: expect.stringContaining('same-operator') });
  expect(await undo('bob')).toMatchObject({ code: 0, out: expect.stringContaining('Everybody in it is told: 1') });
  expect(await undo('bob')).toMatchObject({ code: 5, err: expect.stringContaining('organisation-unknown') });
  const [mail] = await world.db.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM outbox' });
  expect(mail?.n).toBe(1);
});
