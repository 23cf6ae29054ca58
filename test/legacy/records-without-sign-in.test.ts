import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingCode, ProvingAttempt } from '../../src/migration/index.ts';
import { type LegacyEstate, legacyEstate, rentPortal } from '../support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

// Tried against: letters in the outbox of a real database

describe('a record that nobody could ever sign in to', () => {
  let database: TestDatabase;
  let estate: LegacyEstate;
  const sent: OutgoingCode[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    estate = legacyEstate(database.db, { sourceSecrets: { 'letter-key': 'k'.repeat(43) } });
    const definition = rentPortal({
      source: 'pension-records',
      identifier: { label: { en: 'Customer number' }, normalise: ['drop-spaces'] },
      file: {
        format: 'ndjson',
        columns: { id: 'id', name: 'name', birthDate: 'born' },
        extras: { street: 'street', town: 'town' },
      },
      scheme: 'none',
      subjects: 'none',
      sectors: [],
      adapter: {
        family: 'code',
        method: 'M35',
        validDays: 21,
        tries: 5,
        ours: { keySecret: 'letter-key', addressColumns: ['street', 'town'], everyDays: 7 },
        exportedOn: '2026-01-31',
        limits: { floorMs: 0 },
      },
      policy: {
        version: 1,
        proofs: ['posted-code', { kind: 'reference-and-fact', facts: ['birth-date'] }],
        needed: 2,
        assurance: 'Cl',
      },
    });
    const added = await estate.migration.sources.add(definition, { actor: 'operator:test' });
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
    const row = { id: '47110815', name: 'Anna Hughes', born: '1984-02-29', street: '1 High Street', town: 'Tregaron' };
    await estate.importText(JSON.stringify(row), { source: 'pension-records' });
  });
  afterAll(async () => {
    await estate.migration.oldSystems.close();
    await database.drop();
  });

  const attempt = (way: ProvingAttempt['way']): ProvingAttempt => ({
    source: 'pension-records',
    way,
    place: { journeyId: 'j', browserKey: 'b' },
    ip: '192.0.2.1',
    language: 'en',
    tag: 'test',
    deliver: async (_tx, message) => void sent.push(message),
  });
  const facts = { reference: '47110815', fact: '1984-02-29' };
  const adopt = async (
    proofs: readonly { readonly proof: Parameters<LegacyEstate['migration']['adoptAccount']>[0]['proof'] }[],
  ) => {
    const [first, ...further] = proofs;
    if (!first) throw new Error('no proof');
    return estate.migration.adoptAccount({
      proof: first.proof,
      furtherProofs: further.map(({ proof }) => proof),
      journeyId: 'j',
      browserKey: 'b',
      newAccount: {
        email: 'anna@example.org',
        emailProvedAt: estate.clock.now,
        language: 'en',
        password: { hash: await estate.accounts.hashPassword('a password of her own'), belowPolicy: false },
      },
      meta: { actor: 'citizen' },
    });
  };

  it('M44: a code to the address on record and a fact bring it along; facts alone never do', async () => {
    const { proving } = estate.migration;
    expect(await proving.ways('pension-records')).toEqual(['old-system', 'reference-and-fact']);
    const byFact = await proving.answer({ ...attempt('reference-and-fact'), state: '', fields: facts });
    if (byFact.outcome !== 'match') throw new Error(byFact.outcome);
    expect(await proving.isEnough('pension-records', ['reference-and-fact'])).toBe(false);
    expect(await adopt([byFact])).toEqual({ outcome: 'needs-proof', of: 'legacy', because: 'not-enough' });

    const opened = await proving.start(attempt('old-system'));
    if (opened.outcome !== 'asks') throw new Error(opened.outcome);
    const asked = await proving.answer({
      ...attempt('old-system'),
      state: opened.state,
      fields: { login: '4711 0815', code: '' },
    });
    expect(asked).toMatchObject({ outcome: 'asks', prompt: { notice: 'new-letter-sent' } });
    const [letter] = sent;
    expect(letter).toMatchObject({ channel: 'post' });
    // Days lie between: another sitting, another form.
    const again = await proving.start(attempt('old-system'));
    if (again.outcome !== 'asks') throw new Error(again.outcome);
    const withCode = (code: string) =>
      proving.answer({ ...attempt('old-system'), state: again.state, fields: { login: '47110815', code } });
    expect(await withCode('AAAA-BBBB-CCCC')).toEqual({ outcome: 'mismatch' });
    const byPost = await withCode(letter?.code ?? '');
    if (byPost.outcome !== 'match') throw new Error(byPost.outcome);
    expect(byPost).toMatchObject({ kind: 'posted-code', carriesPassword: false });
    expect(await adopt([byPost])).toEqual({ outcome: 'needs-proof', of: 'legacy', because: 'not-enough' });
    expect(await adopt([byPost, byFact])).toMatchObject({ outcome: 'adopted', created: true, assurance: 'Cl' });
  });
});
