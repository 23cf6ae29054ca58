import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { isHeld } from './stored-secret.ts';

const context = { secret: (name: string) => `key of ${name}` };
const record = { accountKey: '4711', login: 'anna', extras: { salt: 'NaCl' } };
const held = (text: string | Buffer, algorithm = 'sha1') => createHash(algorithm).update(text).digest();

it('compares digests in hex and base64, of any case, with salt, login and id in their places', () => {
  const digest = {
    as: 'digest',
    column: 'x',
    algorithm: 'sha1',
    input: '{id}/{salt}/{secret}/{login}',
    saltColumn: 'salt',
  } as const;
  const stored = held('4711/NaCl/2468/anna');
  for (const written of [stored.toString('hex'), stored.toString('hex').toUpperCase(), stored.toString('base64')])
    expect(isHeld(context, digest, '2468', { record, stored: written })).toBe(true);
  expect(isHeld(context, digest, '2469', { record, stored: stored.toString('hex') })).toBe(false);
});

it('puts what was typed in its place once: braces in it stand for nothing', () => {
  const digest = { as: 'digest', column: 'x', algorithm: 'md5', input: '{secret}{salt}', saltColumn: 'salt' } as const;
  expect(isHeld(context, digest, '{salt}', { record, stored: held('{salt}NaCl', 'md5').toString('hex') })).toBe(true);
  expect(isHeld(context, digest, '$&', { record, stored: held('$&NaCl', 'md5').toString('hex') })).toBe(true);
});

it('makes bytes of text as the old system did', () => {
  const digest = { as: 'digest', column: 'x', algorithm: 'sha512', encoding: 'utf16le' } as const;
  const stored = held(Buffer.from('Gŵyr', 'utf16le'), 'sha512').toString('base64');
  expect(isHeld(context, digest, 'Gŵyr', { record, stored })).toBe(true);
});

it.each(['', undefined, 'NULL', 'd41d8cd98f00b204', '0e462097431906509019562988736854'])(
  'LA28: nothing is held in %j, whatever is typed',
  (stored) => {
    for (const typed of ['240610708', 'NULL', '0'])
      expect(isHeld(context, { as: 'digest', column: 'x', algorithm: 'md5' }, typed, { record, stored })).toBe(
        stored === '0e462097431906509019562988736854' && typed === '240610708',
      );
    expect(isHeld(context, { as: 'text', column: 'x' }, '', { record, stored })).toBe(false);
  },
);
