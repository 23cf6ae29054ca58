import { type Static, Type } from 'typebox';
import { AttributeNameSetting } from '../attribute-name.ts';
import { Limits } from '../guard/limits.ts';

const SecretName = (description: string) => Type.String({ pattern: '^[a-z0-9-]{1,60}$', description });
/** As RFC 4512 spells one; options such as `;binary` are for us to add, not for configuration. */
const AttributeType = (description: string) => Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]{0,59}$', description });

const attributeMap = Type.Array(
  Type.Object(
    {
      name: AttributeNameSetting,
      attribute: AttributeType('Where the directory keeps it.'),
      verified: Type.Optional(
        Type.Boolean({ description: 'The source may vouch for it. Left out: it is what the directory says, no more.' }),
      ),
    },
    { additionalProperties: false },
  ),
  { maxItems: 20, description: 'Attributes that are read, as hints for matching.' },
);

const common = {
  family: Type.Literal('ldap', { description: 'A directory that is asked by LDAP version 3.' }),
  urls: Type.Array(Type.String({ pattern: '^ldaps?://[^/?#@]{1,253}/?$', maxLength: 300 }), {
    minItems: 1,
    maxItems: 8,
    description:
      'Servers of the one directory, the best first. `ldaps://` is TLS from the start; `ldap://` is StartTLS, always: nothing is ever said in the clear.',
  }),
  ca: Type.Optional(
    Type.String({
      maxLength: 65_536,
      description: 'PEM of who may vouch for the servers, instead of the public authorities.',
    }),
  ),
  serverName: Type.Optional(
    Type.String({
      maxLength: 253,
      description: 'Name that certificates must have, when it is not the one in the URL.',
    }),
  ),
  reader: Type.Optional(
    Type.Object(
      {
        dn: Type.String({ minLength: 1, maxLength: 1024, description: 'Who searches: an account that may only read.' }),
        passwordSecret: SecretName('Name of the secret that holds its password.'),
      },
      { additionalProperties: false, description: 'Left out: whoever signs in searches for their own entry.' },
    ),
  ),
  base: Type.String({ minLength: 1, maxLength: 1024, description: 'DN under which people are.' }),
  scope: Type.Optional(
    Type.Enum(['base', 'one', 'sub'], { description: 'How far down people are: `sub` when left out.' }),
  ),
  key: Type.Optional(
    Type.Object(
      {
        attribute: AttributeType('Attribute that never changes and is never given to somebody else.'),
        format: Type.Enum(['text', 'uuid', 'guid', 'sid', 'hex'], {
          description:
            '`uuid`: text in the shape of RFC 9562. `guid`: the 16 bytes of Active Directory. `sid`: a Windows security id. `hex`: other bytes.',
        }),
      },
      { additionalProperties: false, description: 'entryUUID, or objectGUID for Active Directory, when left out.' },
    ),
  ),
  attributes: Type.Optional(attributeMap),
  refuseWhen: Type.Optional(
    Type.Array(
      Type.Object(
        {
          attribute: AttributeType('Attribute of the person that says it.'),
          value: Type.Optional(
            Type.String({ maxLength: 256, description: 'In any case; left out: any value at all.' }),
          ),
          as: Type.Enum(['disabled', 'locked', 'expired', 'must-change-password', 'not-allowed'], {
            description: 'The reason that is given to the operator.',
          }),
        },
        { additionalProperties: false },
      ),
      { maxItems: 20, description: 'States that the directory keeps but does not enforce when somebody binds.' },
    ),
  ),
  stalePassword: Type.Optional(
    Type.Enum(['refuse', 'warn'], {
      description: 'A password that is right but has expired or must be changed first: refused when left out.',
    }),
  ),
  level: Type.Optional(
    Type.Enum(['none', 'Cl'], { description: 'Most that a sign-in here is worth: `Cl` when left out.' }),
  ),
  connectTimeoutMs: Type.Optional(
    Type.Integer({
      minimum: 50,
      maximum: 4000,
      description: 'After this the next server is tried: 1,000 when left out.',
    }),
  ),
  maxBytes: Type.Optional(
    Type.Integer({
      minimum: 1024,
      maximum: 1_048_576,
      description: 'Most that is read in one sign-in: 65,536 when left out.',
    }),
  ),
  limits: Type.Optional(Limits),
};

/** F3, M13: an LDAP directory such as OpenLDAP, 389 Directory Server or eDirectory. */
const SimpleBindSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M13', { description: 'LDAP simple bind.' }),
    filter: Type.String({
      pattern: '^\\(.*\\{login\\}.*\\)$',
      maxLength: 500,
      description:
        'Finds a person, with `{login}` where the escaped user name goes: `(&(objectClass=person)(uid={login}))`.',
    }),
    bindDn: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9-]*=[^{}]*\\{login\\}[^{}]*$',
        maxLength: 500,
        description:
          'DN of a person by user name, for a directory without a reader: `uid={login},ou=people,dc=example`.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type SimpleBindSettings = Static<typeof SimpleBindSettings>;

/** F3, M14: Active Directory, or Samba in its place. */
const ActiveDirectorySettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M14', { description: 'Active Directory bind.' }),
    domain: Type.String({
      pattern: '^[^\\\\/:*?"<>|@\\s]{1,15}$',
      description: 'NetBIOS name of the domain: `CORP` in `CORP\\anna`. Any other domain is refused.',
    }),
    upnSuffixes: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$' }), {
      minItems: 1,
      maxItems: 50,
      description: 'What may stand after the @ of a user principal name. Any other suffix is refused.',
    }),
    mailSignIn: Type.Optional(
      Type.Boolean({ description: 'People may type the e-mail address on record too. Needs a reader.' }),
    ),
  },
  { additionalProperties: false },
);
export type ActiveDirectorySettings = Static<typeof ActiveDirectorySettings>;

export const LdapSettings = Type.Union([SimpleBindSettings, ActiveDirectorySettings]);
export type LdapSettings = Static<typeof LdapSettings>;
