import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LegacyEstate, legacyEstate, rentPortal } from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { checkDefinition } from './check-definition.ts';
import { loginForm } from './normalise-login.ts';

let database: TestDatabase;
let estate: LegacyEstate;
const meta = { actor: 'operator:test' };

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db);
});
afterAll(() => database.drop());

const codes = (changes: Record<string, unknown>): string[] => {
  const checked = checkDefinition(rentPortal(changes));
  return checked.outcome === 'valid' ? [] : checked.problems.map(({ code }) => code);
};
const identifier = { label: { en: 'Number' }, normalise: [] };
const file = { format: 'csv', columns: { id: 'id', hash: 'hash' } };

const salted = { ...file, columns: { ...file.columns, salt: 'salt' } };

const noPassword = { scheme: 'none', file: { format: 'csv', columns: { id: 'id' } } };
const policy = (changes: Record<string, unknown>) => ({ policy: { version: 1, assurance: 'Cl', ...changes } });

describe('a definition', () => {
  it.each([
    [{}, []],
    [{ identifier: { ...identifier, normalise: ['lower-case', 'upper-case'] } }, ['two_cases']],
    [{ identifier: { ...identifier, pattern: '(a+)+' } }, ['pattern_unsafe']],
    [{ identifier: { ...identifier, pattern: '(?=a)' } }, ['pattern_unsafe']],
    [{ identifier: { ...identifier, pattern: '[' } }, ['pattern_unsafe']],
    [{ identifier: { ...identifier, pattern: '[A-Z]{2}[0-9]{6}' } }, []],
    [{ file: { ...file, statuses: { a: 'active' } } }, ['statuses_incomplete']],
    [{ file: salted }, ['column_unused']],
    [{ file: salted, scheme: 'salted-sha512' }, ['salt_incomplete']],
    [{ file: { ...salted, saltOrder: 'password-salt' }, scheme: 'vbulletin' }, ['salt_order_unused']],
    [{ file: salted, scheme: 'vbulletin' }, []],
    [{ scheme: 'vbulletin' }, ['side_missing']],
    [{ scheme: 'htdigest' }, ['side_missing']],
    [{ scheme: { scheme: 'htdigest', realm: 'staff' } }, []],
    [{ scheme: { scheme: 'hex-md5', charsets: ['windows-1252'], trim: true } }, []],
    [{ scheme: { recipe: 'md5(salt.pass)' } }, ['side_missing']],
    [{ scheme: { recipe: 'md5(salt.pass)', salt: { secret: 'site-salt' } } }, []],
    [{ scheme: { recipe: 'md5(pepper.user.pass)', pepper: 'in clear' } }, ['shape_type']],
    [{ scheme: { recipe: 'iterate(rounds, pass, md5(prev))' } }, ['side_missing']],
    [{ scheme: { recipe: 'md5(salt)' } }, ['recipe_invalid']],
    [{ scheme: { recipe: 'md5(pass)', scheme: 'hex-md5' } }, ['scheme_or_recipe']],
    [{ scheme: { scheme: 'plaintext', decode: 'base64' } }, []],
    [{ scheme: { scheme: 'hex-md5', decode: 'base64' } }, ['decode_unused']],
    [{ scheme: { scheme: 'hex-md5', colour: 'red' } }, ['unknown_key']],
    [{ scheme: 'wrapped' }, ['scheme_unknown']],
    [{ scheme: 'none' }, ['hash_unused']],
    [{ scheme: 'none', file: { format: 'csv', columns: { id: 'id' } } }, []],
    [
      { scheme: 'none', file: { format: 'csv', columns: { id: 'id' } }, knownPairs: 'required' },
      ['pairs_without_passwords'],
    ],
    [{ file: { format: 'csv', columns: { id: 'id' } } }, ['hash_column_missing']],
    [{ file: { ...file, extras: { pin: 'pin', memorableWord: 'word' } } }, []],
    [{ file: { ...file, extras: { 'no-hyphens': 'x' } } }, ['unknown_key']],
    [{ file: { ...file, format: 'ndjson', delimiter: ';' } }, ['delimiter_unused']],
    [
      { file: { ...file, format: 'ldif', quote: "'", header: false } },
      expect.arrayContaining(['quote_unused', 'header_unused']),
    ],
    [{ file: { ...file, encoding: 'utf-16le', quote: 'none', escape: 'backslash', maxBytes: 1e12 } }, []],
    [{ file: { ...file, encoding: 'ebcdic', quote: '`' } }, ['shape_enum', 'shape_enum']],
    [{ file: { format: 'csv', header: false, columns: { id: 1, hash: '2' } } }, []],
    [{ file: { format: 'csv', header: false, columns: { id: 1, hash: 'pw' } } }, ['column_not_a_number']],
    [{ file: { format: 'csv', header: false, columns: { id: 1, hash: '1' } } }, ['column_twice']],
    [{ file: { format: 'csv', columns: { id: 1, hash: 'pw' } } }, ['column_number_unused']],
    [{ file: { format: 'csv', columns: { id: 0, hash: '' } } }, ['shape_minimum', 'shape_minlength']],
    [{ file: { ...file, columns: { id: 'id', hash: 'id' } } }, ['column_twice']],
    [{ subjects: 'none' }, ['sectors_mismatch']],
    [{ colour: 'red' }, ['unknown_key']],
    [{ holder: 'person' }, []],
    [{ holder: 'club' }, ['shape_enum']],
    [{ holder: 'agent' }, []],
    [{ holder: 'agent', subjects: 'none' }, []],
    [{ holder: 'agent', subjects: 'none', sectors: [] }, ['sectors_missing']],
    [{ holder: 'organisation' }, ['shared_subject']],
    [{ holder: 'organisation', subjects: 'none' }, []],
    [{ holder: 'organisation', subjects: 'none', sectors: [] }, ['sectors_missing']],
    [{ holder: 'record' }, ['record_with_password', 'record_proof']],
    [{ holder: 'record', ...noPassword, ...policy({ proofs: ['posted-code'] }) }, []],
    [{ holder: 'record', ...noPassword, ...policy({ proofs: ['two-operators', 'old-sign-in'] }) }, ['record_proof']],
    [{ holder: 'record', ...noPassword, ...policy({ proofs: ['contact-code'] }) }, ['policy_unsatisfiable']],
    [
      { holder: 'record', ...noPassword, ...policy({ proofs: [{ kind: 'reference-and-fact', facts: ['name'] }] }) },
      ['fact_without_column', 'policy_unsatisfiable'],
    ],
    [policy({ proofs: ['old-password', { kind: 'old-password', seconds: 60 }] }), ['proof_twice']],
    [policy({ proofs: ['contact-code'] }), ['policy_unsatisfiable']],
    [policy({ proofs: ['old-password'], needed: 2 }), ['policy_unsatisfiable']],
    [policy({ proofs: ['old-password', 'reference-and-fact'] }), ['facts_missing']],
    [
      policy({ proofs: ['old-password', { kind: 'reference-and-fact', facts: ['postcode'] }] }),
      ['fact_without_column'],
    ],
    [policy({ proofs: ['contact-code', { kind: 'reference-and-fact', facts: ['name'] }] }), []],
    [policy({ proofs: ['service-attestation'] }), ['attesters_missing']],
    [policy({ proofs: ['old-password', { kind: 'contact-code', strength: 'full' }] }), ['strength_too_high']],
    [policy({ proofs: ['old-password'], proofSeconds: 601 }), ['shape_maximum']],
    [policy({ proofs: ['same-email'] }), ['shape_enum', 'shape_type', 'shape_anyof']],
    [{ source: 'UPPER', scheme: 'md5' }, ['shape_pattern', 'scheme_unknown']],
  ])('%j has the problems %j', (changes, expected) => {
    expect(codes(changes)).toEqual(expected);
  });

  it('gets a version with each change, is the same when it is the same, and is on record', async () => {
    expect(await estate.migration.sources.add(rentPortal(), meta)).toMatchObject({ outcome: 'added' });
    expect(await estate.migration.sources.add(rentPortal(), meta)).toMatchObject({ outcome: 'unchanged' });
    const changed = rentPortal({ department: 'Another' });
    expect(await estate.migration.sources.add(changed, meta)).toMatchObject({
      outcome: 'updated',
      source: { version: 2 },
    });
    await estate.migration.sources.suspend('rent-portal', meta);
    await estate.migration.sources.suspend('rent-portal', meta);
    await estate.migration.sources.open('rent-portal', meta);
    const events = await database.db.query<{ type: string }>({
      text: `SELECT type FROM audit_events WHERE chain_id = 'source:rent-portal' ORDER BY seq`,
    });
    expect(events.map(({ type }) => type)).toEqual([
      'source.added',
      'source.changed',
      'source.suspended',
      'source.opened',
    ]);
  });
});

it.each([
  [['trim', 'lower-case'], ' Ann.Example ', 'ann.example'],
  [['drop-spaces', 'drop-hyphens'], '1042 2334–455 5', '104223344555'],
  [['upper-case', 'drop-spaces'], 'ab 12 34 56 c', 'AB123456C'],
  [[], '\uff21\uff22', 'AB'],
])('a user name through %j: %j is compared as %j', (normalise, typed, compared) => {
  const steps = rentPortal({ identifier: { label: { en: 'x' }, normalise } });
  const checked = checkDefinition(steps);
  if (checked.outcome === 'invalid') throw new Error(JSON.stringify(checked.problems));
  expect(loginForm(checked.definition.identifier).normalise(typed)).toBe(compared);
});
