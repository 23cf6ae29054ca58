import {
  type ColumnRecipe,
  type LegacyScheme,
  type SideInput,
  LEGACY_SCHEMES,
  parseRecipe,
} from '../../accounts/index.ts';
import type { Problem, SourceDefinition } from './definition.ts';
import type { PasswordFormat } from './password-format.ts';

export type SourceSecrets = Readonly<Record<string, string>>;

/** How the password column of a source is read. */
export interface ColumnReading {
  /** Undefined: each value by its shape. */
  readonly scheme: LegacyScheme | undefined;
  /** What stands beside every value, secrets and all: it never leaves a sealed row. */
  readonly side: SideInput;
  /** Whether the user name goes into the digest. */
  readonly usesUser: boolean;
  readonly decode: PasswordFormat['decode'];
}

const SECRETS = ['salt', 'pepper', 'signerKey'] as const;

/** The format of a definition as an object, however it was written. */
export function formatOf({ scheme }: Pick<SourceDefinition, 'scheme'>): PasswordFormat {
  if (typeof scheme === 'object') return scheme;
  return scheme === 'detect' || scheme === 'none' ? {} : { scheme };
}

/** With the secrets in their places; a name that the configuration does not have is a problem of the import. */
export function columnReading(
  definition: SourceDefinition,
  secrets: SourceSecrets,
): { readonly reading: ColumnReading } | { readonly problems: readonly Problem[] } {
  const format = formatOf(definition);
  const { scheme, recipe, decode, salt: _salt, pepper: _pepper, signerKey: _signerKey, ...plain } = format;
  const missing = SECRETS.flatMap((field) => {
    const name = format[field]?.secret;
    return name === undefined || Object.hasOwn(secrets, name) ? [] : [missingSecret(field, name)];
  });
  if (missing.length > 0) return { problems: missing };
  const given = SECRETS.flatMap((field) => {
    const name = format[field]?.secret;
    return name === undefined ? [] : [[field, secrets[name]] as const];
  });
  const side: SideInput = { ...plain, ...(recipe !== undefined && { expr: recipe }), ...Object.fromEntries(given) };
  return {
    reading: {
      scheme: recipe === undefined ? scheme : 'digest-expr',
      side,
      usesUser: definition.file.columns.user !== undefined || inputsOf(format).includes('user'),
      decode,
    },
  };
}

const missingSecret = (field: string, name: string): Problem => ({
  field: `scheme.${field}`,
  code: 'secret_missing',
  message: `Set LATCHKEY_SOURCE_SECRET_${name.toUpperCase().replaceAll('-', '_')} to the secret "${name}".`,
});

type Input = keyof SideInput;

/** What must stand beside a value for its digest to be computed. */
function inputsOf(format: PasswordFormat): readonly Input[] {
  if (format.recipe === undefined) {
    const row = LEGACY_SCHEMES.find(({ id }) => id === format.scheme);
    return row?.needs ?? [];
  }
  const parsed = readRecipe(format, format.recipe);
  if (parsed.outcome === 'problem') return [];
  const { uses, loop } = parsed.recipe;
  const named = (['salt', 'user', 'realm', 'pepper'] as const).filter((name) => uses.has(name));
  return loop?.times === 'rounds' ? [...named, 'iterations'] : named;
}

const readRecipe = ({ saltEncoding = 'text', pepperEncoding = 'text' }: PasswordFormat, recipe: string) =>
  parseRecipe(recipe, {
    salt: saltEncoding === 'text' ? 'text' : 'bytes',
    pepper: pepperEncoding === 'text' ? 'text' : 'bytes',
    rounds: true,
  });

/** A column's recipe as a definition would say it: secrets by their names, what differs by row left to its columns. */
export function formatFor(
  definition: Pick<SourceDefinition, 'scheme'>,
  { scheme, side = {} }: ColumnRecipe,
): PasswordFormat | LegacyScheme {
  const { salt, pepper, signerKey, decode } = formatOf(definition);
  const { expr, saltEncoding, salt: _salt, pepper: _pepper, signerKey: _signerKey, user: _user, ...plain } = side;
  const secrets = { ...(salt && { salt }), ...(pepper && { pepper }), ...(signerKey && { signerKey }) };
  const encoding = saltEncoding !== undefined && saltEncoding !== 'text' && { saltEncoding };
  const rest = { ...plain, ...encoding, ...secrets, ...(decode && { decode }) };
  if (expr !== undefined) return { recipe: expr, ...rest };
  if (Object.keys(rest).length === 0 || scheme === 'wrapped') return scheme;
  return { scheme, ...rest };
}

/** What is wrong with how a definition says its passwords are read. */
export function formatProblems(definition: SourceDefinition): readonly Problem[] {
  const format = formatOf(definition);
  if (typeof definition.scheme === 'object' && (format.scheme === undefined) === (format.recipe === undefined))
    return [{ field: 'scheme', code: 'scheme_or_recipe', message: 'Give either scheme.scheme or scheme.recipe.' }];
  const parsed = format.recipe === undefined ? undefined : readRecipe(format, format.recipe);
  if (parsed?.outcome === 'problem') {
    const { position, message } = parsed.problem;
    return [{ field: 'scheme.recipe', code: 'recipe_invalid', message: `At character ${position + 1}: ${message}.` }];
  }
  const { columns } = definition.file;
  const given: Partial<Record<Input, unknown>> = { ...format, ...columns, expr: format.recipe, user: 'the login' };
  return inputsOf(format)
    .filter((input) => given[input] === undefined)
    .map((input) => ({
      field: `scheme.${input}`,
      code: 'side_missing',
      message: COLUMNS.has(input)
        ? `Its digest needs "${input}": name the column in file.columns.${input}, or say it for all in scheme.${input}.`
        : `Its digest needs "${input}": say it in scheme.${input}.`,
    }));
}

const COLUMNS: ReadonlySet<string> = new Set(['salt', 'user', 'realm', 'iterations']);
