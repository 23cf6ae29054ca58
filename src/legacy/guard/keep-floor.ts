export interface Clock {
  /** Monotonic milliseconds of the clock that timers go by. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Waits until `floorMs` after `began`, to the next whole millisecond of the clock. A timer fires at whole milliseconds: one
 * that was set for "what is left" would fire a fraction earlier or later by how long the work took, and ten thousand
 * answers would show it.
 */
export async function keepFloor({ clock, sleep }: Clock, began: number, floorMs: number): Promise<void> {
  if (floorMs === 0) return;
  const end = Math.ceil(began + floorMs);
  for (let left = end - clock(); left > 0; left = end - clock()) await sleep(Math.ceil(left));
}
