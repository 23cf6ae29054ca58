import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type LegacyEstate,
  bcryptOf,
  legacyEstate,
  rentPortal,
  ssha512Of,
} from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type LoginAndPassword, readKnownPairs } from './read-known-pairs.ts';

const meta = { actor: 'operator:test' };
const PEPPER = 'pepper that must not be shown';
let database: TestDatabase;
let estate: LegacyEstate;
let sources = 0;

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db, { sourceSecrets: { pepper: PEPPER } });
});
beforeEach(() => {
  estate.events.length = 0;
});
afterAll(() => database.drop());

async function newSource(changes: Record<string, unknown> = {}): Promise<string> {
  const source = `pairs-${(sources += 1)}`;
  const columns = { id: 'id', login: 'login', hash: 'hash', ...(changes['salted'] === true && { salt: 'salt' }) };
  const { salted: _, ...rest } = changes;
  const definition = rentPortal({ source, file: { format: 'csv', columns }, knownPairs: 'required', ...rest });
  expect(await estate.migration.sources.add(definition, meta)).toMatchObject({ outcome: 'added' });
  return source;
}

function importWith(source: string, csv: string, pairs: readonly LoginAndPassword[] | undefined) {
  const knownPairs = pairs && { pairs, stream: Readable.from([Buffer.from(csv)]) };
  return estate.importText(csv, { source, knownPairs });
}

async function written(source: string): Promise<number> {
  const [row] = await database.db.query<{ n: number }>({
    text: `SELECT ((SELECT count(*) FROM legacy_accounts WHERE source = $1) + (SELECT count(*) FROM imports WHERE source = $1)
                 + (SELECT count(*) FROM audit_events WHERE chain_id = 'source:' || $1 AND type <> 'source.added'))::int AS n`,
    values: [source],
  });
  return row!.n;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const passwords = { ann: 'Llanelli 1999', bob: 'hen gyfrinair', cyn: 'a third one' };
const pairs = Object.entries(passwords).map(([login, password]) => ({ login, password }));
const csvOf = (hashOf: (password: string, login: string) => string): string =>
  [
    'id,login,hash',
    ...Object.entries(passwords).map(([login, word], n) => `${n},${login},${hashOf(word, login)}`),
  ].join('\n');

describe('A7: the known-pair gate of an import', () => {
  it('lets a file in when every pair verifies, of whatever scheme', async () => {
    const source = await newSource();
    const csv = csvOf((word, login) => (login === 'ann' ? ssha512Of(word) : bcryptOf(word)));
    expect(await importWith(source, csv, pairs)).toMatchObject({ outcome: 'imported', created: 3 });
    const upper = pairs.map(({ login, password }) => ({ login: ` ${login.toUpperCase()}`, password }));
    expect(await importWith(source, csv, upper)).toMatchObject({ outcome: 'imported', unchanged: 3 });
  });

  it('is shut when they are missing, empty or given twice', async () => {
    const source = await newSource();
    const csv = csvOf((word) => bcryptOf(word));
    for (const [given, code] of [
      [undefined, 'known_pairs_missing'],
      [[], 'known_pairs_missing'],
      [[pairs[0]!, { login: 'ANN', password: 'x' }], 'known_pairs_twice'],
    ] as const)
      expect(await importWith(source, csv, given)).toMatchObject({ outcome: 'refused', problems: [{ code }] });
    expect(await written(source)).toBe(0);
  });

  it('names how many fail and why, what would verify, and nothing of a pair; nothing is written', async () => {
    const scheme = { recipe: 'md5(salt.pass.pepper)', pepper: { secret: 'pepper' } };
    const source = await newSource({ scheme, salted: true });
    const rows = Object.entries(passwords).map(([login, word]) => `${login},${login},${md5(`${word}${PEPPER}`)},s4lt`);
    const csv = ['id,login,hash,salt', ...rows, 'dee,dee,!,s', 'eve,eve,cut,s'].join('\n');
    const given = [...pairs, ...['dee', 'eve', 'fay'].map((login) => ({ login, password: 'Aberystwyth' }))];
    const outcome = await importWith(source, csv, given);
    expect(outcome).toMatchObject({ outcome: 'refused' });
    const said = JSON.stringify(outcome);
    expect(said).toMatch(
      /6 of 6 do not verify \(hash_disabled 1, not-in-file 1, mismatch 3, malformed 1\)\. Nothing was imported/,
    );
    for (const secret of [...Object.values(passwords), 'Aberystwyth', PEPPER, 'ann', 'fay'])
      expect(said).not.toContain(secret);
    expect(await written(source)).toBe(0);

    const found = await importWith(source, csv, pairs);
    const codes = found.outcome === 'refused' ? found.problems.map(({ code }) => code) : [];
    expect(codes.slice(0, 2)).toEqual(['known_pairs_fail', 'would_verify']);
    expect(JSON.stringify(found)).toContain(
      JSON.stringify('{"recipe":"md5(pass.pepper)","pepper":{"secret":"pepper"}}').slice(1, -1),
    );
    expect(JSON.stringify(found)).not.toContain(PEPPER);
    expect(await written(source)).toBe(0);
  });

  it('one wrong pair among good ones shuts it, also in a rehearsal and where it was not asked for', async () => {
    const source = await newSource({ scheme: 'hex-md5' });
    const csv = csvOf((word) => md5(word));
    const { knownPairs: _, ...asked } = (await estate.migration.sources.find(source))!.definition;
    await estate.migration.sources.add(asked, meta);
    const wrong = pairs.map((pair, n) => (n === 1 ? { ...pair, password: 'Hen gyfrinair' } : pair));
    const knownPairs = { pairs: wrong, stream: Readable.from([Buffer.from(csv)]) };
    expect(await estate.importText(csv, { source, knownPairs, rehearse: true })).toMatchObject({ outcome: 'refused' });
    expect(await importWith(source, csv, wrong)).toMatchObject({ outcome: 'refused' });
    expect(await importWith(source, csv, pairs)).toMatchObject({ outcome: 'imported', created: 3 });
  });
});

describe('a file of pairs', () => {
  it.each([
    [
      'login,password\nann,"a, ""b"" "\n\nbob, x \r\n',
      [
        { login: 'ann', password: 'a, "b" ' },
        { login: 'bob', password: ' x ' },
      ],
    ],
    ['\ufeff{"login":"ann","password":" x"}\n', [{ login: 'ann', password: ' x' }]],
    ['login,password\n', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(readKnownPairs(text)).toEqual({ pairs: expected });
  });

  it.each([
    ['name;secret\nann;topsecret', /header/],
    ['login,password\nann,topsecret,x', /^Line 2 /],
    ['{"login":"ann","password":""}', /^Line 1 /],
    ['{"login":"ann","password":"topsecret"', /^Line 1 /],
    [`login,password\n${'ann,topsecret\n'.repeat(101)}`, /More than 100/],
  ])('%j is refused by line, and not quoted', (text, message) => {
    const read = readKnownPairs(text);
    expect(read).toMatchObject({ problems: [{ message: expect.stringMatching(message) }] });
    expect(JSON.stringify(read)).not.toContain('topsecret');
  });
});
