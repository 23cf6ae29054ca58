import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { column, secretName } from './record-settings.ts';

const Text = Type.Object(
  {
    as: Type.Literal('text', { description: 'As it is, in plain text (sealed like the rest of the row).' }),
    column: column('The column that holds it.'),
  },
  { additionalProperties: false },
);

const Digest = Type.Object(
  {
    as: Type.Literal('digest', { description: 'As a digest; hex or base64, told apart by their length.' }),
    column: column('The column that holds the digest.'),
    algorithm: Type.Enum(['md5', 'sha1', 'sha256', 'sha512'], { description: 'How it was made.' }),
    input: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'What was digested: {secret}, {salt}, {login}, {id} and {position}. {secret} when left out.',
      }),
    ),
    saltColumn: Type.Optional(column('The column that {salt} stands for.')),
    keySecret: Type.Optional(secretName('Of the key, where the digest is an HMAC.')),
    encoding: Type.Optional(
      Type.Enum(['utf8', 'latin1', 'utf16le'], { description: 'How text became bytes. utf8 when left out.' }),
    ),
  },
  { additionalProperties: false },
);

const Verifier = Type.Object(
  { as: Type.Literal('verifier', { description: 'In place of a password: any format that passwords may have.' }) },
  { additionalProperties: false },
);

/** How an export holds a secret that is not the password. */
export const HeldSecret = Type.Union([Text, Digest]);
export type HeldSecret = Static<typeof HeldSecret>;
export const HeldOrVerifier = Type.Union([Text, Digest, Verifier]);
export type HeldOrVerifier = Static<typeof HeldOrVerifier>;

export interface HeldValue {
  readonly record: LegacyRecord | undefined;
  /** Of the column's value, where it holds several. */
  readonly stored: string | undefined;
  readonly position?: number;
}

/**
 * Whether what was typed is what is held; in constant time, with the same work for nobody. `form` is how both are
 * compared when plain text is held; a digest was made of what the old system's form gave.
 */
export function isHeld(
  context: Pick<AdapterContext, 'secret'>,
  held: HeldSecret,
  typed: string,
  value: HeldValue & { readonly form?: (value: string) => string },
): boolean {
  const { stored = '', form = same } = value;
  if (held.as === 'digest') {
    const made = digestOf(context, held, form(typed), value);
    return isSame(bytesOf(stored, made.length), made) && stored !== '';
  }
  const known = form(stored);
  return isSame(Buffer.from(known), Buffer.from(form(typed))) && known !== '';
}

function digestOf(
  { secret }: Pick<AdapterContext, 'secret'>,
  { algorithm, input = '{secret}', saltColumn, keySecret, encoding = 'utf8' }: Static<typeof Digest>,
  typed: string,
  { record, position }: HeldValue,
): Buffer {
  const values = new Map([
    ['{secret}', typed],
    ['{salt}', (saltColumn && record?.extras[saltColumn]) ?? ''],
    ['{login}', record?.login ?? ''],
    ['{id}', record?.accountKey ?? ''],
    ['{position}', String(position ?? '')],
  ]);
  const text = input.replaceAll(/\{[a-z]+\}/g, (name) => values.get(name) ?? name);
  const hash = keySecret === undefined ? createHash(algorithm) : createHmac(algorithm, secret(keySecret));
  return hash.update(text, encoding).digest();
}

const same = (value: string): string => value;

const bytesOf = (stored: string, length: number): Buffer =>
  /^[0-9a-f]+$/i.test(stored) && stored.length === length * 2
    ? Buffer.from(stored, 'hex')
    : Buffer.from(stored, 'base64');

const fingerprint = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
/** Of any lengths: how long the stored one is must not tell either. */
export const isSame = (a: Buffer, b: Buffer): boolean => timingSafeEqual(fingerprint(a), fingerprint(b));
