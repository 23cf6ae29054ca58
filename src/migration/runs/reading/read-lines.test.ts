import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Line, MAX_LINE_BYTES, readLines } from './read-lines.ts';

async function linesOf(chunks: readonly Uint8Array[]): Promise<Line[]> {
  async function* stream() {
    yield* chunks;
    await Promise.resolve();
  }
  const lines: Line[] = [];
  for await (const block of readLines(stream())) lines.push(...block);
  return lines;
}

const cut = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

it('gives the same lines however the bytes are cut', async () => {
  const bytes = fc.array(fc.constantFrom(10, 13, 65, 0xc3, 0xa9, 0xff, 0xef, 0xbb, 0xbf), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (list, size) => {
      const whole = Uint8Array.from(list);
      const lines = await linesOf(cut(whole, size));
      expect(lines).toEqual(await linesOf([whole]));
      expect(lines.map(({ number }) => number)).toEqual(lines.map((_, n) => n + 1));
    }),
    { numRuns: 500 },
  );
});

it('K11: a line without end is one fault, and holds no memory', async () => {
  const mebibyte = Buffer.alloc(1 << 20, 0x61);
  async function* endless() {
    for (let n = 0; n < 200; n += 1) yield mebibyte;
    yield Buffer.from('\nlast');
    await Promise.resolve();
  }
  const before = process.memoryUsage().rss;
  const lines: Line[] = [];
  for await (const block of readLines(endless())) lines.push(...block);
  expect(lines).toEqual([
    { number: 1, text: undefined, fault: 'line-too-long', start: 'a'.repeat(256) },
    { number: 2, text: 'last' },
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
});

it('a bad line does not spoil its neighbours', async () => {
  const lines = await linesOf([
    Buffer.from('good\n'),
    Buffer.of(0xff, 0x0a),
    Buffer.from(`${'x'.repeat(MAX_LINE_BYTES)}x\nend`),
  ]);
  expect(lines.map(({ text, fault }) => fault ?? text)).toEqual(['good', 'bad-encoding', 'line-too-long', 'end']);
});
