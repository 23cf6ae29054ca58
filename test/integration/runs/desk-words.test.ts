import { expect, it } from 'vitest';
import { noteMessages, rejectMessages } from '../../../src/migration/runs/row-codes.ts';
import type { MatchCode } from '../../../src/migration/runs/phases/decide-row.ts';
import { sayCode } from '../../../src/operators/migration-desk/run/say-codes.ts';

const MATCHES = {
  login_taken: true,
  linked_differs: true,
  was_released: true,
  was_retired: true,
  is_organisation: true,
  followed_since: true,
  email_on_account: true,
  email_shared: true,
} as const satisfies Record<MatchCode, true>;

it('has words for every code that a row can have', () => {
  for (const code of Object.keys({ ...rejectMessages, ...noteMessages, ...MATCHES }))
    expect(sayCode((key) => key, code)).toBe(`operators.migrationDesk.codes.${code}`);
  expect(sayCode((key) => key, 'newer_than_the_words')).toBe('newer_than_the_words');
});
