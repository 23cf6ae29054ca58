import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 4;
const LOOK_EVERY = 64;

/** Runs a step many times, and lets others have the event loop every few milliseconds: old hashes are loops in JS. */
export async function repeat(times: number, step: (index: number) => void): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (let index = 0; index < times; index += 1) {
    step(index);
    if (index % LOOK_EVERY !== LOOK_EVERY - 1 || performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + SLICE_MS;
  }
}
