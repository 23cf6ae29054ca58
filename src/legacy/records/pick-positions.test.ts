import { expect, it } from 'vitest';
import { orderPositions, pickPositions } from './pick-positions.ts';

const pick = { key: 'k'.repeat(32), login: 'anna', uses: 0, of: 10, count: 3 };

it('gives the same positions to the same person until they were right, each once and in order', () => {
  expect(pickPositions(pick)).toEqual(pickPositions({ ...pick, login: 'ANNA' }));
  for (let uses = 0; uses < 200; uses += 1) {
    const positions = pickPositions({ ...pick, uses });
    expect(new Set(positions).size).toBe(3);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions.every((position) => position >= 0 && position < 10)).toBe(true);
  }
});

it('moves with the person, the key and every right answer, over all positions alike', () => {
  const picks = (change: (turn: number) => Partial<typeof pick>) =>
    new Set(Array.from({ length: 50 }, (_, turn) => pickPositions({ ...pick, ...change(turn) }).join())).size;
  expect(picks((turn) => ({ login: `anna${turn}` }))).toBeGreaterThan(20);
  expect(picks((turn) => ({ key: String(turn).padStart(32) }))).toBeGreaterThan(20);
  expect(picks((uses) => ({ uses }))).toBeGreaterThan(20);
  const seen = Array.from({ length: 2000 }, (_, uses) => pickPositions({ ...pick, uses })).flat();
  for (let position = 0; position < 10; position += 1)
    expect(Math.abs(seen.filter((one) => one === position).length - 600)).toBeLessThan(100);
});

it('asks for all that there are when more are wanted', () => {
  expect(pickPositions({ ...pick, of: 2 })).toEqual([0, 1]);
  expect(orderPositions(pick).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
