import { expect, it } from 'vitest';
import { createSeenTexts } from './seen-texts.ts';

const texts = Array.from({ length: 60_000 }, (_none, n) => `user.${n}`);
const given = texts.slice(0, 30_000);
const others = texts.slice(30_000);

it('knows every text it was given and no other, in memory and beyond it', () => {
  const seen = createSeenTexts(undefined, 4096);
  const early = given.filter((text) => {
    const was = seen.has(text);
    seen.add(text);
    return was;
  });
  expect(early).toEqual([]);
  expect(given.filter((text) => !seen.has(text))).toEqual([]);
  expect(others.filter((text) => seen.has(text))).toEqual([]);
  seen.close();
});

it('tells apart what differs by a zero, by order, or by where a pair of units is cut', () => {
  const seen = createSeenTexts();
  const alike = ['', '\0', '\0\0', 'a', 'a\0', '\0a', 'ab', 'ba', 'abc', 'ab\0c', 'é', 'e\u0301', '😀', '\ude00\ud83d'];
  for (const text of alike) {
    expect(seen.has(text)).toBe(false);
    seen.add(text);
  }
  seen.close();
});
