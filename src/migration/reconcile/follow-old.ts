import type { LegacyIdentity } from '../../legacy/index.ts';
import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { Sides } from '../cutover/sides.ts';
import { CARRIED_SCHEME } from '../ledger/move-legacy-account.ts';
import type { LegacyAccountRow } from '../ledger/read-legacy-account.ts';
import { type LegacyPersonal, openPersonal, sealPersonal, sealVerifier } from '../ledger/seal-legacy-row.ts';
import { isUsableEmail } from '../runs/usable-email.ts';
import { usablePhone } from '../runs/usable-phone.ts';

export interface Followed {
  readonly row: LegacyAccountRow;
  readonly sides: Sides;
  /** Who the old system has just said it is: this row. */
  readonly identity: LegacyIdentity;
  /** Argon2id of what it has taken, where what was imported did not take it. */
  readonly passwordHash: string | undefined;
  readonly correlationId: string;
}

type Deps = { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date };

/**
 * Brings a row that still waits up to what the old system says at a sign-in, where it holds the truth about that. By
 * compare-and-set: what an import or another sign-in wrote meanwhile stands. Adopted accounts are never followed: their
 * password is the new account's own.
 */
export async function followOld({ db, keyRing, now }: Deps, followed: Followed): Promise<void> {
  const { row } = followed;
  const { verifier, personal, what } = changesOf(keyRing, followed);
  if (verifier === undefined && what.length === 0) return;
  const values = [
    row.legacyKey,
    row.personalSealed,
    row.verifierSealed ?? null,
    personal ? sealPersonal(keyRing, row.legacyKey, row.dataKey, personal) : row.personalSealed,
    ...(verifier === undefined
      ? [row.verifierSealed ?? null, row.scheme ?? null]
      : [sealVerifier(keyRing, row.legacyKey, row.dataKey, verifier), CARRIED_SCHEME]),
    what.includes('status') ? 'active' : row.sourceStatus,
    now(),
  ];
  await db.transaction(async (tx) => {
    const written = await tx.query({ name: 'legacy-follow', text: FOLLOW, values });
    if (written.length === 0) return;
    const event = { chain: `source:${row.source}`, actor: 'citizen', correlationId: followed.correlationId } as const;
    const legacyKey = row.legacyKey.toString('hex');
    if (verifier !== undefined)
      await appendAudit(tx, { ...event, type: 'legacy.password-followed', detail: { legacyKey } });
    if (what.length > 0)
      await appendAudit(tx, { ...event, type: 'legacy.attributes-followed', detail: { legacyKey, what: what.join() } });
  });
}

interface Changes {
  readonly verifier: string | undefined;
  readonly personal: LegacyPersonal | undefined;
  /** Beside the password. */
  readonly what: readonly string[];
}

/** Only what the old system is believed about. */
function changesOf(keyRing: KeyRing, followed: Followed): Changes {
  const { row, sides, passwordHash } = followed;
  const { authority } = sides;
  const personal = openPersonal(keyRing, row.legacyKey, row);
  const changes = changedAttributes(followed, personal);
  const names = Object.keys(changes);
  // The export had it switched off; there it lets people in again.
  const isOpened = authority.status === 'old' && row.sourceStatus === 'disabled';
  return {
    verifier: authority.password === 'old' ? passwordHash : undefined,
    personal: names.length > 0 ? { ...personal, ...changes } : undefined,
    what: isOpened ? [...names, 'status'] : names,
  };
}

const FOLLOW = `UPDATE legacy_accounts
  SET personal_sealed = $4, verifier_sealed = $5, scheme = $6, source_status = $7, followed_at = $8
  WHERE legacy_key = $1 AND personal_sealed = $2 AND verifier_sealed IS NOT DISTINCT FROM $3
    AND state IN ('waiting', 'released') RETURNING 1`;

/** Only what the old system said, only where it is believed, and only what could have been imported. */
function changedAttributes({ sides, identity }: Followed, known: LegacyPersonal): Partial<LegacyPersonal> {
  const said = saidBy(identity);
  const changes: Partial<Record<'email' | 'phone' | 'name', string>> = {};
  for (const name of ['email', 'phone', 'name'] as const) {
    const value = said[name];
    if (value !== undefined && sides.authority[name] === 'old' && value !== known[name]) changes[name] = value;
  }
  return changes;
}

/** What an old system says of a person, as an import would have kept it. */
export function saidBy({ attributes }: LegacyIdentity): Partial<Record<'email' | 'phone' | 'name', string>> {
  const first = (name: string): string => attributes.find((attribute) => attribute.name === name)?.value.trim() ?? '';
  const name = first('name') || [first('given-name'), first('family-name')].filter((part) => part).join(' ');
  const email = isUsableEmail(first('email')) ? first('email') : undefined;
  const phone = usablePhone(first('phone'));
  return { ...(email && { email }), ...(phone && { phone }), ...(name && { name }) };
}
