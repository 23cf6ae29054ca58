import { type Static, Type } from 'typebox';
import { CHARSETS } from './primitives/charsets.ts';

const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const whole = (maximum: number) => Type.Optional(Type.Integer({ minimum: 0, maximum }));
const encoding = Type.Optional(Type.Enum(['text', 'hex', 'base64']));

/** What stands beside a stored value: other columns of its row, and what the source says about all of them. */
export const SideInput = Type.Object(
  {
    salt: text(1024),
    saltEncoding: encoding,
    user: text(255),
    realm: text(255),
    pepper: text(512),
    pepperEncoding: encoding,
    /** Where the pepper goes in formats that have a choice. */
    pepperUse: Type.Optional(Type.Enum(['append', 'prepend', 'hmac-sha256', 'hmac-sha512'])),
    /** Digest of a form that does not name it; of bcrypt: the digest whose hex was hashed. */
    algorithm: text(32),
    iterations: whole(2 ** 31),
    saltBytes: whole(64),
    keyBytes: whole(512),
    /** How the digest is written, where its shape does not say. */
    encoding: Type.Optional(Type.Enum(['hex', 'base64'])),
    /** A recipe, for `digest-expr`. */
    expr: text(512),
    n: whole(2 ** 31),
    r: whole(2 ** 16),
    p: whole(2 ** 16),
    signerKey: text(256),
    separator: text(64),
    variant: text(32),
    /** Tried in this order, within one cost budget. */
    charsets: Type.Optional(Type.Array(Type.Enum([...CHARSETS]), { minItems: 1, maxItems: 4, uniqueItems: true })),
    /** Blanks around the password were cut off before hashing. */
    trim: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export type SideInput = Static<typeof SideInput>;
