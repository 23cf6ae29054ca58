import { expect, it } from 'vitest';
import { settle } from './settle.ts';

const refuse = { served: 'both', whenAway: 'refuse' } as const;
const imported = { served: 'both', whenAway: 'imported' } as const;
const old = { served: 'old', whenAway: 'imported' } as const;
const fresh = { served: 'new', whenAway: 'refuse' } as const;

it.each([
  // who is served how, what was imported says, what the old system says, whose answer counts
  [refuse, true, 'yes', 'old'],
  [refuse, false, 'yes', 'old'],
  [refuse, true, 'no', 'nobody'],
  [refuse, false, 'no', 'nobody'],
  [refuse, true, 'away', 'unavailable'],
  [refuse, false, 'away', 'unavailable'],
  [imported, true, 'away', 'imported'],
  [imported, false, 'away', 'unavailable'],
  [imported, true, 'no', 'nobody'],
  [old, true, 'away', 'unavailable'],
  [old, true, 'no', 'nobody'],
  [old, false, 'yes', 'old'],
  [fresh, true, 'no', 'imported'],
  [fresh, false, 'yes', 'nobody'],
] as const)('%o, imported %s, old %s: %s', (how, isImported, said, settled) => {
  expect(settle(how, isImported, said)).toBe(settled);
});
