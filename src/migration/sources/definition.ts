import { type Static, Type } from 'typebox';
import { AdapterSettings } from '../../legacy/index.ts';
import { ENCODINGS } from './encodings.ts';
import { PasswordScheme } from './password-format.ts';
import { ProofPolicy } from './proof-policy.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const bothLanguages = (maxLength: number) =>
  Type.Object({ en: text(maxLength), cy: Type.Optional(text(maxLength)) }, { additionalProperties: false });

/** By its name in the header, or by its number, from 1, where there is none. */
const column = () =>
  Type.Unsafe<string | number>({
    type: ['string', 'integer'],
    minLength: 1,
    maxLength: 64,
    minimum: 1,
    maximum: 4096,
  });

/** What an old user name goes through before it is compared, in this order. */
export const NormaliseStep = Type.Enum(['trim', 'lower-case', 'upper-case', 'drop-spaces', 'drop-hyphens']);

/**
 * Whose an old account is. `agent`: a person's, with rights to act for others, which move as rights (M42). `organisation`:
 * one sign-in that several people share; it becomes an organisation, never part of a person's account (M43). `record`:
 * nobody could ever sign in with it; it needs proof by post or of identity (M44).
 */
const Holder = Type.Enum(['person', 'agent', 'organisation', 'record']);
export type Holder = Static<typeof Holder>;

/** One old account system, as `config/sources/*.json` describes it. Holds no secret. */
export const SourceDefinition = Type.Object(
  {
    source: Type.String({ pattern: '^[a-z][a-z0-9-]{1,62}$' }),
    name: bothLanguages(120),
    department: text(120),
    /** Whose its accounts are; `person` when left out. `check-holder.ts` says what each implies. */
    holder: Type.Optional(Holder),
    identifier: Type.Object(
      {
        label: bothLanguages(80),
        normalise: Type.Array(NormaliseStep, { maxItems: 5, uniqueItems: true }),
        pattern: Type.Optional(text(120)),
      },
      { additionalProperties: false },
    ),
    file: Type.Object(
      {
        /** Each of them may be packed by gzip: that is seen from its first bytes. */
        format: Type.Enum(['csv', 'ndjson', 'ldif']),
        /** UTF-8, or what a mark at the beginning says, unless it is stated. */
        encoding: Type.Optional(Type.Enum([...ENCODINGS])),
        delimiter: Type.Optional(Type.Enum([',', ';', '\t', '|'])),
        quote: Type.Optional(Type.Enum(['"', "'", 'none'])),
        /** How a quote stands within quotes. With `backslash` other characters are written with one, too. */
        escape: Type.Optional(Type.Enum(['doubled', 'backslash'])),
        /** `false`: the first line is a row, and columns are numbers. */
        header: Type.Optional(Type.Boolean()),
        /** Every row ends with one delimiter more. */
        trailingDelimiter: Type.Optional(Type.Boolean()),
        /** Unpacked; a file that turns out longer is not read any further. */
        maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 50 })),
        /** Ed25519, base64url: files come with a manifest that this key has signed. */
        manifestKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
        columns: Type.Object(
          {
            id: column(),
            login: Type.Optional(column()),
            /** Needed unless `scheme` is `none`. */
            hash: Type.Optional(column()),
            salt: Type.Optional(column()),
            /** The name that the hash was made with, where it is not the login. */
            user: Type.Optional(column()),
            realm: Type.Optional(column()),
            iterations: Type.Optional(column()),
            phone: Type.Optional(column()),
            email: Type.Optional(column()),
            name: Type.Optional(column()),
            status: Type.Optional(column()),
            subject: Type.Optional(column()),
            birthDate: Type.Optional(column()),
            postcode: Type.Optional(column()),
            /** When the old system made the account: looked at, not kept. */
            created: Type.Optional(column()),
          },
          { additionalProperties: false },
        ),
        statuses: Type.Optional(
          Type.Record(Type.String({ maxLength: 64 }), Type.Enum(['active', 'disabled', 'refused'])),
        ),
        saltOrder: Type.Optional(Type.Enum(['password-salt', 'salt-password'])),
        /** What other sign-in methods need of a row (a PIN, a seed, security answers), by name: sealed like the rest. */
        extras: Type.Optional(
          Type.Record(Type.String({ pattern: '^[a-z][a-zA-Z0-9]{0,30}$' }), column(), {
            maxProperties: 20,
            additionalProperties: false,
          }),
        ),
      },
      { additionalProperties: false },
    ),
    scheme: PasswordScheme,
    /** An import of it is refused until passwords that their owners gave verify against their rows. */
    knownPairs: Type.Optional(Type.Enum(['required'])),
    subjects: Type.Enum(['inherit', 'none']),
    sectors: Type.Array(Type.String({ pattern: '^[a-z0-9.-]+(:[0-9]{1,5})?$', maxLength: 253 }), {
      maxItems: 50,
      uniqueItems: true,
    }),
    /** How the old system lets people in, where it still runs or where more than a password is checked. */
    adapter: Type.Optional(AdapterSettings),
    /** `create`: somebody whom the old system lets in, and whom no export has named, gets a row there and then. */
    firstSight: Type.Optional(Type.Enum(['create', 'refuse'])),
    policy: ProofPolicy,
  },
  { additionalProperties: false },
);

export type SourceDefinition = Static<typeof SourceDefinition>;
export type SourceColumn = keyof SourceDefinition['file']['columns'];

export interface Source {
  readonly source: string;
  readonly status: 'open' | 'suspended';
  readonly version: number;
  readonly definition: SourceDefinition;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One thing that is wrong with a definition or a file; `field` is a JSON path or a column. */
export interface Problem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}
