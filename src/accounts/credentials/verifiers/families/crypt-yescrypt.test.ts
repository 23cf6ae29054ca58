import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Password } from '../scheme.ts';
import { CRYPT_YESCRYPT_ROWS } from './crypt-yescrypt.ts';

const [row] = CRYPT_YESCRYPT_ROWS;
const read = (parameters: string) => row.read(`$y$${parameters}$LdJMENpBABJJ3hIHjB1Bi.$${'.'.repeat(43)}`, {});
const typed: Password = { text: 'password', bytes: Buffer.from('password'), charset: 'utf-8' };

describe('yescrypt’s parameters', () => {
  it.each([
    ['j75', 10_928],
    ['j9T', 174_784],
    ['jBT', 699_072],
    ['j750./', 16_384],
  ])('%s costs %i', (parameters, cost) => {
    expect(read(parameters)).toMatchObject({ cost });
  });

  it.each([
    ['another flavour', 'h9T'],
    ['scrypt’s', '.9T'],
    ['upgraded', 'j9T1.'],
    ['a ROM', 'j9T5.'],
    ['cut in N', 'j'],
    ['cut in r', 'j9'],
    ['cut in a long number', 'j9z'],
    ['cut in p', 'j9T.'],
    ['more than it says', 'j9T..x'],
    ['more lanes than rows', 'j0/.zzzzzz'],
  ])('%s is malformed', (_name, parameters) => {
    expect(read(parameters)).toEqual({ problem: 'malformed' });
  });

  it('a salt that no bytes have is malformed', () => {
    expect(row.read(`$y$j75$abcdef$${'.'.repeat(43)}`, {})).toEqual({ problem: 'malformed' });
  });
});

async function countTurns(signal: AbortSignal): Promise<number> {
  let turns = 0;
  for (; !signal.aborted; turns += 1) await setImmediate();
  return turns;
}

describe('yescrypt’s work', () => {
  it('gives the event loop back all the time', async () => {
    const reading = read('j9T');
    if ('problem' in reading) throw new Error(reading.problem);
    const work = new AbortController();
    const others = countTurns(work.signal);
    await reading.compute(typed);
    work.abort();
    expect(await others).toBeGreaterThan(2);
  });

  it('two at once do not mix', async () => {
    const [first, second] = [read('j75'), read('j9T')];
    if ('problem' in first || 'problem' in second) throw new Error('problem');
    const alone = [await first.compute(typed), await second.compute(typed)];
    expect(await Promise.all([first.compute(typed), second.compute(typed)])).toEqual(alone);
  });

  it('what is behind a NUL was never hashed', async () => {
    const reading = read('j75');
    if ('problem' in reading) throw new Error(reading.problem);
    expect(await reading.compute({ ...typed, bytes: Buffer.from('a\0b') })).toBeUndefined();
  });
});
