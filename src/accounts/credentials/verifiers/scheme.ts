import type { Charset } from './primitives/charsets.ts';
import type { SideInput } from './side.ts';

/** `not-mine`: another verifier of the chain knows this form. */
export type VerifierAnswer = 'match' | 'match-needs-rehash' | 'mismatch' | 'not-mine';

/** Why a stored hash cannot be taken over. Stable: written to the reject file of an import. */
export type HashProblem = 'unknown-format' | 'malformed' | 'cost-too-high' | 'cost-too-low' | 'too-long';

/** A typed password in one character set. */
export interface Password {
  readonly text: string;
  readonly bytes: Buffer;
  readonly charset: Charset;
}

/**
 * What a decoy has to spend, with the unit of `cost`: argon2 KiB·passes, bcrypt's exponent, scrypt N·r·p, yescrypt mixed
 * blocks, iterations of PBKDF2, rounds of a digest, DES passes.
 */
export type CostClass =
  | 'fast'
  | 'argon2'
  | 'bcrypt'
  | 'scrypt'
  | 'yescrypt'
  | 'pbkdf2-sha1'
  | 'pbkdf2-sha256'
  | 'pbkdf2-sha512'
  | 'md5-rounds'
  | 'sha1-rounds'
  | 'sha256-rounds'
  | 'sha512-rounds'
  | 'des-passes'
  | 'wrapped';

/** A stored value, understood. */
export interface Reading {
  readonly cost: number;
  /** Where its bounds are those of another class than its row's. */
  readonly bounded?: { readonly costClass: CostClass; readonly cost: number };
  /** The digest that `compute` must give, byte for byte. */
  readonly expected: Buffer;
  /** From plain text only: there is no way in for a digest. Undefined: no such password can be in this format. */
  readonly compute: (password: Password) => Buffer | undefined | Promise<Buffer | undefined>;
  /** The stored value with its digest blanked out. Only of weak digests: those are wrapped at rest. */
  readonly blank?: string;
  /** What stays beside the blanked value where that is not all that stood there: a key must not. */
  readonly blankSide?: SideInput;
}

export type Read = Reading | { readonly problem: HashProblem };

/** One row of the registry. */
export interface SchemeRow<Id extends string = string> {
  readonly id: Id;
  readonly family: string;
  /** What its values look like. Undefined: nothing tells them from others, so somebody has to say it. */
  readonly shape: RegExp | undefined;
  /** Its shape is not its own, or the scheme should not be taken up unasked: it has to be named. */
  readonly explicit?: true;
  readonly costClass: CostClass;
  /** What old systems commonly used, in the unit of the class. */
  readonly commonCost: number;
  /** The bounds, in words, for the operator. */
  readonly bounds: string;
  readonly note: string;
  /** Values that never stand alone: what must come beside them. */
  readonly needs?: readonly (keyof SideInput)[];
  /** Where the scheme stops looking, in bytes of the password. */
  readonly sees?: number;
  /** Longer passwords are hashed to this length and refused: the work of some schemes grows with the length. */
  readonly maxPasswordBytes?: number;
  read(stored: string, side: SideInput): Read;
}

/** Below so many plain digest calls a digest is weak: it is wrapped in argon2id before it is stored. */
export const WEAK_BELOW = 5_000;

export const malformed = { problem: 'malformed' } as const;
export const tooCostly = { problem: 'cost-too-high' } as const;

/** Keeps the id of a row as its own type. */
export const scheme = <const Id extends string>(row: SchemeRow<Id>): SchemeRow<Id> => row;
