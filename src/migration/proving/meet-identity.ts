import type { LegacyIdentity } from '../../legacy/index.ts';
import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { legacyKeyOf, loginKeyOf } from '../ledger/legacy-keys.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { type LegacyPersonal, createRowSealer } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';

export interface MeetDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

/** Stands where a row was not imported, but made when its person first came from a system that still runs. */
const NO_IMPORT = '00000000-0000-0000-0000-000000000000';

/**
 * The row of somebody whom an old system has just let in. A source that hands in no export may say that rows are made on
 * first sight; the old system's own id is the key, whatever else it said of the person.
 */
export async function meetIdentity(
  deps: MeetDependencies,
  source: Source,
  { identity, typed }: { readonly identity: LegacyIdentity; readonly typed: string | undefined },
): Promise<Buffer> {
  const legacyKey = legacyKeyOf(deps.keyRing, source.source, identity.accountKey);
  const { definition } = source;
  if (definition.firstSight !== 'create' || (await readLegacyAccount(deps.db, legacyKey))) return legacyKey;
  const login = loginForm(definition.identifier).normalise(typed ?? identity.accountKey);
  const personal: LegacyPersonal = {
    id: identity.accountKey,
    login,
    ...(definition.subjects === 'inherit' && { subject: identity.accountKey }),
    ...hintsOf(identity),
  };
  await insertRow(deps, source.source, { legacyKey, personal });
  return legacyKey;
}

/** What may help to recognise the account on a page; none of it is proved. */
function hintsOf({ attributes }: LegacyIdentity): Partial<LegacyPersonal> {
  const first = (name: string): string | undefined => attributes.find((attribute) => attribute.name === name)?.value;
  const name = first('name') ?? [first('given-name'), first('family-name')].filter((part) => part).join(' ');
  const hints = {
    name,
    email: first('email'),
    phone: first('phone'),
    birthDate: first('birth-date'),
    postcode: first('postcode'),
  };
  return Object.fromEntries(Object.entries(hints).filter(([, value]) => value !== undefined && value !== ''));
}

async function insertRow(
  { db, keyRing, now }: MeetDependencies,
  source: string,
  { legacyKey, personal }: { readonly legacyKey: Buffer; readonly personal: LegacyPersonal },
): Promise<void> {
  const open = { personal: JSON.stringify(personal), verifier: undefined };
  const sealed = createRowSealer(keyRing)(legacyKey, open);
  await db.transaction(async (tx) => {
    const made = await tx.query({
      text: `INSERT INTO legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed, row_digest,
                                          import_id, imported_at)
             VALUES ($1, $2, 'waiting', 'active', $3, $4, $5, $6, $7)
             ON CONFLICT (legacy_key) DO NOTHING RETURNING 1`,
      values: [
        legacyKey,
        source,
        sealed.dataKey,
        sealed.personalSealed,
        keyRing.lookupKey('legacy-row', 'first-sight', source, open.personal),
        NO_IMPORT,
        now(),
      ],
    });
    if (made.length === 0) return;
    await tx.query({
      text: `INSERT INTO legacy_login_names (login_key, legacy_key, source) VALUES ($1, $2, $3)
             ON CONFLICT (login_key) DO NOTHING`,
      values: [loginKeyOf(keyRing, source, personal.login), legacyKey, source],
    });
    const detail = { legacyKey: legacyKey.toString('hex') };
    await appendAudit(tx, { chain: `source:${source}`, type: 'legacy.met', actor: 'citizen', detail });
  });
}
