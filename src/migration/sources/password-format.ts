import { type Static, Type } from 'typebox';
import { LEGACY_SCHEMES, SideInput } from '../../accounts/index.ts';

/** A secret of the old system by name; its value comes from `sourceSecrets` of the configuration, never from here. */
const Secret = Type.Object(
  { secret: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }) },
  { additionalProperties: false },
);

const SCHEMES = LEGACY_SCHEMES.map(({ id }) => id);

const { saltEncoding, realm, pepperEncoding, pepperUse, algorithm, iterations, saltBytes, keyBytes } =
  SideInput.properties;
const { encoding, n, r, p, separator, variant, charsets, trim } = SideInput.properties;

/**
 * How an old system made its password values, where the name of a scheme does not say it all: a scheme or a recipe, and
 * what holds for all rows. What differs by row has columns.
 */
export const PasswordFormat = Type.Object(
  {
    scheme: Type.Optional(Type.Enum(SCHEMES)),
    /** Such as `md5(salt.pass)`: see `parseRecipe`. */
    recipe: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    /** What the column was written in before it can be read: of stores that can be read back (M07). */
    decode: Type.Optional(Type.Enum(['base64', 'hex', 'websphere-xor'])),
    /** One salt for all rows. */
    salt: Type.Optional(Secret),
    saltEncoding,
    pepper: Type.Optional(Secret),
    pepperEncoding,
    pepperUse,
    signerKey: Type.Optional(Secret),
    realm,
    algorithm,
    iterations,
    saltBytes,
    keyBytes,
    encoding,
    n,
    r,
    p,
    separator,
    variant,
    charsets,
    trim,
  },
  { additionalProperties: false },
);
export type PasswordFormat = Static<typeof PasswordFormat>;

/** `detect`: by the shape of each value. `none`: no passwords come with the export. */
export const PasswordScheme = Type.Union([Type.Enum([...SCHEMES, 'detect', 'none']), PasswordFormat]);
