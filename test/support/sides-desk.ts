import { countAnswer } from '../../src/migration/cutover/count-answers.ts';
import { type ChangingOldSystem, changingOldSystem } from './changing-old-system.ts';
import type { House } from '../../src/house.ts';

/** Sources that were exported and whose old system still runs. */
export interface SidesDesk {
  readonly old: ChangingOldSystem;
  /** What a definition says besides. */
  readonly changes: Record<string, unknown>;
  /** As if so many answers had been given just now. */
  came(source: string, kind: 'good' | 'failed' | 'away', times: number, of?: Came): Promise<void>;
}

interface Came {
  readonly side?: 'old' | 'new';
  readonly ms?: number;
}

export async function sidesDesk(house: () => Pick<House, 'db' | 'now'>): Promise<SidesDesk> {
  const old = await changingOldSystem();
  return {
    old,
    changes: {
      adapter: old.adapter,
      policy: { version: 2, proofs: ['old-password', 'old-sign-in'], assurance: 'Cl' },
    },
    async came(source, kind, times, { side = 'new', ms = 250 } = {}) {
      const { db, now } = house();
      // Ten seconds that began before the step did are not of it.
      const soon = (): Date => new Date(now().getTime() + 10_000);
      for (let time = 0; time < times; time += 1) await countAnswer({ db, now: soon }, { source, side, kind, ms });
    },
  };
}
