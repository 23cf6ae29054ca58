import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestAccounts, testAccounts } from '../../../test/support/accounts.ts';
import type { CodeCheck } from './one-time-codes.ts';

let test: TestAccounts;
beforeAll(async () => {
  test = await testAccounts({ poolSize: 12 });
});
afterAll(() => test.drop());

const BOUND = { purpose: 'sign-up', boundTo: ['journey-1', 'ada@example.org'] };
const issue = (): Promise<{ challengeId: string; code: string }> =>
  test.db.transaction((tx) => test.accounts.codes.issue(tx, { ...BOUND, lifetimeSeconds: 600 }));
const check = (challengeId: string, code: string, bound = BOUND): Promise<CodeCheck> =>
  test.accounts.codes.check({ challengeId, code, ...bound });
const wrongFor = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('B5: a code sent to somebody', () => {
  it('has six digits, is right once, then never again', async () => {
    const { challengeId, code } = await issue();
    expect(code).toMatch(/^\d{6}$/);
    expect(await check(challengeId, code)).toBe('ok');
    expect(await check(challengeId, code)).toBe('used-up');
  });

  it('may be typed with blanks', async () => {
    const { challengeId, code } = await issue();
    expect(await check(challengeId, ` ${code.slice(0, 3)} ${code.slice(3)} `)).toBe('ok');
  });

  it('is refused in another attempt, for another purpose, address or journey, and costs the owner no try', async () => {
    const [one, other] = [await issue(), await issue()];
    for (const bound of [
      { ...BOUND, purpose: 'password-reset' },
      { ...BOUND, boundTo: ['journey-2', 'ada@example.org'] },
      { ...BOUND, boundTo: ['journey-1', 'eve@example.org'] },
      { ...BOUND, boundTo: ['journey-1ada@example.org'] },
    ])
      for (let index = 0; index < 7; index += 1) expect(await check(one.challengeId, one.code, bound)).toBe('expired');
    expect(await check(other.challengeId, one.code)).toBe(one.code === other.code ? 'ok' : 'wrong');
    expect(await check(one.challengeId, one.code)).toBe('ok');
  });

  it('ends at its time', async () => {
    const { challengeId, code } = await issue();
    const start = test.clock.now;
    test.clock.now = new Date(start.getTime() + 600_000);
    expect(await check(challengeId, code)).toBe('expired');
    test.clock.now = new Date(start.getTime() + 599_000);
    expect(await check(challengeId, code)).toBe('ok');
    test.clock.now = start;
  });

  it('K2: six wrong tries end it, and the right code is too late', async () => {
    const { challengeId, code } = await issue();
    const answers: CodeCheck[] = [];
    for (let index = 0; index < 6; index += 1) answers.push(await check(challengeId, wrongFor(code)));
    expect(answers).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'used-up']);
    expect(await check(challengeId, code)).toBe('used-up');
  });

  it('X2: the right code 50 times at once is right exactly once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { challengeId, code } = await issue();
      const answers = await Promise.all(Array.from({ length: 50 }, () => check(challengeId, code)));
      expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'used-up')).toHaveLength(49);
    }
  });

  it('K1: 50 wrong codes at once are six tries', async () => {
    const { challengeId, code } = await issue();
    const answers = await Promise.all(Array.from({ length: 50 }, () => check(challengeId, wrongFor(code))));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(5);
    expect(await check(challengeId, code)).toBe('used-up');
  });

  it('a challenge that is not known, or no id at all, has expired', async () => {
    expect(await check('00000000-0000-7000-8000-000000000000', '123456')).toBe('expired');
    expect(await check("' OR 1=1", '123456')).toBe('expired');
  });

  it('is made with its transaction or not at all', async () => {
    let made = { challengeId: '', code: '' };
    await expect(
      test.db.transaction(async (tx) => {
        made = await test.accounts.codes.issue(tx, { ...BOUND, lifetimeSeconds: 600 });
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await check(made.challengeId, made.code)).toBe('expired');
  });

  it('uses all six digits evenly enough that no first digit stands out', async () => {
    const first = Array<number>(10).fill(0);
    await test.db.transaction(async (tx) => {
      for (let index = 0; index < 1000; index += 1) {
        const { code } = await test.accounts.codes.issue(tx, { ...BOUND, lifetimeSeconds: 60 });
        first[Number(code[0])]! += 1;
      }
    });
    for (const count of first) expect(count).toBeGreaterThan(50);
  });
});

describe('attempts', () => {
  const take = (who: string, limit = 5): ReturnType<TestAccounts['accounts']['attempts']['take']> =>
    test.accounts.attempts.take({ what: 'password-ip', who, limit, windowSeconds: 60 });

  it('A8, K1: of 200 at once exactly the limit is allowed', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => take('flood')));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(5);
    expect(answers.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  it('says how long to wait, starts anew after the window, and a flood does not prolong it', async () => {
    const start = test.clock.now;
    for (let index = 0; index < 5; index += 1) expect(await take('window')).toMatchObject({ retryAfterSeconds: 0 });
    test.clock.now = new Date(start.getTime() + 40_000);
    expect(await take('window')).toEqual({ allowed: false, count: 6, retryAfterSeconds: 20 });
    test.clock.now = new Date(start.getTime() + 60_000);
    expect(await take('window')).toEqual({ allowed: true, count: 1, retryAfterSeconds: 0 });
    test.clock.now = start;
  });

  it('counts each kind and each person apart; reset forgets one of them', async () => {
    await take('a');
    await take('a');
    await take('b');
    await test.accounts.attempts.reset('password-ip', 'a');
    expect(await take('a')).toMatchObject({ count: 1 });
    expect(await take('b')).toMatchObject({ count: 2 });
    const other = await test.accounts.attempts.take({ what: 'code-send', who: 'b', limit: 5, windowSeconds: 60 });
    expect(other.count).toBe(1);
  });

  it('a reset inside a transaction that fails forgets nothing', async () => {
    await take('kept');
    await expect(
      test.db.transaction(async (tx) => {
        await test.accounts.attempts.reset('password-ip', 'kept', tx);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await take('kept')).toMatchObject({ count: 2 });
  });
});
