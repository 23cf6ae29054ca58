import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { createSigningKey, type KeyState, listSigningKeys, SIGNING_ALGS, type SigningAlg } from './signing-keys.ts';

/** How long services may hold a key set before they fetch it again; discovery says so in Cache-Control. */
export const JWKS_MAX_AGE_SECONDS = 600;
/** After this no token that a retiring key signed is alive: the longest-lived ID or logout token, and clock skew. */
const RETIRING_SECONDS = 3600 + 600;

export interface RotationOutcome {
  readonly promoted: readonly string[];
  readonly created: readonly string[];
  readonly retired: readonly string[];
}

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

/** Makes sure that each algorithm has a key that signs and one that waits, published, for the next rotation. */
export async function ensureSigningKeys({ db, keyRing, now }: Deps): Promise<readonly string[]> {
  const keys = await listSigningKeys(db);
  const wanted = SIGNING_ALGS.flatMap((alg) => (['active', 'next'] as const).map((state) => ({ alg, state })));
  const missing = wanted.filter(({ alg, state }) => !keys.some((key) => key.alg === alg && key.state === state));
  if (missing.length === 0) return [];
  return db.transaction(async (tx) => {
    // Two nodes that start at once must not make two active keys: the table is taken for this short while.
    await tx.query({ text: 'LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE' });
    const present = await listSigningKeys(tx);
    const created: string[] = [];
    for (const { alg, state } of missing) {
      if (present.some((key) => key.alg === alg && key.state === state)) continue;
      created.push(await createSigningKey(tx, keyRing, { alg, state, at: now() }));
    }
    return created;
  });
}

/**
 * One step of rotation for every algorithm: the waiting key begins to sign, the signing one retires, a new one waits;
 * keys that retired long enough ago are erased. Nothing that was signed before stops verifying.
 * @throws LatchkeyError `conflict` when the waiting key was published too recently and `force` is not set.
 */
export async function rotateSigningKeys(
  { db, keyRing, now }: Deps,
  { actor, force = false }: { actor: string; force?: boolean },
): Promise<RotationOutcome> {
  await ensureSigningKeys({ db, keyRing, now });
  return db.transaction(async (tx) => {
    await tx.query({ text: 'LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE' });
    const at = now();
    const promoted: string[] = [];
    const created: string[] = [];
    for (const alg of SIGNING_ALGS) {
      promoted.push(await promote(tx, alg, { at, force }));
      created.push(await createSigningKey(tx, keyRing, { alg, state: 'next', at }));
    }
    const retired = await retireOld(tx, at);
    await appendAudit(tx, {
      chain: 'system',
      type: 'keys.activated',
      actor,
      detail: { promoted: promoted.join(' '), retired: retired.join(' ') },
    });
    return { promoted, created, retired };
  });
}

async function promote(tx: Transaction, alg: SigningAlg, { at, force }: { at: Date; force: boolean }): Promise<string> {
  const next = (await listSigningKeys(tx)).find((key) => key.alg === alg && key.state === 'next');
  if (!next) throw new LatchkeyError('conflict', `There is no waiting ${alg} key to rotate to.`);
  const age = (at.getTime() - next.stateSince.getTime()) / 1000;
  if (age < JWKS_MAX_AGE_SECONDS && !force) {
    const wait = Math.ceil(JWKS_MAX_AGE_SECONDS - age);
    throw new LatchkeyError(
      'conflict',
      `The waiting ${alg} key was published ${Math.floor(age)} s ago; services may not know it yet. Try again in ${wait} s, or use --force.`,
    );
  }
  await setState(tx, { alg, from: 'active', to: 'retiring', at });
  await setState(tx, { alg, from: 'next', to: 'active', at });
  return next.kid;
}

async function setState(
  tx: Transaction,
  { alg, from, to, at }: { alg: SigningAlg; from: KeyState; to: KeyState; at: Date },
): Promise<void> {
  await tx.query({
    text: 'UPDATE signing_keys SET state = $3, state_since = $4 WHERE alg = $1 AND state = $2',
    values: [alg, from, to, at],
  });
}

async function retireOld(tx: Transaction, at: Date): Promise<string[]> {
  const rows = await tx.query<{ kid: string }>({
    text: `
      UPDATE signing_keys SET state = 'retired', state_since = $1, private_sealed = NULL
      WHERE state = 'retiring' AND state_since < $2 RETURNING kid`,
    values: [at, new Date(at.getTime() - RETIRING_SECONDS * 1000)],
  });
  return rows.map((row) => row.kid);
}
