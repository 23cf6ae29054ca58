import type { SourceDefinition } from '../../../src/migration/index.ts';
import { EXPORTED_ON } from '../../stand-ins/exported/exported-source.ts';
import type { DemoMethod } from './demo-method.ts';

const file: SourceDefinition['file'] = {
  format: 'csv',
  columns: { id: 'id', login: 'login', hash: 'hash', name: 'name' },
};

/** M42 to M44: no methods of their own; what may become of an account, whatever lets people in. */
export const shapes: readonly DemoMethod[] = [
  {
    id: 'M42',
    method: 'An agent, who acts for clients: only the own account comes along (exported table, bcrypt)',
    family: 'policy on F1 hash',
    level: 'Cl',
    name: { en: 'Tax Agents', cy: 'Asiantau Treth' },
    tell: 'User name anna, her usual password. She acts for C-118 and C-204, who keep their accounts; her right over C-300 has run out.',
    proofs: ['old-password'],
    holder: 'agent',
    rights: 'm42-rights.csv',
    exported: { scheme: 'bcrypt', file: { ...file, extras: { clients: 'clients' } } },
  },
  {
    id: 'M43',
    method: 'A business account that several people share: it becomes an organisation (exported table, bcrypt)',
    family: 'policy on F1 hash',
    level: 'Cl',
    name: { en: 'Trade Permits', cy: 'Trwyddedau Masnach' },
    tell: 'User name hughes-and-sons, her usual password. It becomes an organisation; she administers it and invites the others.',
    proofs: ['old-password'],
    holder: 'organisation',
    exported: { scheme: 'bcrypt', file },
  },
  {
    id: 'M44',
    method: 'A record without a sign-in: a code by post and the name on record',
    family: 'policy on F10 code',
    level: 'Cl',
    name: { en: 'Pension Records', cy: 'Cofnodion Pensiwn' },
    tell: 'Customer number 4711 0815. Leave the code empty: a letter comes to the inbox. Then the name on record, Anna Hughes.',
    identifier: { label: { en: 'Customer number', cy: 'Rhif cwsmer' }, normalise: ['drop-spaces'] },
    proofs: ['posted-code', { kind: 'reference-and-fact', facts: ['name'] }],
    needed: 2,
    holder: 'record',
    adapter: () => ({
      family: 'code',
      method: 'M35',
      validDays: 28,
      tries: 5,
      ours: { keySecret: 'letter-key', addressColumns: ['street', 'town'], everyDays: 1 },
      exportedOn: EXPORTED_ON,
    }),
    row: {
      id: '47110815',
      login: '47110815',
      name: 'Anna Hughes',
      extras: { street: '1 High Street', town: 'Tregaron' },
    },
  },
];
