import type { Transaction } from '../../platform/postgres/database.ts';
import { findSectorMove, type SectorMoveRow } from '../store/sector-move-rows.ts';
import { writeSubjectMoves } from '../store/subject-move-rows.ts';
import { claimSubject, copySubjects, findSubject, insertSubject, knownSubjects } from '../store/subject-rows.ts';
import { deriveSubject } from './derive-subject.ts';
import type { SubjectsDeps } from './subjects-deps.ts';

/**
 * The sub of an account in a sector that continues another one, written from what the old one knows it by; undefined when
 * the old one does not know it, or nothing is continued. A sign-in and the operator's batch come to the same answer.
 */
export async function continueSubject(
  deps: SubjectsDeps,
  tx: Transaction,
  { accountId, sector }: { readonly accountId: string; readonly sector: string },
): Promise<string | undefined> {
  const move = await findSectorMove(tx, sector);
  if (!move) return undefined;
  const known = await knownSubjects(tx, accountId, move.fromSector);
  if (!known.some(({ proper }) => proper)) return undefined;
  const subs = known.map(({ sub }) => sub);
  if (move.subs === 'kept' && (await claimAll(deps, tx, { accountId, sector, subs }))) {
    await copySubjects(tx, { accountId, from: move.fromSector, to: sector });
    return findSubject(tx, accountId, sector);
  }
  return giveNew(deps, tx, { accountId, move, subs });
}

interface Known {
  readonly accountId: string;
  readonly sector: string;
  readonly subs: readonly string[];
}

/** False when the new sector knows somebody else by one of these subs. */
async function claimAll(
  { keyRing, now }: SubjectsDeps,
  tx: Transaction,
  { accountId, sector, subs }: Known,
): Promise<boolean> {
  for (const sub of subs) {
    const subKey = keyRing.lookupKey('subject', sector, sub);
    if ((await claimSubject(tx, { subKey, accountId, sector, at: now() })) !== accountId) return false;
  }
  return true;
}

async function giveNew(
  deps: SubjectsDeps,
  tx: Transaction,
  { accountId, move, subs }: { accountId: string; move: SectorMoveRow; subs: readonly string[] },
): Promise<string | undefined> {
  const { fromSector, toSector: sector } = move;
  const at = deps.now();
  const sub = deriveSubject(deps, { accountId, sector });
  const subKey = deps.keyRing.lookupKey('subject', sector, sub);
  if ((await claimSubject(tx, { subKey, accountId, sector, at })) !== accountId) return undefined;
  const inserted = await insertSubject(tx, { accountId, sector, sub, origin: 'derived', source: undefined, at });
  const to = inserted ? sub : ((await findSubject(tx, accountId, sector)) ?? sub);
  const moves = subs.map((from) => ({ sector, fromSector, from, to, change: 'moved' }) as const);
  await writeSubjectMoves(tx, moves, at);
  return to;
}
