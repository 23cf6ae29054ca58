import { afterAll, beforeAll, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { by, CHANGED, PASSWORD, type TwoSides, twoSides } from '../../test/support/two-sides.ts';
import { runCommandLine } from './command-line.ts';

let world: TwoSides;
beforeAll(async () => {
  world = await twoSides();
  // The command line has no clock of its own to move: what it reads must be of now.
  world.clock.now = new Date();
});
afterAll(() => world.drop());

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

it('says and shows which side is believed', async () => {
  expect(await latchkey('authority', 'show', 'rent-portal')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/rent-portal +before +old +old +old +old +old +refuse +0/),
  });
  const set = (...args: string[]) => latchkey('authority', 'set', 'rent-portal', ...args);
  expect(await set('--email', 'new', '--when-away', 'imported', '--as', 'amy')).toMatchObject({
    code: 0,
    out: 'rent-portal: version 1.\n',
  });
  const { out } = await latchkey('authority', 'show', '--department', 'Department for Housing', '--json');
  expect(JSON.parse(out)).toMatchObject([
    {
      stage: 'side-by-side',
      authority: { email: 'new', phone: 'old' },
      whenAway: 'imported',
      changedBy: 'operator:amy',
    },
  ]);
  expect(await set()).toMatchObject({ code: 2, err: expect.stringContaining('--password old') });
  expect(await set('--phone', 'both')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--phone is old or new'),
  });
  expect(await set('--when-away', 'yes')).toMatchObject({ code: 2 });
  expect(await latchkey('authority', 'set', 'none-such', '--password', 'old')).toMatchObject({ code: 2 });
  expect(await latchkey('authority', 'show')).toMatchObject({ code: 2, err: expect.stringContaining('--department') });
  expect(await latchkey('authority', 'show', 'none-such')).toMatchObject({ code: 2 });
  expect(await latchkey('authority', 'show', '--method', 'M44')).toMatchObject({ code: 2 });
});

it('compares in shadow mode, and names nobody', async () => {
  expect(await latchkey('shadow', 'on', 'rent-portal')).toMatchObject({ code: 0 });
  expect(await latchkey('shadow', 'on', 'rent-portal')).toMatchObject({
    code: 5,
    err: expect.stringContaining('[under-way]'),
  });
  const login = await world.person();
  world.old.people.get(login)!.password = CHANGED;
  await world.signIn(login, CHANGED, 'old-system');
  await world.signIn(await world.person(), PASSWORD, 'old-system');
  const { out } = await latchkey('shadow', 'report', 'rent-portal');
  expect(out).toMatch(/agreement +50\.00 %\nboth let them in +1\nonly the old side let them in +1/);
  expect(out).toMatch(/DIFFER IN +TIMES\npassword +1/);
  expect(out).toMatch(/[0-9a-f]{16} +p••• +password +1/);
  expect(out).not.toContain(login);
  expect(JSON.parse((await latchkey('shadow', 'report', 'rent-portal', '--json')).out)).toMatchObject({
    agreement: 0.5,
  });
  expect(await latchkey('shadow', 'off', 'rent-portal')).toMatchObject({ code: 0 });
});

it('plans a cut-over, goes on, looks, and goes back', async () => {
  const cutover = (...args: string[]) => latchkey('cutover', ...args);
  expect(await cutover('next', 'rent-portal')).toMatchObject({ code: 5, err: expect.stringContaining('[no-plan]') });
  expect(await cutover('plan', 'rent-portal', '--steps', '50,10')).toMatchObject({
    code: 5,
    err: expect.stringMatching(/steps: Each step must be more/),
  });
  expect(await cutover('plan', 'rent-portal', '--steps', 'all')).toMatchObject({ code: 2 });
  expect(await cutover('plan', '--method', 'M09', '--steps', '10,100')).toMatchObject({
    code: 0,
    out: 'rent-portal: planned, 10 %, 100 %.\n',
  });
  expect(await cutover('next', 'rent-portal')).toMatchObject({
    code: 0,
    out: expect.stringContaining('10 % are served'),
  });
  expect((await cutover('status', 'rent-portal')).out).toMatch(/rent-portal +cutting-over +10 % .* well$/m);
  expect(await cutover('next', 'rent-portal')).toMatchObject({
    code: 5,
    err: expect.stringContaining('[too-few-answers]'),
  });
  const why = ['--anyway', '--evidence', 'Nobody comes on Sundays; agreed.'];
  expect(await cutover('next', 'rent-portal', '--as', 'amy', ...why)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/request/),
  });
  expect(await cutover('next', 'rent-portal', '--as', 'amy', ...why)).toMatchObject({ code: 5 });
  expect((await latchkey('links', 'requests')).out).toMatch(/cutover-anyway .*operator:amy/);
  expect(await cutover('next', 'rent-portal', '--as', 'bob', '--anyway')).toMatchObject({
    out: expect.stringMatching(/100 % are served/),
  });
  expect(await cutover('complain', 'rent-portal')).toMatchObject({ code: 0, out: 'rent-portal: counted.\n' });
  world.clock.now = new Date();
  await world.came('failed', 25, { ms: 80, inMs: 10_000 });
  expect((await cutover('status', 'rent-portal')).out).toMatch(/100 % .* 25 +100\.0 % +≤ 100 ms +1 +breaks its limit/);
  expect(await cutover('back', 'rent-portal', '--to-start')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/0 % are served/),
  });
  expect(await cutover('complain', 'rent-portal')).toMatchObject({ out: expect.stringMatching(/nobody has moved/) });
  expect((await cutover('plan', '--help')).out).toMatch(/Example:/);
});

it('LA32: finalises with two people, and says that it is for ever', async () => {
  const finalise = (...args: string[]) => latchkey('authority', 'finalise', 'rent-portal', ...args);
  expect(await finalise('--as', 'amy')).toMatchObject({ code: 5, err: expect.stringContaining('[evidence-missing]') });
  expect(await finalise('--as', 'amy', '--evidence', 'Switched off, ticket 4711')).toMatchObject({ code: 0 });
  expect(await finalise('--as', 'amy')).toMatchObject({ code: 5, err: expect.stringContaining('[same-operator]') });
  expect(await finalise('--as', 'bob')).toMatchObject({ code: 0, out: expect.stringContaining('is finalised') });
  expect(await latchkey('shadow', 'on', 'rent-portal')).toMatchObject({
    code: 5,
    err: expect.stringContaining('for ever'),
  });
  expect(await world.sides.authorityOf('rent-portal')).toMatchObject({ stage: 'finalised', changedBy: 'operator:bob' });
  expect(await latchkey('sources', 'health')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/rent-portal .* nothing to reach +finalised/),
  });
  await expect(world.sides.setAuthority('rent-portal', {}, by)).resolves.toMatchObject({ reason: 'finalised' });
});
