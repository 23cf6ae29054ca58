export type LegacyState = 'waiting' | 'adopted' | 'released' | 'retired' | 'refused' | 'organised';

/**
 * Every move that an old account can make, from → to. `refused` comes from its source and may be taken back by it. One
 * that was linked is never `waiting` again: released, it must be proved anew by whoever wants it (linking-attacks 14).
 * `organised`: it became an organisation and is nobody's; operators may undo that, and then it is released.
 * Disabled accounts are no state of ours: the source says so beside it, and nothing is linked while it does.
 */
export const MOVES = {
  waiting: ['adopted', 'organised', 'refused', 'retired'],
  adopted: ['released'],
  released: ['adopted', 'organised', 'retired'],
  organised: ['released'],
  retired: [],
  refused: ['waiting', 'retired'],
} as const satisfies Record<LegacyState, readonly LegacyState[]>;

/** From where a state can be reached: what a compare-and-set must find. */
export function statesBefore(to: LegacyState): readonly LegacyState[] {
  return STATES.filter((from) => MOVES[from].some((state) => state === to));
}

const STATES = [
  'waiting',
  'adopted',
  'released',
  'retired',
  'refused',
  'organised',
] as const satisfies readonly LegacyState[];
