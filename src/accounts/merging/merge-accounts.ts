import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import type { HeldProof } from './account-proofs.ts';
import { decideMerge, type MergeFacts } from './decide-merge.ts';
import { undoableUntil } from './decide-unmerge.ts';
import { hasWayIn, join } from './join-and-part.ts';
import type { AccountProof, MergeDeclined, MergeRequest, MergeResult, PlanResult } from './merging.ts';
import type { MergingDeps } from './merging-deps.ts';
import { planMerge } from './plan-merge.ts';
import { recordMerge } from './record-merge.ts';
import type { Pair } from './sides.ts';
import { claimAbsorbed, mergesOf, type NewMerge, writeMerge } from './store/merge-ledger.ts';
import { type HeldSide, holdSide, readSide } from './store/read-side.ts';
import { writePair } from './store/write-pair.ts';

export interface MergeAct extends MergeRequest {
  readonly policyVersion: number;
  readonly meta: ActionMeta;
}

export async function planAccounts(deps: MergingDeps, request: MergeRequest): Promise<PlanResult> {
  const { db, keyRing } = deps;
  const survivor = await readSide(db, keyRing, request.survivor);
  const absorbed = await readSide(db, keyRing, request.absorbed);
  const decision = decideMerge(await factsOf(deps, db, { request, survivor, absorbed }));
  return decision.outcome === 'merge' ? { outcome: 'planned', plan: planMerge(decision.pair) } : decision;
}

export async function mergeAccounts(deps: MergingDeps, tx: Transaction, act: MergeAct): Promise<MergeResult> {
  // A proof is of one account: who holds that holds its proofs.
  const held = await holdBoth(deps, tx, act);
  const facts = await factsOf(deps, tx, { request: act, ...held });
  const decision = decideMerge(facts);
  const { survivor, absorbed } = held;
  const { survivor: survivorProof, absorbed: absorbedProof } = facts.proofs;
  if (decision.outcome !== 'merge' || !survivor || !absorbed || !survivorProof || !absorbedProof)
    return decline(
      tx,
      act,
      decision.outcome === 'merge' ? { outcome: 'refused', reason: 'account-unknown' } : decision,
    );

  const at = deps.now();
  const before = decision.pair;
  const { pair: after, entries } = join(before, timeText(at));
  if (!hasWayIn(after.survivor)) throw new Error('a merge would leave no way in');
  const merge = await newMerge(tx, act, { survivorProof, absorbedProof, at });
  if (!(await claimAbsorbed(tx, merge))) return decline(tx, act, { outcome: 'refused', reason: 'already-merged' });
  for (const { proofKey } of [survivorProof, absorbedProof]) await deps.proofs.consume(tx, proofKey, at);
  await writePair(tx, deps.keyRing, { before, after, keys: { survivor: survivor.key, absorbed: absorbed.key } });
  await writeMerge(tx, merge, { entries, key: absorbed.key });
  const { mergeId } = merge;
  const detail = { things: entries.length, policyVersion: act.policyVersion };
  const recorded = { type: 'account.merged', mergeId, before, after, detail, meta: act.meta, at } as const;
  return { outcome: 'merged', undoableUntil: undoableUntil(at), ...(await recordMerge(deps, tx, recorded)) };
}

interface Both {
  readonly survivor: HeldSide | undefined;
  readonly absorbed: HeldSide | undefined;
}

async function factsOf(
  { proofs, now }: MergingDeps,
  db: Queryable,
  { request, survivor, absorbed }: Both & { readonly request: MergeRequest },
): Promise<MergeFacts> {
  const read = (proof: AccountProof, accountId: string, held: HeldSide | undefined): Promise<HeldProof | undefined> => {
    const { journeyId, browserKey } = request;
    return proofs.read(db, proof, { journeyId, browserKey, accountId, version: held?.side.version ?? -1, now: now() });
  };
  return {
    sameAccount: request.survivor === request.absorbed,
    survivor: survivor?.side,
    absorbed: absorbed?.side,
    proofs: {
      survivor: await read(request.proofs.survivor, request.survivor, survivor),
      absorbed: await read(request.proofs.absorbed, request.absorbed, absorbed),
    },
  };
}

// Rows are held in the order of their keys, so that two merges that meet wait for each other instead of both failing.

export async function holdBoth(
  { keyRing }: Pick<MergingDeps, 'keyRing'>,
  tx: Transaction,
  ids: { readonly survivor: string; readonly absorbed: string },
): Promise<Both> {
  const held = new Map<string, HeldSide | undefined>();
  for (const accountId of [ids.survivor, ids.absorbed].toSorted())
    held.set(accountId, await holdSide(tx, keyRing, accountId));
  return { survivor: held.get(ids.survivor), absorbed: held.get(ids.absorbed) };
}

function evidence(of: keyof Pair, { method, level, provedAt }: HeldProof): object {
  return { of, method, level, at: provedAt };
}

async function newMerge(
  tx: Transaction,
  { survivor, absorbed, policyVersion, meta }: MergeAct,
  proved: { readonly survivorProof: HeldProof; readonly absorbedProof: HeldProof; readonly at: Date },
): Promise<NewMerge> {
  const [latest] = await mergesOf(tx, survivor);
  return {
    mergeId: uuidv7(proved.at.getTime()),
    survivorId: survivor,
    absorbedId: absorbed,
    seq: (latest?.seq ?? 0) + 1,
    proofs: [evidence('survivor', proved.survivorProof), evidence('absorbed', proved.absorbedProof)],
    policyVersion,
    by: meta.actor,
    at: proved.at,
  };
}

/** Tells the record of an attempt, if it was made by somebody who proved the account that was to stay. */
async function decline(tx: Transaction, act: MergeAct, declined: MergeDeclined): Promise<MergeDeclined> {
  if (declined.outcome === 'needs-proof' && declined.of === 'survivor') return declined;
  await appendAudit(tx, {
    chain: `account:${act.survivor}`,
    type: 'account.merge-refused',
    ...act.meta,
    accountId: act.survivor,
    detail: declined.outcome === 'refused' ? { reason: declined.reason } : { reason: 'needs-proof', of: declined.of },
  });
  return declined;
}

/** As Postgres writes it out: microseconds. */
function timeText(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}
