import { bare, digests } from './digest-rows.ts';

/** Accounts of databases and of Microsoft's membership tables. */
export const DATABASE_DIGEST_ROWS = [
  digests({
    id: 'mysql41',
    family: 'database',
    shape: /^\*[0-9A-F]{40}$/i,
    forms: [{ form: /^\*(?<digest>[0-9A-F]{40})$/i, recipe: 'sha1(raw(sha1(pass)))', digest: 'hex' }],
    note: 'MySQL 4.1 and later',
  }),
  digests({
    id: 'mssql2000',
    family: 'database',
    shape: /^0x0100[0-9A-F]{88}$/i,
    forms: [
      {
        form: /^0x0100(?<salt>[0-9A-F]{8})[0-9A-F]{40}(?<digest>[0-9A-F]{40})$/i,
        recipe: 'sha1(utf16le(upper(pass)).salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'SQL Server 2000; letters of either case, as it was there',
  }),
  digests({
    id: 'mssql2005',
    family: 'database',
    shape: /^0x0100[0-9A-F]{48}$/i,
    forms: [
      {
        form: /^0x0100(?<salt>[0-9A-F]{8})(?<digest>[0-9A-F]{40})$/i,
        recipe: 'sha1(utf16le(pass).salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'SQL Server 2005 to 2008 R2',
  }),
  digests({
    id: 'mssql2012',
    family: 'database',
    shape: /^0x0200[0-9A-F]{136}$/i,
    forms: [
      {
        form: /^0x0200(?<salt>[0-9A-F]{8})(?<digest>[0-9A-F]{128})$/i,
        recipe: 'sha512(utf16le(pass).salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'SQL Server 2012 and later',
  }),
  digests({
    id: 'sybase-ase',
    family: 'database',
    shape: /^0xc007[0-9a-f]{80}$/i,
    forms: [
      {
        form: /^0xc007(?<salt>[0-9a-f]{16})(?<digest>[0-9a-f]{64})$/i,
        recipe: 'sha256(pad(utf16be(pass), 510).salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'Sybase ASE',
  }),
  digests({
    id: 'oracle11',
    family: 'database',
    shape: /^S:[0-9A-F]{60}$/i,
    forms: [
      {
        form: /^S:(?<digest>[0-9A-F]{40})(?<salt>[0-9A-F]{20})$/i,
        recipe: 'sha1(pass.salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'Oracle 11g S:',
  }),
  digests({
    id: 'postgres-md5',
    explicit: true,
    family: 'database',
    shape: /^md5[0-9a-f]{32}$/,
    forms: [{ form: /^md5(?<digest>[0-9a-f]{32})$/, recipe: 'md5(pass.user)', digest: 'hex' }],
    note: 'PostgreSQL md5; the user name is the salt',
    needs: ['user'],
  }),
  digests({
    id: 'mongodb-cr',
    family: 'database',
    forms: [bare(32, 'md5(user.":mongo:".pass)')],
    note: 'MongoDB-CR',
    needs: ['user'],
  }),
  digests({
    id: 'peoplesoft',
    family: 'database',
    forms: [{ form: /^(?<digest>[A-Za-z0-9+/]{27}=)$/, recipe: 'sha1(utf16le(pass))', digest: 'base64' }],
    note: 'PeopleSoft',
  }),
  digests({
    id: 'episerver',
    family: 'microsoft',
    shape: /^\$episerver\$\*[01]\*/,
    forms: (['sha1', 'sha256'] as const).map((name, kind) => ({
      form: new RegExp(`^\\$episerver\\$\\*${kind}\\*(?<salt>[A-Za-z0-9+/]+={0,2})\\*(?<digest>[A-Za-z0-9+/]+={0,2})$`),
      recipe: `${name}(salt.utf16le(pass))`,
      salt: 'base64' as const,
      digest: 'base64' as const,
    })),
    note: 'Episerver 6, the membership digest in one column',
  }),
  digests({
    id: 'dotnet-membership',
    family: 'microsoft',
    forms: [
      {
        form: /^(?<digest>[A-Za-z0-9+/]{27}=)$/,
        recipe: 'sha1(salt.utf16le(pass))',
        digest: 'base64',
        side: { saltEncoding: 'base64' },
      },
      {
        form: /^(?<digest>[A-Za-z0-9+/]{43}=)$/,
        recipe: 'sha256(salt.utf16le(pass))',
        digest: 'base64',
        side: { saltEncoding: 'base64' },
      },
    ],
    note: 'ASP.NET Membership PasswordFormat=1: DotNetNuke, Kentico, Sitecore, SharePoint FBA',
    needs: ['salt'],
  }),
  digests({
    id: 'umbraco-hmac-sha1',
    family: 'microsoft',
    forms: [
      { form: /^(?<digest>[A-Za-z0-9+/]{27}=)$/, recipe: 'hmac(sha1, utf16le(pass), utf16le(pass))', digest: 'base64' },
    ],
    note: 'Umbraco ≤ 7',
  }),
  digests({
    id: 'nthash',
    family: 'microsoft',
    shape: /^(?:\$3\$\$|\$NT\$|\{NT\}|\{NTLM\})?[0-9a-f]{32}$/i,
    explicit: true,
    forms: [
      {
        form: /^(?:\$3\$\$|\$NT\$|\{NT\}|\{NTLM\})?(?<digest>[0-9a-f]{32})$/i,
        recipe: 'md4(utf16le(pass))',
        digest: 'hex',
      },
    ],
    note: 'NT hash; bare, it looks like an MD5',
  }),
  digests({
    id: 'msdcc',
    family: 'microsoft',
    forms: [bare(32, 'md4(raw(md4(utf16le(pass))).utf16le(lower(user)))')],
    note: 'Windows cached domain credentials 1',
    needs: ['user'],
  }),
  digests({
    id: 'as400-sha1',
    family: 'mainframe',
    shape: /^\$as400ssha1\$[0-9A-F]{40}\$[^$\n]+$/i,
    forms: [
      {
        form: /^\$as400ssha1\$(?<digest>[0-9A-F]{40})\$(?<user>[^$\n]{1,10})$/i,
        recipe: 'sha1(utf16be(cut(upper(user)."          ", 0, 10).pass))',
        digest: 'hex',
      },
    ],
    note: 'IBM i SHA-1',
  }),
] as const;
