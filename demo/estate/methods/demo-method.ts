import type { SourceDefinition } from '../../../src/migration/index.ts';
import type { OldSystems } from './start-old-systems.ts';

type Policy = SourceDefinition['policy'];

/** One of the 44 old sign-in methods: an old system of the demo, and somebody to try it as. */
export interface DemoMethod {
  /** M01 to M44. */
  readonly id: string;
  /** What the method is, for who reads the list. */
  readonly method: string;
  readonly family: string;
  /** The most that a sign-in is worth. */
  readonly level: 'none' | 'Cl' | 'Cl.Cm';
  /** The old system, as citizens know it. */
  readonly name: { readonly en: string; readonly cy: string };
  /** Whom to sign in as, and what to type. */
  readonly tell: string;
  readonly identifier?: SourceDefinition['identifier'];
  readonly proofs: Policy['proofs'];
  /** How many different proofs it takes; 1 when left out. */
  readonly needed?: number;
  readonly holder?: SourceDefinition['holder'];
  /** Of an old system that still runs, or of an export that more is read of than a password. */
  readonly adapter?: (systems: OldSystems) => NonNullable<SourceDefinition['adapter']>;
  /** Of a file in `exports/`: how its passwords are read, and its columns. */
  readonly exported?: Pick<SourceDefinition, 'scheme'> & { readonly file: SourceDefinition['file'] };
  /** A file in `exports/` that says whom agents may act for. */
  readonly rights?: string;
  /** Or the one row of an export. */
  readonly row?: ExportRow;
}

export interface ExportRow {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly password?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly birthDate?: string;
  readonly postcode?: string;
  readonly extras?: Readonly<Record<string, string>>;
}

/** `m13`: by this the demo's services, links and exports know it. */
export const sourceOf = ({ id }: Pick<DemoMethod, 'id'>): string => id.toLowerCase();

export const USER_NAME: SourceDefinition['identifier'] = {
  label: { en: 'User name', cy: 'Enw defnyddiwr' },
  normalise: ['trim', 'lower-case'],
};

const COLUMNS = ['login', 'name', 'email', 'phone', 'birthDate', 'postcode'] as const;

/** The definition of its source, as an operator would write it in `config/sources`. */
export function defineSource(demo: DemoMethod, systems: OldSystems): SourceDefinition {
  const { id, name, identifier = USER_NAME, adapter, exported, row } = demo;
  return {
    source: sourceOf(demo),
    name: { en: `${id} ${name.en}`, cy: `${id} ${name.cy}` },
    department: demo.method,
    identifier,
    file: exported?.file ?? fileOf(row),
    scheme: exported?.scheme ?? (row?.password === undefined ? 'none' : 'bcrypt'),
    subjects: 'none',
    ...holderOf(demo),
    ...(adapter && { adapter: adapter(systems) }),
    // What still runs hands in no export: its people get a row when they come.
    ...(adapter && !row && { firstSight: 'create' as const }),
    policy: policyOf(demo),
  };
}

/** Whom somebody acts for, or which organisation, the service to try them is told. */
const holderOf = ({ holder }: DemoMethod): Pick<SourceDefinition, 'holder' | 'sectors'> => ({
  sectors: holder === 'agent' || holder === 'organisation' ? ['methods.localhost'] : [],
  ...(holder && { holder }),
});

const policyOf = ({ proofs, needed, level }: DemoMethod): Policy => ({
  version: 1,
  proofs,
  ...(needed !== undefined && { needed }),
  // What a mere fact has found is proved by another way.
  assurance: level === 'none' ? 'Cl' : level,
});

function fileOf(row: ExportRow | undefined): SourceDefinition['file'] {
  const named = COLUMNS.filter((column) => row?.[column] !== undefined);
  const columns = { id: 'id', ...Object.fromEntries(named.map((column) => [column, column])) };
  const extras = Object.fromEntries(Object.keys(row?.extras ?? {}).map((column) => [column, column]));
  return {
    format: 'ndjson',
    columns: row?.password === undefined ? columns : { ...columns, hash: 'password' },
    ...(row?.extras && { extras }),
  };
}

/** The row as a line of NDJSON; undefined where there is a file, or nothing to hand in. */
export const exportOf = ({ row }: DemoMethod): string | undefined =>
  row && `${JSON.stringify({ ...row, ...row.extras, extras: undefined })}\n`;
