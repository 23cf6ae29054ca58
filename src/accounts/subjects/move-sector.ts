import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import { accountsToMove, findSectorMove, finishSectorMove, insertSectorMove } from '../store/sector-move-rows.ts';
import { continueSubject } from './continue-subject.ts';
import { isHeld } from './hold-account.ts';
import type { MoveSector, MoveSectorOutcome } from './subjects.ts';
import type { SubjectsDeps } from './subjects-deps.ts';

const PAGE = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

export async function moveSector(deps: SubjectsDeps, move: MoveSector, meta: ActionMeta): Promise<MoveSectorOutcome> {
  const refusal = await begin(deps, move, meta);
  if (refusal) return refusal;
  let moved = 0;
  // Until a whole round finds nobody: a merge may have given an account that was passed already a subject to move.
  for (let round = 1; round > 0; moved += round) round = await moveRound(deps, move);
  await deps.db.transaction(async (tx) => {
    await finishSectorMove(tx, move.to, deps.now());
    const detail = { from: move.from, to: move.to, subs: move.subs, moved };
    await appendAudit(tx, { chain: 'system', type: 'subject.sector-moved', ...meta, detail, at: deps.now() });
  });
  return { outcome: 'moved', moved };
}

async function begin(
  { db, now }: SubjectsDeps,
  move: MoveSector,
  meta: ActionMeta,
): Promise<Extract<MoveSectorOutcome, { outcome: 'refused' }> | undefined> {
  if (move.from === move.to) return { outcome: 'refused', reason: 'same-sector' };
  for (let at = move.from, seen = 0; ; seen += 1) {
    const earlier = await findSectorMove(db, at);
    if (!earlier) break;
    if (earlier.fromSector === move.to || seen > 50) return { outcome: 'refused', reason: 'would-go-round' };
    at = earlier.fromSector;
  }
  if (await insertSectorMove(db, { ...move, clientIds: move.clientIds, by: meta.actor, at: now() })) return undefined;
  const running = await findSectorMove(db, move.to);
  if (running?.fromSector === move.from && running.subs === move.subs) return undefined;
  return { outcome: 'refused', reason: 'already-continues-another' };
}

async function moveRound(deps: SubjectsDeps, move: MoveSector): Promise<number> {
  let moved = 0;
  for (let after = FIRST; ;) {
    const accountIds = await accountsToMove(deps.db, move, { after, limit: PAGE });
    const last = accountIds.at(-1);
    if (last === undefined) return moved;
    moved += await deps.db.transaction(async (tx) => {
      let count = 0;
      for (const accountId of accountIds) count += await moveOne(deps, tx, { accountId, sector: move.to });
      return count;
    });
    after = last;
  }
}

async function moveOne(
  deps: SubjectsDeps,
  tx: Transaction,
  subject: { readonly accountId: string; readonly sector: string },
): Promise<number> {
  // Who was closed or became part of another account has nothing to move any more.
  if (!(await isHeld(tx, subject.accountId))) return 0;
  return (await continueSubject(deps, tx, subject)) === undefined ? 0 : 1;
}
