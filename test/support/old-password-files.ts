import type { SideInput } from '../../src/accounts/index.ts';
import type { HashVector } from './hash-vectors.ts';
import { rentPortal } from './legacy-estate.ts';

/** Vectors that one definition can say: an export with all of them, and the secrets that it needs. */
export interface PasswordFile {
  readonly source: string;
  readonly definition: Record<string, unknown>;
  readonly ndjson: string;
  readonly vectors: readonly (HashVector & { readonly login: string })[];
}

const BY_ROW = ['salt', 'user', 'realm', 'iterations'] as const;
const SECRETS = ['pepper', 'signerKey'] as const;

interface Split {
  readonly columns: SideInput;
  readonly format: Record<string, unknown>;
}

/** Of what stands beside a value: what has a column, and what the definition says for all. */
function split({ scheme, side }: HashVector, secrets: Record<string, string>): Split {
  const columns: SideInput = {};
  const { expr, ...format }: Record<string, unknown> = { ...side };
  for (const name of BY_ROW) {
    Object.assign(columns, side[name] !== undefined && { [name]: side[name] });
    delete format[name];
  }
  for (const name of SECRETS) {
    const value = side[name];
    if (value === undefined) continue;
    const secret = `s-${Buffer.from(`${name}${value}`).toString('hex').slice(0, 40)}`;
    secrets[secret] = value;
    format[name] = { secret };
  }
  return { columns, format: expr === undefined ? { scheme, ...format } : { recipe: expr, ...format } };
}

/** The vectors sorted into files, one for each way of reading. `secrets` is filled. */
export function passwordFiles(vectors: readonly HashVector[], secrets: Record<string, string>): PasswordFile[] {
  const sorted = vectors.map((vector) => ({ vector, ...split(vector, secrets) }));
  const groups = Map.groupBy(sorted, ({ columns, format }) => JSON.stringify([Object.keys(columns), format]));
  return [...groups.values()].flatMap((rows, index): PasswordFile[] => {
    const [first] = rows;
    return first ? [fileOf(`old-${index}`, rows, first)] : [];
  });
}

interface SplitVector extends Split {
  readonly vector: HashVector;
}

function fileOf(source: string, rows: readonly SplitVector[], { columns, format }: Split): PasswordFile {
  const named = Object.fromEntries(Object.keys(columns).map((name) => [name, `beside_${name}`]));
  // By its name alone where that says it all.
  const scheme = Object.keys(format).join() === 'scheme' ? format['scheme'] : format;
  const file = { format: 'ndjson', columns: { id: 'id', hash: 'pw', ...named } };
  const lines = rows.map(({ vector, columns: beside }) => {
    const values = Object.entries(beside).map(([name, value]) => [`beside_${name}`, value]);
    return JSON.stringify({ id: `line-${vector.line}`, pw: vector.stored, ...Object.fromEntries(values) });
  });
  return {
    source,
    definition: rentPortal({ source, file, scheme, subjects: 'none', sectors: [] }),
    ndjson: lines.join('\n'),
    vectors: rows.map(({ vector }) => ({ ...vector, login: `line-${vector.line}` })),
  };
}
