import { Value } from 'typebox/value';
import {
  type GoodLegacyHash,
  type HashProblem,
  SideInput,
  encodeSaltedSha512,
  encodeWithSide,
  parseLegacyHash,
  unusableReason,
} from '../../accounts/index.ts';
import type { ColumnReading } from '../sources/column-reading.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { decodeStored } from './decode-stored.ts';
import type { RowFields } from './reading/row-reader.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';

type NotRead =
  | { readonly reject: RejectCode }
  /** Nobody can prove the account by its password; other proofs may still be allowed. */
  | { readonly note: NoteCode }
  | { readonly none: true };

export type ReadStored = { readonly stored: string; readonly side: SideInput } | NotRead;
export type ReadHash = { readonly hash: GoodLegacyHash } | NotRead;

export const hashRejects = {
  'unknown-format': 'hash_unknown',
  malformed: 'hash_damaged',
  'cost-too-high': 'hash_too_costly',
  'cost-too-low': 'hash_too_weak',
  'too-long': 'hash_too_long',
} as const satisfies Record<HashProblem, RejectCode>;

const notes = {
  disabled: 'hash_disabled',
  'live-source-only': 'hash_live_only',
} as const satisfies Record<NonNullable<ReturnType<typeof unusableReason>>, NoteCode>;

const MAX_LENGTH = 1024;
// What we write around values ourselves: a file must not bring it, its values would say how they are to be read.
const OURS = /^\s*\$(?:latchkey|wrapped)\$/;

/** Takes the password of a row and all that stands beside it. */
export function createStoredReader(
  { scheme, file }: SourceDefinition,
  reading: ColumnReading,
): (fields: RowFields) => ReadStored {
  if (scheme === 'none') return () => ({ none: true });
  return (fields) => {
    const value = fields.hash ?? '';
    const salt = fields.salt ?? '';
    if (value === '') return { reject: 'hash_missing' };
    if (value.length > MAX_LENGTH || salt.length > MAX_LENGTH) return { reject: 'hash_too_long' };
    const stored = decodeStored(value, reading.decode);
    if (stored === undefined) return { reject: 'hash_damaged' };
    if (OURS.test(stored)) return { reject: 'hash_unknown' };
    const unusable = reading.scheme === 'plaintext' ? undefined : unusableReason(stored);
    if (unusable) return { note: notes[unusable] };
    if (file.saltOrder) return { stored: encodeSaltedSha512(file.saltOrder, salt, stored), side: {} };
    const side = sideOf(fields, reading);
    return side ? { stored, side } : { reject: 'hash_beside_invalid' };
  };
}

/** The same as one text that a verifier understands, bounds checked. */
export function createHashReader(
  definition: SourceDefinition,
  reading: ColumnReading,
): (fields: RowFields) => ReadHash {
  const readStored = createStoredReader(definition, reading);
  return (fields) => {
    const read = readStored(fields);
    if (!('stored' in read)) return read;
    const parsed = parseLegacyHash(encodeWithSide(read.stored, read.side), reading.scheme);
    return 'problem' in parsed ? { reject: hashRejects[parsed.problem] } : { hash: parsed };
  };
}

/** What holds for all rows, and over it what this row says. Undefined: it says what cannot be. */
function sideOf(fields: RowFields, { side, usesUser }: ColumnReading): SideInput | undefined {
  const { salt, realm, iterations } = fields;
  if (!usesUser && !salt && !realm && !iterations) return side;
  const user = usesUser ? { user: userOf(fields) } : {};
  const whole = { ...side, ...columnsOf(fields), ...user };
  return user.user !== '' && Value.Check(SideInput, whole) ? whole : undefined;
}

const columnsOf = ({ salt, realm, iterations }: RowFields): SideInput => ({
  ...(salt && { salt }),
  ...(realm && { realm }),
  ...(iterations && { iterations: DIGITS.test(iterations) ? Number(iterations) : Number.NaN }),
});

const DIGITS = /^\d{1,9}$/;

/** As it stands in the file: old systems hashed the name that they had stored. */
const userOf = ({ user, login, id }: RowFields): string => user ?? login ?? id ?? '';
