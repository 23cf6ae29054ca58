import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import type { House } from '../house.ts';
import { openHouse } from '../house.ts';
import { runCommandLine } from './command-line.ts';

let database: TestDatabase;
let house: House;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  house = openHouse({ config: testConfig({ postgres: { url: database.url } }), onError: () => undefined });
  folder = await mkdtemp(join(tmpdir(), 'cli-subjects-'));
});
afterAll(async () => {
  await house.close();
  await database.drop();
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
  const config = testConfig({ postgres: { url: database.url } });
  const code = await runCommandLine(args, { terminal, readConfig: () => Promise.resolve(config) });
  return { code, out, err };
}

async function submit(clientId: string, sector: string): ReturnType<typeof latchkey> {
  const path = join(folder, `${clientId}.json`);
  const metadata = {
    name: { en: clientId },
    redirectUris: [`https://${clientId}.example/callback`],
    authMethod: 'client_secret_post',
    sector,
  };
  await writeFile(
    path,
    JSON.stringify({ clientId, department: { departmentId: 'homes', name: { en: 'Homes' } }, metadata }),
  );
  return latchkey('services', 'add', path);
}

async function person(sector: string): Promise<{ accountId: string; sub: string }> {
  const { accounts, db } = house;
  return db.transaction(async (tx) => {
    const email = `${crypto.randomUUID()}@example.org`;
    const { accountId } = await accounts.create(
      tx,
      { email, language: 'en', password: undefined },
      { actor: 'citizen' },
    );
    return { accountId, sub: await accounts.subjects.ensure(tx, { accountId, sector }) };
  });
}

describe('latchkey subjects move', () => {
  it('E11: lets a service change its sector, with a map for it and nobody who comes later', async () => {
    await submit('rent-web', 'homes.example');
    await submit('repairs-web', 'homes.example');
    const known = await person('homes.example');
    const stuck = await submit('rent-web', 'rents.example');
    expect(stuck.code).toBe(5);
    expect(stuck.err).toContain('sector_fixed');

    const args = ['--from', 'homes.example', '--to', 'rents.example', '--service', 'rent-web'];
    const moved = await latchkey('subjects', 'move', ...args, '--subs', 'new', '--as', 'ann');
    expect(moved).toMatchObject({ code: 0, out: 'rents.example continues homes.example. Accounts moved: 1.\n' });
    expect(moved.err).toContain('rent-web');
    expect((await submit('rent-web', 'rents.example')).out).toContain('version 2');
    expect((await submit('repairs-web', 'rents.example')).err).toContain('sector_fixed');
    await submit('later-web', 'rents.example');

    const { subjects } = house.accounts;
    const now = await subjects.find(known.accountId, 'rents.example');
    const { rows } = await subjects.mapOf({ sector: 'rents.example', clientId: 'rent-web' });
    expect(rows).toEqual([expect.objectContaining({ from: known.sub, to: now, change: 'moved' })]);
    expect((await subjects.mapOf({ sector: 'rents.example', clientId: 'later-web' })).rows).toEqual([]);
    const events = await house.db.query<{ body: { actor: string } }>({
      text: `SELECT body FROM audit_events WHERE type = 'subject.sector-moved'`,
    });
    expect(events.map(({ body }) => body.actor)).toEqual(['operator:ann']);
  });

  it('moves all services of the sector, with the subs they know, and can be run again', async () => {
    await submit('permits-web', 'permits.example');
    const known = await person('permits.example');
    const args = ['subjects', 'move', '--from', 'permits.example', '--to', 'licences.example', '--subs', 'kept'];
    expect((await latchkey(...args)).out).toContain('moved: 1.');
    expect((await latchkey(...args)).out).toContain('moved: 0.');
    expect((await submit('permits-web', 'licences.example')).code).toBe(0);
    expect(await house.accounts.subjects.find(known.accountId, 'licences.example')).toBe(known.sub);
  });

  it.each([
    [['--from', 'a.example', '--to', 'b.example', '--subs', 'some'], 2, '--subs is kept or new'],
    [['--from', 'a.example', '--to', 'B Example', '--subs', 'kept'], 2, 'cannot be a sector'],
    [['--from', 'a.example', '--to', 'b.example', '--subs', 'kept'], 2, 'no service in the sector'],
    [['--from', 'homes.example', '--to', 'x.example', '--subs', 'kept', '--service', 'other'], 2, 'no service of'],
    [['--from', 'homes.example', '--to', 'homes.example', '--subs', 'kept'], 5, 'same-sector'],
    [['--from', 'homes.example', '--to', 'rents.example', '--subs', 'kept'], 5, 'already-continues-another'],
    [['--from', 'homes.example', '--subs', 'kept'], 2, '--to'],
  ])('%j ends with %i and says why', async (args, code, hint) => {
    const answer = await latchkey('subjects', 'move', ...args);
    expect(answer.code).toBe(code);
    expect(answer.err).toContain(hint);
  });

  it('explains itself', async () => {
    const { out } = await latchkey('subjects', 'move', '--help');
    for (const word of ['kept', 'new', 'Example:']) expect(out).toContain(word);
  });
});
