import { startLdapStandIn } from '../../demo/stand-ins/ldap/ldap-stand-in.ts';
import { startRadiusStandIn } from '../../demo/stand-ins/radius/radius-stand-in.ts';
import type { SourceDefinition } from '../../src/migration/index.ts';

/** One way of signing in, and what a wrong attempt types into its boxes. */
export interface Contender {
  readonly name: string;
  readonly adapter: SourceDefinition['adapter'];
  readonly extras: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

const exportedOn = '2026-01-31';

/** Every family whose secrets are typed on our page; the others are told nothing by us. `floorMs` as configured by default. */
export async function contenders(floorMs: number): Promise<readonly Contender[]> {
  const limits = { floorMs, concurrency: 1000, perMinute: 1_000_000 };
  const ldap = await startLdapStandIn({});
  const radius = await startRadiusStandIn({});
  return [
    { name: 'hash (F1)', adapter: undefined, extras: {}, secrets: {}, wrong: { password: 'not this one at all' } },
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
