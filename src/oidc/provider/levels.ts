/** Levels of authentication as One Login and GPG 44 name them: `Cl` one factor, `Cl.Cm` two. Weakest first. */
export const LEVELS = ['Cl', 'Cl.Cm'] as const;
export type Level = (typeof LEVELS)[number];

export function isLevel(value: unknown): value is Level {
  return LEVELS.some((level) => level === value);
}

export function satisfies(reached: unknown, needed: Level): boolean {
  return isLevel(reached) && LEVELS.indexOf(reached) >= LEVELS.indexOf(needed);
}

export type VectorsParse =
  | { readonly outcome: 'parsed'; readonly levels: readonly Level[] }
  /** Not a vector of trust at all, or mixed in a way that has no meaning. */
  | { readonly outcome: 'malformed'; readonly problem: string }
  /** A vector that asks for identity checks, which no sign-in here has yet. */
  | { readonly outcome: 'unmet'; readonly problem: string };

const COMPONENT = /^(?:P[0-2]|C[lm])$/;
const MAX_VECTORS = 10;

/** Reads `vtr`: a JSON array of vectors, each of components joined by dots, in any order (RFC 8485 §3.1). */
export function parseVectors(vtr: string): VectorsParse {
  const vectors = readArray(vtr);
  if (!vectors) return { outcome: 'malformed', problem: 'vtr must be a JSON array of 1 to 10 strings' };
  const levels = new Set<Level>();
  let wantsIdentity = 0;
  for (const vector of vectors) {
    const parts = vector.split('.');
    if (!parts.every((part) => COMPONENT.test(part)) || new Set(parts).size !== parts.length) {
      return { outcome: 'malformed', problem: 'vtr holds a vector that is not known' };
    }
    const identity = parts.filter((part) => part.startsWith('P'));
    if (identity.length > 1) return { outcome: 'malformed', problem: 'a vector may name one identity confidence only' };
    if (identity.some((part) => part !== 'P0')) wantsIdentity += 1;
    else levels.add(parts.includes('Cm') ? 'Cl.Cm' : 'Cl');
  }
  if (wantsIdentity > 0 && levels.size > 0) {
    return { outcome: 'malformed', problem: 'identity and non-identity vectors may not be mixed' };
  }
  if (wantsIdentity > 0) return { outcome: 'unmet', problem: 'identity confidence P1 or P2 cannot be reached here' };
  return { outcome: 'parsed', levels: LEVELS.filter((level) => levels.has(level)) };
}

function readArray(vtr: string): string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(vtr);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_VECTORS) return undefined;
  return value.every((entry) => typeof entry === 'string') ? value : undefined;
}
