import { startLdapStandIn } from '../../demo/stand-ins/ldap/ldap-stand-in.ts';
import { startRestStandIn } from '../../demo/stand-ins/http/rest-stand-in.ts';
import { startRadiusStandIn } from '../../demo/stand-ins/radius/radius-stand-in.ts';
import type { SourceDefinition } from '../../src/migration/index.ts';

/** One way of signing in, and what a wrong attempt types into its boxes. */
export interface Contender {
  readonly name: string;
  readonly adapter: SourceDefinition['adapter'];
  readonly extras: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** What is typed beside the name: wrong wherever something can be wrong. */
  readonly wrong: Readonly<Record<string, string>>;
  /** What everybody is answered: `mismatch` when left out. */
  readonly answer?: 'asks';
  readonly stop?: () => Promise<void>;
}

const exportedOn = '2026-01-31';

/** Every family whose secrets are typed on our page; the others are told nothing by us. `floorMs` as configured by default. */
export async function contenders(floorMs: number): Promise<readonly Contender[]> {
  const limits = { floorMs, concurrency: 1000, perMinute: 1_000_000 };
  const ldap = await startLdapStandIn({});
  const radius = await startRadiusStandIn({});
  const rest = await startRestStandIn({});
  return [
    { name: 'hash (F1)', adapter: undefined, extras: {}, secrets: {}, wrong: { password: 'not this one at all' } },
    {
      name: 'http (F2)',
      adapter: {
        family: 'http',
        method: 'M09',
        url: `${rest.baseUrl}/log-in`,
        key: { path: 'person.id' },
        refusals: [{ status: [401], as: 'wrong-secret' }],
        limits,
      },
      extras: {},
      secrets: {},
      wrong: { password: 'not this one at all' },
      stop: rest.stop,
    },
    {
      name: 'ldap (F3)',
      adapter: {
        family: 'ldap',
        method: 'M13',
        urls: [ldap.url],
        ca: ldap.ca,
        reader: { dn: ldap.reader.dn, passwordSecret: 'reader' },
        base: ldap.base,
        filter: '(uid={login})',
        limits,
      },
      extras: {},
      secrets: { reader: ldap.reader.password },
      wrong: { password: 'not this one at all' },
      stop: ldap.stop,
    },
    {
      name: 'radius (F4)',
      adapter: {
        family: 'radius',
        method: 'M16',
        servers: [{ host: radius.host, port: radius.port }],
        sharedSecret: 'radius',
        protocol: 'pap',
        nasIdentifier: 'bench',
        limits,
      },
      extras: {},
      secrets: { radius: radius.sharedSecret },
      wrong: { password: 'not this one at all' },
      stop: radius.stop,
    },
    {
      name: 'knowledge (F9)',
      adapter: {
        family: 'knowledge',
        method: 'M26',
        pin: { held: { as: 'text', column: 'pin' }, digits: { least: 4, most: 8 }, tries: 20, use: 'lasting' },
        exportedOn,
        limits,
      },
      extras: { pin: '246810' },
      secrets: {},
      wrong: { pin: '135790' },
    },
    {
      name: 'code (F10)',
      adapter: { family: 'code', method: 'M32', exportedOn, limits },
      extras: {},
      secrets: {},
      wrong: {},
      answer: 'asks',
    },
    {
      name: 'otp (F11)',
      adapter: {
        family: 'otp',
        method: 'M37',
        alongside: 'password',
        seedColumn: 'seed',
        seedAs: 'hex',
        exportedOn,
        limits,
      },
      extras: { seed: '3132333435363738393031323334353637383930' },
      secrets: {},
      wrong: { password: 'not this one at all', code: '123456' },
    },
  ];
}
