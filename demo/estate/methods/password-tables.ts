import type { SourceDefinition } from '../../../src/migration/index.ts';
import type { DemoMethod } from './demo-method.ts';

type Table = Pick<DemoMethod, 'id' | 'method' | 'name'> & {
  readonly scheme: SourceDefinition['scheme'];
  /** The columns of the file, by what they are to us. */
  readonly columns?: Partial<SourceDefinition['file']['columns']>;
  readonly remark?: string;
};

const tables: readonly Table[] = [
  {
    id: 'M01',
    method: 'Exported table: bcrypt and Argon2',
    name: { en: 'Library Card', cy: 'Cerdyn Llyfrgell' },
    scheme: 'detect',
    remark: ' Bert (Argon2) has the same password; carys is closed.',
  },
  {
    id: 'M02',
    method: 'Exported table: PBKDF2 of a framework (Django)',
    name: { en: 'Volunteering', cy: 'Gwirfoddoli' },
    scheme: 'django-pbkdf2',
  },
  {
    id: 'M03',
    method: 'Exported table: crypt(3), with MD5, SHA-256 and SHA-512',
    name: { en: 'Allotments', cy: 'Rhandiroedd' },
    scheme: 'detect',
    remark: ' Bert ($6$) has the same password.',
  },
  {
    id: 'M04',
    method: 'Exported table: a home-made salted digest, sha1(salt.pass)',
    name: { en: 'Museum Members', cy: 'Aelodau’r Amgueddfa' },
    scheme: { recipe: 'sha1(salt.pass)' },
    columns: { salt: 'salt' },
  },
  {
    id: 'M05',
    method: 'Exported table: NT hash, without a salt',
    name: { en: 'Staff Shares', cy: 'Cyfranddaliadau Staff' },
    scheme: 'nthash',
  },
  {
    id: 'M06',
    method: 'Exported table: accounts of a database (PostgreSQL md5)',
    name: { en: 'Grants Database', cy: 'Cronfa Ddata Grantiau' },
    scheme: 'postgres-md5',
    columns: { user: 'login' },
  },
  {
    id: 'M07',
    method: 'Exported table: passwords that can be read (Base64), hashed on arrival',
    name: { en: 'Parking Fines', cy: 'Dirwyon Parcio' },
    scheme: { scheme: 'plaintext', decode: 'base64' },
    columns: { hash: 'password' },
  },
  {
    id: 'M08',
    method: 'Exported table: HTTP Digest file (htdigest)',
    name: { en: 'Members’ Minutes', cy: 'Cofnodion yr Aelodau' },
    scheme: 'htdigest',
    columns: { hash: 'digest', user: 'login', realm: 'realm' },
  },
];

/** M01 to M08: checked offline, against what the old system exported. */
export const passwordTables: readonly DemoMethod[] = tables.map(({ scheme, columns, remark = '', ...table }) => {
  const hasState = table.id !== 'M08';
  return {
    ...table,
    family: 'F1 hash',
    level: 'Cl',
    tell: `User name anna, her usual password.${remark}`,
    proofs: ['old-password'],
    exported: {
      scheme,
      file: {
        format: 'csv',
        columns: {
          id: 'id',
          login: 'login',
          hash: 'hash',
          name: 'name',
          ...(hasState && { status: 'state' }),
          ...columns,
        },
        ...(hasState && { statuses: { open: 'active', closed: 'disabled' } }),
      },
    },
  };
});
