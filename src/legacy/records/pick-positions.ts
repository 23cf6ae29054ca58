import { createHmac } from 'node:crypto';

export interface Pick {
  /** Secret, the same on all nodes. */
  readonly key: string;
  /** Of whom, as typed: nobody gets positions as well, and always the same (A11). */
  readonly login: string;
  /** How often an answer was right. It alone moves the positions: after a wrong answer the same ones are asked. */
  readonly uses: number;
  readonly of: number;
  readonly count: number;
}

/** Different positions from 0 to `of` - 1, in rising order, that can be told from random ones only with the key. */
export const pickPositions = ({ count, ...pick }: Pick): readonly number[] =>
  orderPositions(pick)
    .slice(0, count)
    .toSorted((a, b) => a - b);

/** All positions, each once, in an order of their own for every person. */
export function orderPositions({ key, login, uses, of }: Omit<Pick, 'count'>): readonly number[] {
  const order = Array.from({ length: of }, (_, position) => ({
    position,
    rank: rankOf({ key, login, uses, position }),
  }));
  return order.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ position }) => position);
}

const rankOf = ({ key, ...what }: Omit<Pick, 'of' | 'count'> & { readonly position: number }): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([what.login.toLowerCase(), what.uses, what.position]))
    .digest('hex');
