import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OutcomeRow, OutcomesPage } from '../../src/migration/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { ssha512Of } from '../support/legacy-estate.ts';
import { BRYN, done, type RunDesk, runDesk } from '../support/run-desk.ts';

let desk: RunDesk;
let count = 0;
beforeAll(async () => {
  desk = await runDesk();
  await desk.db.transaction((tx) =>
    desk.accounts.create(tx, { email: 'known@example.org', language: 'en', password: undefined }, { actor: 'citizen' }),
  );
});
afterAll(() => desk.drop());

const BCRYPT = `$2y$10$${'a'.repeat(52)}e`;
const WEAK = ssha512Of('a weak one');

/** Few ids, user names and addresses, so that they meet; a batch ends after a thousand rows, so bad ones stand between them. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 11 }).map((login) => ({ login: `u${login}` })) },
  { weight: 2, arbitrary: fc.constantFrom('known', 'a', 'a', 'b').map((local) => ({ email: `${local}@example.org` })) },
  fc.constantFrom({ name: 'Änne' }, { hash: WEAK }, { hash: '?' }, { status: 'closed' }, { status: 'banned' }),
);
const person = fc.record({ id: fc.nat(11), change, junkAfter: fc.constantFrom(0, 0, 400, 999, 1000) });
const file = fc.record({
  people: fc.array(person, { minLength: 6, maxLength: 14 }),
  cohort: fc.constantFrom(10_000, 10_000, 4000),
  /** What becomes of some of them after it. */
  settle: fc.dictionary(fc.nat(11).map(String), fc.constantFrom('adopted', 'retired', 'refused'), { maxKeys: 3 }),
});

type File = typeof file extends fc.Arbitrary<infer T> ? T : never;

function csvOf({ people }: File): string {
  const lines = people.flatMap(({ id, change: changed, junkAfter }) => [
    Object.values({ id, login: `u${id}`, hash: BCRYPT, email: '', name: 'Ann', status: 'live', ...changed }).join(','),
    ...Array.from({ length: junkAfter }, () => 'x'),
  ]);
  return ['id,login,hash,email,name,status', ...lines, ''].join('\n');
}

const said = async (runId: string, pass: 'rehearsal' | 'run') => {
  const all: OutcomeRow[] = [];
  let after: OutcomesPage['next'];
  do {
    const page = await desk.runs.outcomes({ runId, pass, limit: 10_000, after });
    all.push(...page.rows);
    after = page.next;
  } while (after);
  return all.filter(({ code }) => code !== 'column_count');
};

async function settle(source: string, id: string, state: string): Promise<void> {
  await desk.db.query({
    text: `UPDATE legacy_accounts SET state = $2, account_id = CASE WHEN $2 = 'adopted' THEN $3::uuid END,
                  links_made = CASE WHEN $2 = 'adopted' THEN 1 ELSE links_made END,
                  verifier_sealed = CASE WHEN $2 = 'adopted' THEN NULL ELSE verifier_sealed END
           WHERE legacy_key = $1 AND state IN ('waiting', 'refused')`,
    values: [legacyKeyOf(desk.keyRing, source, id), state, randomUUID()],
  });
}

it('E7: a rehearsal says row by row what the run then does, and changes nothing', { timeout: 120_000 }, async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 3 }), async (files) => {
      const columns = { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' };
      const statuses = { live: 'active', closed: 'disabled', banned: 'refused' };
      const source = await desk.newSource(`rehearsed-${(count += 1)}`, { file: { format: 'csv', columns, statuses } });
      for (const one of files) {
        const before = await desk.ledger(source);
        const { runId } = await desk.planned([await desk.file(source, csvOf(one))], one.cohort);
        await desk.bring(runId, 'rehearsed');
        expect(await desk.ledger(source)).toEqual(before);
        done(await desk.runs.approve(runId, BRYN, { olderFile: false }));
        const ran = await desk.bring(runId, 'reconciled');
        expect(ran.state).toBe('reconciled');
        const rehearsed = await said(runId, 'rehearsal');
        expect(await said(runId, 'run')).toEqual(rehearsed);
        expect(ran.parts[0]?.counts.run).toMatchObject({
          outcomes: ran.parts[0]?.counts.rehearse?.outcomes,
          codes: ran.parts[0]?.counts.rehearse?.codes,
        });
        for (const { outcome, code } of rehearsed) met.add(`${outcome} ${code ?? ''}`.trim());
        for (const [id, state] of Object.entries(one.settle)) await settle(source, id, state);
      }
    }),
    // Ten random histories miss one of the kinds below now and then: these do not.
    { numRuns: 10, seed: 3 },
  );
  // The histories were worth the while.
  for (const kind of [
    'new',
    'changed',
    'unchanged',
    'outside',
    'rejected login_taken',
    'needs-proof email_on_account',
    'needs-proof email_shared',
  ])
    expect(met).toContain(kind);
});

it('E7: user names that go from one to the next, over several batches, are rehearsed as they are run', async () => {
  const source = await desk.newSource('chain');
  const junk = 'x\n'.repeat(999);
  const csv = (logins: readonly (readonly [string, string])[]): string =>
    `id,login,hash,email,name,status\n${logins
      .map(([id, login]) => `${id},${login},${BCRYPT},,Ann,live\n${junk}`)
      .join('')}`;
  await desk.finished([
    await desk.file(
      source,
      csv([
        ['1', 'a'],
        ['2', 'b'],
        ['3', 'c'],
        ['4', 'd'],
      ]),
    ),
  ]);
  // 1 gives up a, which 2 takes, whose b 3 takes, whose c a new one takes; 4 wants what 9 has just taken.
  const next = csv([
    ['1', 'z'],
    ['2', 'a'],
    ['3', 'b'],
    ['9', 'c'],
    ['4', 'e'],
  ]);
  const run = await desk.finished([await desk.file(source, next)]);
  const rehearsed = await said(run.runId, 'rehearsal');
  expect(rehearsed.map(({ outcome }) => outcome)).toEqual(['changed', 'changed', 'changed', 'new', 'changed']);
  expect(await said(run.runId, 'run')).toEqual(rehearsed);
  // In the other order nobody has given anything up yet.
  const back = await desk.finished([
    await desk.file(
      source,
      csv([
        ['9', 'b'],
        ['3', 'a'],
        ['2', 'z'],
        ['1', 'y'],
      ]),
    ),
  ]);
  const taken = await said(back.runId, 'rehearsal');
  expect(taken.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'rejected', 'changed']);
  expect(await said(back.runId, 'run')).toEqual(taken);
});
