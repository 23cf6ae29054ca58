import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDigests } from '../primitives/digests.ts';
import { type RecipeForm, parseRecipe } from './parse-recipe.ts';
import { runRecipe } from './run-recipe.ts';

const hex = (name: string, ...parts: (string | Buffer)[]): string =>
  createHash(name)
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest('hex');

beforeAll(loadDigests);

async function run(text: string, inputs: object = {}, form: RecipeForm = {}): Promise<string | undefined> {
  const parsed = parseRecipe(text, form);
  if (parsed.outcome === 'problem') throw new Error(JSON.stringify(parsed.problem));
  const result = await runRecipe(parsed.recipe, { pass: 'pâss', salt: 's', charset: 'utf-8', ...inputs });
  return parsed.recipe.root.kind === 'digest' ? result?.toString('hex') : result?.toString();
}

describe('recipes', () => {
  it.each([
    ['md5(pass.salt)', hex('md5', 'pâsss')],
    ['md5(md5(pass).salt)', hex('md5', `${hex('md5', 'pâss')}s`)],
    ['sha256(salt.upper(sha1(pass)))', hex('sha256', `s${hex('sha1', 'pâss').toUpperCase()}`)],
    ['sha1(raw(sha1(pass)))', hex('sha1', createHash('sha1').update('pâss').digest())],
    ['sha1(utf16le(pass).salt)', hex('sha1', Buffer.from('pâss', 'utf16le'), 's')],
    ['sha1(utf16be(pass))', hex('sha1', Buffer.from('pâss', 'utf16le').swap16())],
    ['md5(latin1(pass))', hex('md5', Buffer.from('pâss', 'latin1'))],
    ['md5("--" . salt . "--" . pass . "--")', hex('md5', '--s--pâss--')],
    ['md5("\\x41\\"\\\\".pass)', hex('md5', 'A"\\pâss')],
    ['hmac(sha512, salt, pass)', createHmac('sha512', 's').update('pâss').digest('hex')],
    ['HEX(md5(pass))', hex('md5', 'pâss').toUpperCase()],
    ['base64(md5(pass))', createHash('md5').update('pâss').digest('base64')],
    ['cut(md5(pass), 8, 16)', hex('md5', 'pâss').slice(8, 24)],
    ['md5(reverse(upper(trim(pass))))', hex('md5', 'SSÂP')],
    [
      'iterate(3, pass, md5(raw(prev).salt))',
      [1, 2, 3]
        .reduce((last) => createHash('md5').update(last).update('s').digest(), Buffer.from('pâss'))
        .toString('hex'),
    ],
    ['sha256(pad(pass, 16))', hex('sha256', 'pâss', Buffer.alloc(11))],
    ['ripemd160(pass)', hex('ripemd160', 'pâss')],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toBe(expected);
  });

  it('md4 and whirlpool, which OpenSSL 3 blocks, by their published answers', async () => {
    expect(await run('md4(pass)', { pass: 'abc' })).toBe('a448017aaf21d8525fc10ae87aa6729d');
    expect(await run('whirlpool(pass)', { pass: '' })).toMatch(/^19fa61d75522a466/);
  });

  it('a password that the character set does not have gives nothing', async () => {
    expect(await run('md5(pass)', { pass: 'ж', charset: 'latin-1' })).toBeUndefined();
  });

  it.each([
    ['md5(pass', 8, 'expected ")"'],
    ['md5(pass))', 9, 'expected the end'],
    ['md5(password)', 4, '"password" is no input'],
    ['md6(pass)', 0, '"md6" is no function'],
    ['constructor(pass)', 0, '"constructor" is no function'],
    ['__proto__(pass)', 0, 'an unexpected character'],
    ['md5(pass."x)', 9, 'a text without its end'],
    ['pass', 0, 'the result is no digest'],
    ['hex(pass)', 0, 'the result is no digest'],
    ['pass.md5(salt)', 0, 'the result is no digest'],
    ['md5(salt)', 0, 'a recipe without pass'],
    ['cut(md5(pass), 0, 8)', 0, 'a result under 16 characters'],
    ['cut(md5(pass), 20, 32)', 0, 'a result under 16 characters'],
    ['upper(utf16le(pass))', 6, 'these are bytes'],
    ['raw(pass)', 4, 'raw() takes a digest'],
    ['md5(prev.pass)', 4, 'prev outside the step'],
    ['iterate(100001, pass, md5(prev))', 8, 'more than 100000'],
    ['iterate(99999999, pass, md5(prev))', 8, 'a number with too many digits'],
    ['iterate(2, pass, iterate(2, pass, md5(prev)))', 17, 'a second iterate()'],
    ['iterate(rounds, pass, md5(prev))', 8, 'expected a number'],
    [`${'md5('.repeat(13)}pass${')'.repeat(13)}`, 48, 'nested more than 12 deep'],
    [`md5(${'pass.'.repeat(70)}pass)`, 0, 'more than 64 parts'],
    [`md5("${'x'.repeat(600)}".pass)`, 512, 'longer than 512 characters'],
    ['process.exit(1)', 0, '"process" is no input'],
  ])('%s is refused at %i: %s', (text, position, message) => {
    const parsed = parseRecipe(text);
    expect(parsed).toEqual({ outcome: 'problem', problem: { position, message: expect.stringContaining(message) } });
  });

  it('no text at all makes the parser throw', () => {
    const piece = fc.constantFrom(
      'md5(',
      'pass',
      '.',
      ')',
      ',',
      '"',
      'hmac(',
      'iterate(',
      '9',
      'raw(',
      'salt',
      ' ',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const parsed = parseRecipe(text);
        const position = parsed.outcome === 'problem' ? parsed.problem.position : 0;
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThanOrEqual(Math.max(text.length, 512));
      }),
      { numRuns: 3000 },
    );
  });
});
