import { describe, expect, it } from 'vitest';
import type { GuardedAdapter } from '../create-legacy.ts';
import { type Examined, strangerLike } from './cases.ts';
import { checkConformance } from './check-conformance.ts';

const known = { login: 'anna', secret: 'right' };

/** An old system that takes so long for each, on a clock of its own. */
function examined(takes: (login: string) => number, changes: Partial<Examined> = {}): Examined {
  let now = 0;
  const adapter: GuardedAdapter = {
    kind: 'password',
    open: async () => ({
      outcome: 'asks',
      prompt: {
        fields: [
          { name: 'login', kind: 'text', label: { en: 'Name' } },
          { name: 'password', kind: 'secret', label: { key: 'password' } },
        ],
      },
      state: '',
    }),
    async answer({ fields }) {
      const { login = '', password = '' } = fields;
      now += takes(login);
      if (password === '' || password.length > 1024) return { outcome: 'refused', reason: 'misshapen' };
      if (login !== 'anna' || password !== 'right') return { outcome: 'refused', reason: 'wrong-secret' };
      const identity = { accountKey: '1', evidence: 'sign-in', level: 'Cl', attributes: [], warnings: [] } as const;
      return { outcome: 'identified', identity: { ...identity, proved: ['password'] } };
    },
    decline: async () => ({ outcome: 'refused', reason: 'misshapen' }),
  };
  const probe = async (): Promise<undefined> => undefined;
  return { adapter, probe, normalise: (typed) => typed, known, floorMs: 300, clock: () => now, ...changes };
}

const find = async (from: Examined, name: string) => (await checkConformance(from)).find((each) => each.case === name);

describe('the conformance kit', () => {
  it('LA19: sees that time tells who exists, though the floor should hide it', async () => {
    expect(
      await find(
        examined(() => 310),
        'time of wrong and unknown',
      ),
    ).toMatchObject({ verdict: 'good' });
    const slow = await find(
      examined((login) => (login === 'anna' ? 900 : 305)),
      'time of wrong and unknown',
    );
    expect(slow).toMatchObject({ verdict: 'bad', seen: expect.stringContaining('900 and 305 ms, floor 300 ms: set') });
    expect(
      await find(
        examined(() => 20),
        'time of wrong and unknown',
      ),
    ).toMatchObject({ verdict: 'bad' });
    expect(
      await find(
        examined(() => 1, { floorMs: 0 }),
        'time of wrong and unknown',
      ),
    ).toMatchObject({
      verdict: 'not tried here',
    });
  });

  it('without a person tries what needs none', async () => {
    const findings = await checkConformance(examined(() => 310, { known: undefined }));
    const tried = findings.filter(({ verdict }) => verdict === 'good').map((each) => each.case);
    expect(tried).toEqual(['is there', 'unknown person', 'empty password', 'overlong password', 'names that inject']);
  });

  it('of a system that people sign in at themselves, asks only whether it is there', async () => {
    const redirect: GuardedAdapter = {
      kind: 'redirect',
      depart: async () => ({ outcome: 'redirect', url: 'https://old.example/', state: '' }),
      handleOf: () => undefined,
      finish: async () => ({ outcome: 'refused', reason: 'cancelled' }),
    };
    const findings = await checkConformance(examined(() => 310, { adapter: redirect }));
    expect(findings.filter(({ verdict }) => verdict !== 'not tried here').map((each) => each.case)).toEqual([
      'is there',
    ]);
  });

  it('the stranger has a name of the same shape', () => {
    expect(strangerLike('0012-AB cd.é')).toMatch(/^\d{4}-[B-Z]{2} [b-z]{2}\.é$/);
    expect(strangerLike(undefined)).toMatch(/^[b-z]{6}-[b-z]{8}$/);
  });
});
