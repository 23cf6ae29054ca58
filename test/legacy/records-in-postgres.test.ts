import { HOTP, Secret } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import type { OutgoingCode, ProvingAttempt, ProvingResult } from '../../src/migration/index.ts';
import { type LegacyEstate, legacyEstate, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { testDatabase } from '../support/postgres.ts';

const PASSWORD = 'correct horse battery staple';
const SEED = Buffer.from('12345678901234567890').toString('hex');
const secret = Secret.fromHex(SEED);
const exportedOn = '2026-01-31';

let estate: LegacyEstate;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await testDatabase({ poolSize: 10 });
  drop = () => database.drop();
  estate = legacyEstate(database.db, {
    sourceSecrets: { 'positions-key': 'p'.repeat(32), 'letter-key': 'l'.repeat(32) },
  });
});
afterAll(() => drop());

/** A source with one person in it, anna, imported as its keepers would hand it in. */
async function imported(source: string, adapter: AdapterSettings, extras: Record<string, string>): Promise<void> {
  const names = Object.keys(extras);
  const definition = rentPortal({
    source,
    file: {
      format: 'csv',
      columns: { id: 'id', login: 'login', hash: 'hash', email: 'email' },
      extras: Object.fromEntries(names.map((name) => [name, name])),
    },
    policy: {
      version: 1,
      proofs: ['old-sign-in', 'contact-code', 'posted-code'],
      assurance: 'Cl.Cm',
    },
    adapter,
  });
  expect(await estate.migration.sources.add(definition, { actor: 'operator:test' })).toMatchObject({
    outcome: 'added',
  });
  const row = ['4711', 'anna', ssha512Of(PASSWORD), 'anna@example.test', ...Object.values(extras)];
  const text = [`id,login,hash,email,${names.join(',')}`, row.map((value) => `"${value}"`).join(','), ''].join('\n');
  expect(await estate.importText(text, { source })).toMatchObject({ outcome: 'imported', created: 1 });
}

const posted: OutgoingCode[] = [];
const attempt = (source: string, journey = 'one', ip = '192.0.2.7'): ProvingAttempt => ({
  source,
  way: 'old-system',
  tag: 'test',
  place: { journeyId: `journey-${journey}`, browserKey: `browser-${journey}` },
  ip,
  language: 'en',
  deliver: async (_tx, message) => {
    posted.push(message);
  },
});
const stateOf = (result: { outcome: string; state?: string }): string => {
  if (result.outcome !== 'asks') throw new Error(JSON.stringify(result));
  return result.state ?? '';
};
const begin = async (of: ProvingAttempt) => stateOf(await estate.migration.proving.start(of));
const answer = (of: ProvingAttempt, state: string, fields: Record<string, string>): Promise<ProvingResult> =>
  estate.migration.proving.answer({ ...of, state, fields });

describe('old sign-in methods over an imported export, on a real database', () => {
  it('M38: a token’s counter is kept; of twenty with one code at the same time one is let in', async () => {
    await imported(
      'token-estate',
      {
        family: 'otp',
        method: 'M38',
        alongside: 'password',
        seedColumn: 'seed',
        seedAs: 'hex',
        counterColumn: 'counter',
        exportedOn,
      },
      { seed: SEED, counter: '3' },
    );
    const code = HOTP.generate({ secret, counter: 5 });
    const tries = Array.from({ length: 20 }, async (_, index) => {
      const of = attempt('token-estate', `token-${index}`, `198.51.100.${index}`);
      return answer(of, await begin(of), { login: ' Anna', password: PASSWORD, code });
    });
    const results = await Promise.all(tries);
    expect(results.filter(({ outcome }) => outcome === 'match')).toMatchObject([
      { kind: 'old-sign-in', carriesPassword: true },
    ]);
    const of = attempt('token-estate', 'later');
    expect(await answer(of, await begin(of), { login: 'anna', password: PASSWORD, code })).toEqual({
      outcome: 'mismatch',
    });
  });

  it('M32: the code goes out once with the database’s own, and proves a mailbox', async () => {
    await imported('mail-estate', { family: 'code', method: 'M32', exportedOn }, { note: '' });
    const of = attempt('mail-estate');
    const state = stateOf(await answer(of, await begin(of), { login: 'anna' }));
    const message = posted.at(-1);
    expect(message).toMatchObject({ channel: 'email', to: 'anna@example.test', lifetimeSeconds: 600 });
    expect(await answer(of, state, { code: message?.code ?? '' })).toMatchObject({
      outcome: 'match',
      kind: 'contact-code',
    });
  });

  it('M35: a letter of ours is read weeks later in another journey', async () => {
    await imported(
      'post-estate',
      {
        family: 'code',
        method: 'M35',
        validDays: 28,
        tries: 5,
        ours: { keySecret: 'letter-key', addressColumns: ['street'], everyDays: 7 },
        exportedOn,
      },
      { street: '1 High Street' },
    );
    const asking = attempt('post-estate', 'asking');
    expect(await answer(asking, await begin(asking), { login: 'anna', code: '' })).toMatchObject({
      outcome: 'asks',
      prompt: { notice: 'new-letter-sent' },
    });
    const letter = posted.at(-1);
    expect(letter).toMatchObject({ channel: 'post', to: '1 High Street' });
    estate.clock.now = new Date(estate.clock.now.getTime() + 20 * 86_400_000);
    const at = attempt('post-estate', 'weeks-later');
    const typed = { login: 'anna', code: letter?.code ?? '' };
    expect(await answer(at, await begin(at), typed)).toMatchObject({ outcome: 'match', kind: 'posted-code' });
    const again = attempt('post-estate', 'again');
    expect(await answer(again, await begin(again), typed)).toEqual({ outcome: 'mismatch' });
  });

  it('M25: positions are kept for people and for nobody, and nothing is written for nobody', async () => {
    await imported(
      'word-estate',
      {
        family: 'knowledge',
        method: 'M25',
        alongside: 'password',
        held: { as: 'text', column: 'word' },
        shortest: 6,
        asked: 3,
        tries: 5,
        positionsSecret: 'positions-key',
        exportedOn,
      },
      { word: 'Llanfair' },
    );
    const count = async () => (await estate.db.query({ text: 'SELECT 1 FROM legacy_counters' })).length;
    const before = await count();
    for (const [login, outcome, written] of [
      ['nobody', 'mismatch', 0],
      ['anna', 'match', 2],
    ] as const) {
      const of = attempt('word-estate', login);
      const asked = await answer(of, await begin(of), { login, password: PASSWORD });
      const fields = 'prompt' in asked ? asked.prompt.fields.map(({ name }) => name) : [];
      expect(fields).toHaveLength(3);
      const typed = fields.map((name) => [name, 'Llanfair'[Number(name.slice(9)) - 1] ?? '']);
      expect(await answer(of, stateOf(asked), Object.fromEntries(typed))).toMatchObject({ outcome });
      expect((await count()) - before).toBe(written);
    }
  });
});
