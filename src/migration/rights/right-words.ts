import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';

/** What is personal of a right: whom it is about. Bounded, since it comes from old systems. */
export const RightWords = Type.Object(
  {
    /** The client or organisation, by the old system's own id. */
    client: Type.String({ minLength: 1, maxLength: 255 }),
    right: Type.String({ minLength: 1, maxLength: 100 }),
    kind: Type.Enum(['client', 'organisation']),
    grantedBy: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  { additionalProperties: false },
);
export type RightWords = Static<typeof RightWords>;

export interface StatedRight {
  readonly words: RightWords;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
}

export interface RightRow {
  readonly legacyKey: Buffer;
  readonly rightKey: Buffer;
  readonly clientKey: Buffer;
  readonly source: string;
  readonly wordsSealed: Buffer;
  readonly digest: Buffer;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
}

const SEALED = 'legacy-right';
const placeOf = (legacyKey: Buffer, rightKey: Buffer): string =>
  `${legacyKey.toString('base64url')}:${rightKey.toString('base64url')}`;

/** Undefined: of no shape that is kept, or a right over oneself, which is none. */
export function toRightRow(
  keyRing: KeyRing,
  { source, legacyKey, right }: { readonly source: string; readonly legacyKey: Buffer; readonly right: StatedRight },
): RightRow | undefined {
  const { words, from, until } = right;
  if (!Value.Check(RightWords, words)) return undefined;
  const clientKey = legacyKeyOf(keyRing, source, words.client);
  if (clientKey.equals(legacyKey)) return undefined;
  const rightKey = keyRing.lookupKey('legacy-right', source, words.client, words.kind, words.right);
  const said = [words.grantedBy ?? '', from?.toISOString() ?? '', until?.toISOString() ?? ''];
  return {
    legacyKey,
    rightKey,
    clientKey,
    source,
    wordsSealed: keyRing.seal(SEALED, JSON.stringify(words), placeOf(legacyKey, rightKey)),
    digest: keyRing.lookupKey('legacy-right-row', rightKey.toString('base64url'), ...said),
    from,
    until,
  };
}

export const openWords = (
  keyRing: KeyRing,
  { legacyKey, rightKey, wordsSealed }: Pick<RightRow, 'legacyKey' | 'rightKey' | 'wordsSealed'>,
): RightWords =>
  Value.Parse(RightWords, JSON.parse(keyRing.open(SEALED, wordsSealed, placeOf(legacyKey, rightKey)).toString()));

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const A_DAY_MS = 86_400_000;

/** A day, or a moment with its zone. A right holds to the end of its last day. Undefined: neither. */
export function whenOf(text: string, edge: 'from' | 'until'): Date | undefined {
  const day = text.slice(0, 10);
  const first = new Date(`${day}T00:00:00Z`);
  // 31 February would become a day in March.
  if (Number.isNaN(first.getTime()) || first.toISOString().slice(0, 10) !== day) return undefined;
  if (DAY.test(text)) return new Date(first.getTime() + (edge === 'until' ? A_DAY_MS : 0));
  const moment = new Date(text);
  return MOMENT.test(text) && !Number.isNaN(moment.getTime()) ? moment : undefined;
}
