/** What the stand-in knows of Anna. */
export interface Directory {
  readonly base: string;
  readonly reader: string;
  readonly anna: string;
  /** Names in lower case. */
  readonly attributes: Readonly<Record<string, string | Buffer>>;
  /** What a wrong password is told. */
  readonly wrong: string;
}

export const OPEN_LDAP: Directory = {
  base: 'ou=people,dc=old,dc=example',
  reader: 'cn=reader,dc=old,dc=example',
  anna: 'uid=anna,ou=people,dc=old,dc=example',
  attributes: {
    objectclass: 'inetOrgPerson',
    uid: 'anna',
    cn: 'Anna Example',
    mail: 'anna@old.example',
    entryuuid: '5b0d2c1e-7a55-4c7d-9f0a-3c1f6f0c1a01',
  },
  wrong: '',
};

export const ACTIVE_DIRECTORY: Directory = {
  base: 'DC=old,DC=example',
  reader: 'CN=reader,CN=Users,DC=old,DC=example',
  anna: 'CN=Anna Example,CN=Users,DC=old,DC=example',
  attributes: {
    objectclass: 'user',
    objectcategory: 'person',
    samaccountname: 'anna',
    userprincipalname: 'anna@old.example',
    cn: 'Anna Example',
    mail: 'anna@old.example',
    useraccountcontrol: '512',
    objectguid: Buffer.from('1e2c0d5b557a7d4c9f0a3c1f6f0c1a02', 'hex'),
  },
  wrong: '80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e, v3839',
};
