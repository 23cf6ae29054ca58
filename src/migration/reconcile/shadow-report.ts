import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { Source } from '../sources/definition.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { readSides } from '../cutover/side-rows.ts';
import type { Difference, ShadowResult } from './compare-sides.ts';

/** Whose answers differ, masked: enough to find the person by what they know themselves, too little to collect. */
export interface Disagreement {
  /** Hex. */
  readonly legacyKey: string;
  readonly what: Difference;
  readonly times: number;
  readonly seenAt: Date;
  /** `a•••`; undefined where no export names the account. */
  readonly login: string | undefined;
}

export interface ShadowReport {
  readonly source: string;
  /** Undefined: it is not on. */
  readonly since: Date | undefined;
  readonly results: Readonly<Record<ShadowResult, number>>;
  /** Of the sign-ins that somebody was let in at by either side, the share at which both did; undefined: none yet. */
  readonly agreement: number | undefined;
  readonly differs: Readonly<Record<Difference, number>>;
  /** The newest first. */
  readonly recent: readonly Disagreement[];
}

/** What both sides have said since shadow mode began. */
export async function shadowReport(
  deps: { readonly db: Database; readonly keyRing: KeyRing },
  source: Source,
  limit: number,
): Promise<ShadowReport> {
  const { shadowSince } = await readSides(deps.db, source);
  const rows = await deps.db.query<{ what: string; n: number }>({
    text: 'SELECT what, sum(n)::bigint AS n FROM shadow_counts WHERE source = $1 GROUP BY what',
    values: [source.source],
  });
  const counted = new Map(rows.map(({ what, n }) => [what, n]));
  const of = (what: ShadowResult | `differs:${Difference}`): number => counted.get(what) ?? 0;
  const results = {
    'both-yes': of('both-yes'),
    'both-no': of('both-no'),
    'old-only': of('old-only'),
    'new-only': of('new-only'),
    'old-away': of('old-away'),
    'new-away': of('new-away'),
    moved: of('moved'),
  };
  const letIn = results['both-yes'] + results['old-only'] + results['new-only'];
  return {
    source: source.source,
    since: shadowSince,
    results,
    agreement: letIn === 0 ? undefined : results['both-yes'] / letIn,
    differs: {
      password: of('differs:password'),
      missing: of('differs:missing'),
      person: of('differs:person'),
      status: of('differs:status'),
      email: of('differs:email'),
      phone: of('differs:phone'),
      name: of('differs:name'),
    },
    recent: await recentOf(deps, source.source, limit),
  };
}

interface Row extends Record<string, unknown> {
  legacy_key: Buffer;
  what: Difference;
  times: number;
  seen_at: Date;
}

async function recentOf(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  source: string,
  limit: number,
): Promise<readonly Disagreement[]> {
  const rows = await db.query<Row>({
    text: `SELECT legacy_key, what, times, seen_at FROM shadow_disagreements WHERE source = $1
           ORDER BY seen_at DESC, slot LIMIT $2`,
    values: [source, limit],
  });
  return Promise.all(
    rows.map(async ({ legacy_key: key, what, times, seen_at: seenAt }) => {
      const row = await readLegacyAccount(db, key);
      const login = row && openPersonal(keyRing, key, row).login;
      return { legacyKey: key.toString('hex'), what, times, seenAt, login: login && masked(login) };
    }),
  );
}

const masked = (login: string): string => `${String.fromCodePoint(login.codePointAt(0) ?? 0x2022)}•••`;
