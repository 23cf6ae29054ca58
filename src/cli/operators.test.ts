import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { testOperator } from '../../test/support/operators.ts';
import { testDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createKeyRing } from '../platform/crypto/key-ring.ts';
import { runCommandLine } from './command-line.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const config = () => testConfig({ postgres: { url: database.url } });

async function latchkey(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isWatched: false,
  };
  const code = await runCommandLine(['operators', ...args], { terminal, readConfig: () => Promise.resolve(config()) });
  return { code, out, err };
}

describe('latchkey operators', () => {
  it('makes the first administrator: the link alone goes to stdout, and is good once', async () => {
    const first = await latchkey('invite', 'olwen', '--role', 'administrator');
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('works once') });
    expect(first.out).toMatch(/^http:\/\/localhost:3000\/operators\/invitation\/[0-9a-f-]{36}\.[\w-]{43}\n$/);
    expect(await latchkey('invite', 'olwen', '--role', 'viewer')).toMatchObject({ code: 5, out: '' });
    const again = await latchkey('invite', 'olwen', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      handle: 'olwen',
      link: expect.not.stringContaining(first.out.trim()),
    });
  });

  it('says what is wrong with names and roles', async () => {
    expect(await latchkey('invite', 'Olwen P', '--role', 'viewer')).toMatchObject({ code: 5 });
    expect(await latchkey('invite', 'x', '--role', 'king')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no role "king"'),
    });
    expect(await latchkey('invite', 'nobody')).toMatchObject({
      code: 5,
      err: expect.stringContaining('operators list'),
    });
    expect(await latchkey('roles', 'nobody', 'viewer')).toMatchObject({ code: 5 });
    expect(await latchkey('frobnicate')).toMatchObject({ code: 2 });
  });

  it('lists, gives roles, suspends, restores, ends sessions; nobody does it to themselves', async () => {
    const keyRing = createKeyRing(config().secrets);
    const house = { config: config(), db: database.db, keyRing, now: () => new Date() };
    await testOperator(house, { roles: ['viewer'], handle: 'bryn' });
    const listed = async (): Promise<unknown> => {
      const all: { handle: string }[] = JSON.parse((await latchkey('list', '--json')).out);
      return all.find(({ handle }) => handle === 'bryn');
    };
    expect(await listed()).toMatchObject({ status: 'active', roles: ['viewer'], sessions: 1 });
    expect((await latchkey('list')).out).toMatch(/HANDLE +STATUS +ROLES.*\nbryn +active +viewer +0 +1/s);
    expect(await latchkey('end-sessions', 'bryn')).toMatchObject({ code: 0, out: 'bryn: 1 sessions ended.\n' });
    expect(await latchkey('roles', 'bryn', 'viewer,approver', '--as', 'bryn')).toMatchObject({ code: 5 });
    expect(await latchkey('roles', 'bryn', 'viewer', 'approver', '--as', 'olwen')).toMatchObject({ code: 0 });
    expect(await latchkey('suspend', 'bryn')).toMatchObject({ code: 0 });
    expect(await latchkey('suspend', 'bryn')).toMatchObject({ code: 5 });
    expect(await listed()).toMatchObject({ status: 'suspended', roles: ['viewer', 'approver'] });
    expect(await latchkey('token', 'bryn', '--role', 'viewer')).toMatchObject({
      code: 5,
      err: expect.stringContaining('status'),
    });
    expect(await latchkey('restore', 'bryn')).toMatchObject({ code: 0 });
  });

  it('prints a token once, never more than its owner has, and ends it', async () => {
    const keyRing = createKeyRing(config().secrets);
    await testOperator(
      { config: config(), db: database.db, keyRing, now: () => new Date() },
      { roles: ['migrator'], handle: 'dai' },
    );
    const made = await latchkey('token', 'dai', '--role', 'migrator', '--days', '7');
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('not shown again') });
    expect(made.out).toMatch(/^lko_[0-9a-f-]{36}\.[\w-]{43}\n$/);
    for (const refused of [
      ['--role', 'approver'],
      ['--role', 'migrator', '--days', '91'],
      ['--role', 'migrator', '--days', 'x'],
    ])
      expect(await latchkey('token', 'dai', ...refused)).toMatchObject({ code: 5, out: '' });
    const tokenId = /Token (\S+) of/.exec(made.err)?.[1] ?? '';
    expect((await latchkey('list')).out).toContain(tokenId);
    expect(await latchkey('revoke-token', 'dai', tokenId)).toMatchObject({ code: 0 });
    expect(await latchkey('revoke-token', 'dai', tokenId)).toMatchObject({ code: 5 });
    expect(await latchkey('revoke-token', 'dai', 'x')).toMatchObject({ code: 5 });
    const rows = await database.db.query({
      text: `SELECT 1 FROM operator_tokens WHERE encode(token_key, 'escape') LIKE '%lko%'`,
    });
    expect(rows).toEqual([]);
  });
});
