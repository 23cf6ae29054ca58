/** Maps a value from 0…max to a length, and never leaves it. */
export const share = (value: number, max: number): number => (max > 0 ? Math.min(1, Math.max(0, value / max)) : 0);

/** Round values from 0 to at least `max`, about `count` of them: 0, 50, 100, 150. */
export function roundTicks(max: number, count: number): readonly number[] {
  const top = Math.max(max, 1);
  const rough = top / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  const last = Math.ceil(top / step);
  return Array.from({ length: last + 1 }, (_, index) => index * step);
}
