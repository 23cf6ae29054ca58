import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { Verified } from '../adoption/verify-old-password.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import type { SaidAgain } from './ask-again.ts';
import { type Comparison, compareSides } from './compare-sides.ts';

export interface ShadowDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly oldSystems: { readonly onFault: (fault: unknown) => void };
  readonly now: () => Date;
}

export interface BothSaid {
  readonly source: string;
  readonly verified: Verified;
  readonly said: SaidAgain;
}

/** Places of the ring of disagreements: what one source can have at most. */
export const RING = 1000;
const HOUR_MS = 3_600_000;

/** Counts what both sides said. It never keeps anybody out: a count that fails is a fault for operators. */
export async function noteComparison(deps: ShadowDependencies, { source, verified, said }: BothSaid): Promise<void> {
  if (said.word === 'too-many') return;
  try {
    const comparison = compareSides({
      verified,
      said,
      keyOf: (accountKey) => legacyKeyOf(deps.keyRing, source, accountKey),
      personalOf: ({ row }) => openPersonal(deps.keyRing, row.legacyKey, row),
    });
    await count(deps, source, comparison);
    await keepDisagreements(deps, source, comparison);
  } catch (error) {
    deps.oldSystems.onFault(error);
  }
}

async function count({ db, now }: ShadowDependencies, source: string, { result, differs }: Comparison): Promise<void> {
  const hour = new Date(Math.floor(now().getTime() / HOUR_MS) * HOUR_MS);
  // In one order, so that two who count at once never wait for each other in a circle.
  const what = [result, ...differs.map((one) => `differs:${one}`)].toSorted();
  await db.query({
    name: 'shadow-count',
    text: `INSERT INTO shadow_counts AS c (source, hour, what, n)
           SELECT $1, $2, what, 1 FROM unnest($3::text[]) AS t (what)
           ON CONFLICT (source, hour, what) DO UPDATE SET n = c.n + 1`,
    values: [source, hour, what],
  });
}

async function keepDisagreements(
  { db, keyRing, now }: ShadowDependencies,
  source: string,
  { differs, legacyKey }: Comparison,
): Promise<void> {
  if (!legacyKey) return;
  for (const what of differs) {
    const slot = keyRing.lookupKey('shadow-slot', legacyKey.toString('hex'), what).readUInt32BE(0) % RING;
    await db.query({
      name: 'shadow-keep',
      text: `INSERT INTO shadow_disagreements AS d (source, slot, legacy_key, what, times, seen_at)
             VALUES ($1, $2, $3, $4, 1, $5)
             ON CONFLICT (source, slot) DO UPDATE SET legacy_key = $3, what = $4, seen_at = $5,
               times = CASE WHEN d.legacy_key = $3 AND d.what = $4 THEN d.times + 1 ELSE 1 END`,
      values: [source, slot, legacyKey, what, now()],
    });
  }
}
