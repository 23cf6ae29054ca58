import { type Static, Type } from 'typebox';
import { AdapterSettings } from '../../legacy/index.ts';
import { PasswordScheme } from './password-format.ts';
import { ProofPolicy } from './proof-policy.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const bothLanguages = (maxLength: number) =>
  Type.Object({ en: text(maxLength), cy: Type.Optional(text(maxLength)) }, { additionalProperties: false });

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
        format: Type.Enum(['csv', 'ndjson']),
        delimiter: Type.Optional(Type.Enum([',', ';', '\t', '|'])),
        columns: Type.Object(
          {
            id: text(64),
            login: Type.Optional(text(64)),
            /** Needed unless `scheme` is `none`. */
            hash: Type.Optional(text(64)),
            salt: Type.Optional(text(64)),
            /** The name that the hash was made with, where it is not the login. */
            user: Type.Optional(text(64)),
            realm: Type.Optional(text(64)),
            iterations: Type.Optional(text(64)),
            phone: Type.Optional(text(64)),
            email: Type.Optional(text(64)),
            name: Type.Optional(text(64)),
            status: Type.Optional(text(64)),
            subject: Type.Optional(text(64)),
            birthDate: Type.Optional(text(64)),
            postcode: Type.Optional(text(64)),
          },
          { additionalProperties: false },
        ),
        statuses: Type.Optional(
          Type.Record(Type.String({ maxLength: 64 }), Type.Enum(['active', 'disabled', 'refused'])),
        ),
        saltOrder: Type.Optional(Type.Enum(['password-salt', 'salt-password'])),
        /** What other sign-in methods need of a row (a PIN, a seed, security answers), by name: sealed like the rest. */
        extras: Type.Optional(
          Type.Record(Type.String({ pattern: '^[a-z][a-zA-Z0-9]{0,30}$' }), text(64), {
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
    /**
     * Whose its accounts are; persons' when left out. `agents`: of persons who act for others; the account goes along, the
     * accounts of those others never do (M42). `organisations`: several people share one; it becomes nobody's (M43).
     */
    holders: Type.Optional(Type.Enum(['persons', 'agents', 'organisations'])),
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
