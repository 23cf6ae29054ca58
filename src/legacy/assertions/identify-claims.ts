import type { AdapterContext } from '../adapter.ts';
import { type Answered, type Attribute, refused } from '../answer.ts';
import type { ClaimMap, LevelTable } from './claim-settings.ts';
import { readLevel } from './read-level.ts';

const LONGEST = 500;

export interface Said {
  readonly settings: {
    readonly attributes?: ClaimMap | undefined;
    readonly levels?: LevelTable | undefined;
    readonly mostLevel?: 'none' | 'Cl' | 'Cl.Cm' | undefined;
  };
  /** Parts of the identifier, in order; one that is missing makes it nobody's. */
  readonly identifier: readonly unknown[];
  readonly claims: unknown;
  readonly contexts: readonly string[];
}

/** Who the partner says it is. Two parts are never joined so that other two could give the same key. */
export function identify(said: Said, { source, now }: Pick<AdapterContext, 'source' | 'now'>): Answered {
  const { settings, claims, contexts } = said;
  const parts = said.identifier.map(asText);
  if (parts.length === 0 || parts.some((part) => part === '')) return refused('identifier-missing');
  const accountKey = parts.length === 1 ? (parts[0] ?? '') : parts.map((part) => encodeURIComponent(part)).join('/');
  if (accountKey.length > 255) return refused('misshapen');
  const means = { table: settings.levels ?? [], otherwise: 'Cl', most: settings.mostLevel ?? 'Cl.Cm' } as const;
  const { level, warnings } = readLevel(contexts, means);
  const attributes = attributesOf(claims, settings.attributes ?? [], { from: source, asOf: now().toISOString() });
  const proved = ['assertion'] as const;
  return {
    outcome: 'identified',
    identity: { accountKey, evidence: 'assertion', proved, level, attributes, warnings },
  };
}

function attributesOf(
  claims: unknown,
  map: ClaimMap,
  { from, asOf }: { readonly from: string; readonly asOf: string },
): readonly Attribute[] {
  return map.flatMap(({ name, claim, verified }) => {
    const value = asText(readPath(claims, claim)).slice(0, LONGEST);
    return value === '' ? [] : [{ name, value, from, asOf, ...(verified === true && { verified }) }];
  });
}

/** A number or a text; everything else names nobody. A number that JSON cannot hold exactly is none. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : '';
}

/** `data.user.id` in an answer; a claim whose name holds dots or slashes is found as it stands. */
export function readPath(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return Reflect.get(value, path);
  return path.split('.').reduce<unknown>((found, key) => {
    const isObject = typeof found === 'object' && found !== null && Object.hasOwn(found, key);
    return isObject ? Reflect.get(found, key) : undefined;
  }, value);
}
