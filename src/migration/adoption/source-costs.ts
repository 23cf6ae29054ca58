import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { isLegacyScheme, type LegacyScheme, type SideInput } from '../../accounts/index.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { formatOf } from '../sources/column-reading.ts';
import type { SourceDefinition } from '../sources/definition.ts';

export interface DecoyCost {
  readonly scheme: LegacyScheme;
  /** Undefined: what was common for the scheme. */
  readonly cost: number | undefined;
  /** Each is a try of its own. */
  readonly charsets?: SideInput['charsets'];
}

export interface SourceCosts {
  /** The work that a row of this name would cost if there was one; always the same for the same name. */
  decoyFor(definition: SourceDefinition | undefined, loginKey: Buffer): Promise<DecoyCost>;
}

const Outcome = Type.Object({ costs: Type.Record(Type.String(), Type.Number()) });
const KEEP_MS = 60_000;

type Share = DecoyCost & { readonly rows: number };

/**
 * How dear the hashes of a source are, as its imports counted them. A decoy is drawn by the name from the same spread,
 * so that neither the scheme's nor the row's cost tells whether a name is known (A11, linking-attacks 19).
 */
export function createSourceCosts({ db, now }: { readonly db: Database; readonly now: () => Date }): SourceCosts {
  const kept = new Map<string, { readonly at: number; readonly shares: readonly Share[] }>();

  const sharesOf = async (source: string): Promise<readonly Share[]> => {
    const known = kept.get(source);
    if (known && now().getTime() - known.at < KEEP_MS) return known.shares;
    const rows = await db.query<{ outcome: unknown }>({
      text: 'SELECT outcome FROM imports WHERE source = $1 ORDER BY import_id DESC LIMIT 20',
      values: [source],
    });
    const shares = rows.flatMap(({ outcome }) => (Value.Check(Outcome, outcome) ? readCosts(outcome.costs) : []));
    kept.set(source, { at: now().getTime(), shares });
    return shares;
  };

  return {
    async decoyFor(definition, loginKey) {
      const { scheme, recipe, charsets } = definition ? formatOf(definition) : {};
      const shares = definition ? await sharesOf(definition.source) : [];
      const total = shares.reduce((sum, share) => sum + share.rows, 0);
      let ticket = loginKey.readUInt32LE(16) % Math.max(total, 1);
      for (const share of shares) {
        if (ticket < share.rows) return { ...share, charsets };
        ticket -= share.rows;
      }
      return { scheme: recipe === undefined ? (scheme ?? 'bcrypt') : 'wrapped', cost: undefined, charsets };
    },
  };
}

function readCosts(costs: Record<string, number>): Share[] {
  return Object.entries(costs).flatMap(([kind, rows]) => {
    const [scheme, cost] = kind.split(':');
    return isLegacyScheme(scheme) && rows > 0 ? [{ scheme, cost: Number(cost), rows }] : [];
  });
}
