import { setTimeout as sleep } from 'node:timers/promises';
import { type GoodLegacyHash, wrapWeak } from '../../accounts/index.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { GoodRow } from './judge-row.ts';

// More than most machines have cores, and fewer than the queue has places.
const AT_ONCE = 16;
const WAIT_MS = 50;

export interface RowWrapper {
  /** Each weak hash of these rows under argon2id; the slow ones are as they came. Once for a row, however often asked. */
  wrap(rows: readonly GoodRow[]): Promise<ReadonlyMap<GoodRow, GoodLegacyHash>>;
}

/** No bare weak digest is ever written: what is to be stored of a weak one is made here, between planning and sealing. */
export function createRowWrapper(work: PasswordWork): RowWrapper {
  const kept = new WeakMap<GoodRow, GoodLegacyHash>();
  return {
    async wrap(rows) {
      const weak = rows.flatMap((row) => (row.hash?.weak && !kept.has(row) ? [{ row, hash: row.hash }] : []));
      const next = weak.values();
      const wrapOneByOne = async (): Promise<void> => {
        for (const { row, hash } of next) kept.set(row, await inItsTurn(() => wrapWeak(work, hash)));
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, weak.length) }, wrapOneByOne));
      return new Map(rows.flatMap((row) => (row.hash ? [[row, kept.get(row) ?? row.hash] as const] : [])));
    },
  };
}

/** Sign-ins in the same process go first: an import that finds the queue full waits. */
export async function inItsTurn<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'busy') throw error;
      await sleep(WAIT_MS);
    }
  }
}
