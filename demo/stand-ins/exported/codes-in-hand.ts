import { createHash } from 'node:crypto';
import { EXPORTED_ON as exportedOn, type ExportedSource } from './exported-source.ts';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const CELLS = Array.from({ length: 50 }, (_, index) => String(10 + index));
const email = 'anna@example.test';
const phone = '+447700900123';

/** M31 to M38: what reaches anna, or lies before her. */
export const codesInHand: readonly ExportedSource[] = [
  {
    method: 'M31',
    adapter: { family: 'code', method: 'M31', lifetimeMinutes: 15, exportedOn },
    login: 'anna',
    email,
    extras: {},
    tell: 'The link comes to her mailbox.',
  },
  {
    method: 'M32',
    adapter: { family: 'code', method: 'M32', exportedOn },
    login: 'anna',
    email,
    extras: {},
    tell: 'The code comes to her mailbox.',
  },
  {
    method: 'M33',
    adapter: { family: 'code', method: 'M33', alongside: 'password', exportedOn },
    login: 'anna',
    phone,
    extras: {},
    tell: 'The code comes to her mobile phone.',
  },
  {
    method: 'M34',
    adapter: { family: 'code', method: 'M34', by: 'call', exportedOn },
    login: 'anna',
    phone: '+442920345678',
    extras: {},
    tell: 'Her landline rings, and a voice says the code.',
  },
  {
    method: 'M35',
    adapter: {
      family: 'code',
      method: 'M35',
      held: { as: 'digest', column: 'letter', algorithm: 'sha256' },
      issuedColumn: 'posted',
      validDays: 28,
      tries: 5,
      ours: { keySecret: 'letter-key', addressColumns: ['street', 'town'], everyDays: 7 },
      exportedOn,
    },
    login: 'anna',
    // The old letter has ended long ago, as most will have: anna asks for one of ours.
    extras: {
      letter: createHash('sha256').update('K7QW2M9XPTR4').digest('hex'),
      posted: '2025-12-01',
      street: '1 High Street',
      town: 'Tregaron',
    },
    tell: 'Leave the code empty once: a letter is posted. Its code is good for 28 days.',
  },
  {
    method: 'M36',
    adapter: {
      family: 'code',
      method: 'M36',
      by: 'grid',
      alongside: 'password',
      held: { as: 'text', column: 'card' },
      rows: 10,
      columns: 5,
      form: 'in-order',
      asked: 3,
      uses: 200,
      tries: 10,
      positionsSecret: 'positions-key',
      exportedOn,
    },
    login: 'anna',
    extras: { card: CELLS.join(';') },
    tell: 'Her card counts from 10 in A1, row by row, five to a row: B1 is 11, A2 is 15, E10 is 59.',
  },
  {
    method: 'M37',
    adapter: { family: 'otp', method: 'M37', alongside: 'password', seedColumn: 'seed', seedAs: 'base32', exportedOn },
    login: 'anna',
    extras: { seed },
    tell: `Her app has the seed ${seed}.`,
  },
  {
    method: 'M38',
    adapter: {
      family: 'otp',
      method: 'M38',
      alongside: 'password',
      seedColumn: 'seed',
      seedAs: 'base32',
      counterColumn: 'counter',
      exportedOn,
    },
    login: 'anna',
    extras: { seed, counter: '0' },
    tell: 'Her token shows 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, one after the other.',
  },
];
