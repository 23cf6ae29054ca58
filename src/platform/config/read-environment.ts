import type { Setting } from './list-settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that hosting platforms give; the LATCHKEY_ name goes before. */
export const ALIASES: Readonly<Record<string, string>> = {
  'postgres.url': 'DATABASE_URL',
  'redis.url': 'REDIS_URL',
  'http.port': 'PORT',
  'passwords.threads': 'UV_THREADPOOL_SIZE',
};

const PREFIX = 'LATCHKEY_';
const NAME = /^[A-Z][A-Z0-9_]{0,62}$/;

/** What the variables set, as `[path, value]`. An empty variable sets nothing: compose files leave them so. */
export function readEnvironment(env: Environment, settings: readonly Setting[]): [readonly string[], unknown][] {
  return settings.flatMap((setting): [readonly string[], unknown][] => {
    if (setting.kind === 'named-texts') return readNamed(env, setting);
    const text = env[setting.variable] || env[ALIASES[setting.key] ?? ''];
    return text === undefined || text === '' ? [] : [[setting.path, parseText(text, setting.kind)]];
  });
}

/** `LATCHKEY_SOURCE_SECRET_RENT_PEPPER` → `rent-pepper`. The value is taken as it stands: blanks may belong to it. */
function readNamed(env: Environment, { variable, path }: Setting): [readonly string[], unknown][] {
  return Object.entries(env).flatMap(([name, text]): [readonly string[], unknown][] => {
    if (!name.startsWith(variable) || text === undefined || text === '') return [];
    return [[[...path, name.slice(variable.length).toLowerCase().replaceAll('_', '-')], text]];
  });
}

/** LATCHKEY_ variables that set nothing: a misspelt one must not be taken for a setting that holds. */
export function unknownVariables(env: Environment, settings: readonly Setting[]): string[] {
  const [named, single] = [true, false].map((isNamed) =>
    settings.filter(({ kind }) => (kind === 'named-texts') === isNamed).map(({ variable }) => variable),
  );
  const known = new Set(single);
  const isKnown = (name: string): boolean =>
    known.has(name) || (named ?? []).some((start) => name.startsWith(start) && NAME.test(name.slice(start.length)));
  return Object.keys(env).filter((name) => name.startsWith(PREFIX) && !isKnown(name));
}

/** Text that is not of the kind stays text, for the schema to refuse. */
function parseText(text: string, kind: Setting['kind']): unknown {
  if (kind === 'number' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind !== 'list') return text;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
