import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { startFormStandIn } from '../../../demo/stand-ins/http/form-stand-in.ts';
import { startGatewayStandIn } from '../../../demo/stand-ins/http/gateway-stand-in.ts';
import {
  formSettings,
  gatewaySettings,
  restSettings,
  soapSettings,
} from '../../../demo/stand-ins/http/http-settings.ts';
import { startRestStandIn } from '../../../demo/stand-ins/http/rest-stand-in.ts';
import { startSoapStandIn } from '../../../demo/stand-ins/http/soap-stand-in.ts';
import { startLdapStandIn } from '../../../demo/stand-ins/ldap/ldap-stand-in.ts';
import { startRadiusStandIn } from '../../../demo/stand-ins/radius/radius-stand-in.ts';
import { examine, type Subject } from '../../support/conformance.ts';
import { PASSWORD } from '../../support/legacy-servers/people.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));
async function started<StandIn extends { readonly stop: () => Promise<void> }>(
  one: Promise<StandIn>,
): Promise<StandIn> {
  const standIn = await one;
  stops.push(standIn.stop);
  return standIn;
}

const known = { login: 'anna', secret: PASSWORD };
const disabled = { login: 'disabled-dan', secret: PASSWORD };

const row = { accountKey: '4711', login: 'anna', password: PASSWORD, email: 'anna@old.example' };
const closed = { ...row, accountKey: '4712', login: 'disabled-dan', isDisabled: true };

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  'M09, REST': async () => ({ settings: restSettings((await started(startRestStandIn())).baseUrl), known, disabled }),
  'M10, SOAP': async () => ({ settings: soapSettings((await started(startSoapStandIn())).baseUrl), known, disabled }),
  'M11, form': async () => ({ settings: formSettings((await started(startFormStandIn())).baseUrl), known, disabled }),
  'M12, gateway': async () => ({
    settings: gatewaySettings((await started(startGatewayStandIn())).baseUrl),
    known: { login: '001234567890', secret: PASSWORD },
    disabled: { login: '555566667777', secret: PASSWORD },
  }),
  'M13, LDAP': async () => {
    const { url, ca, base, reader } = await started(startLdapStandIn());
    const bind = { dn: reader.dn, passwordSecret: 'reader' };
    return {
      settings: { family: 'ldap', method: 'M13', urls: [url], ca, base, reader: bind, filter: '(uid={login})' },
      secrets: { reader: reader.password },
      known,
    };
  },
  'M16, RADIUS': async () => {
    const { port, sharedSecret } = await started(startRadiusStandIn());
    return {
      settings: { family: 'radius', method: 'M16', servers: [{ host: '127.0.0.1', port }], sharedSecret: 'shared' },
      secrets: { shared: sharedSecret },
      known,
    };
  },
  'M26, PIN beside a password': async () => ({
    settings: {
      family: 'knowledge',
      method: 'M26',
      alongside: 'password',
      pin: {
        held: { as: 'digest', column: 'pin', algorithm: 'sha256', input: '{salt}{secret}', saltColumn: 'salt' },
        digits: { least: 4, most: 6 },
        tries: 3,
        use: 'lasting',
      },
      exportedOn: '2026-01-31',
    },
    rows: [row, closed].map((each) => ({
      ...each,
      extras: { salt: 's1', pin: createHash('sha256').update('s12468').digest('hex') },
    })),
    known: { ...known, more: { pin: '2468' } },
    disabled,
  }),
  'M32, code by e-mail': async () => ({
    settings: { family: 'code', method: 'M32', exportedOn: '2026-01-31' },
    rows: [row, closed].map((each) => ({ ...each, extras: {} })),
    known,
    disabled,
  }),
  'M37, code of an app': async () => ({
    settings: {
      family: 'otp',
      method: 'M37',
      alongside: 'password',
      seedColumn: 'seed',
      seedAs: 'hex',
      exportedOn: '2026-01-31',
    },
    rows: [row, closed].map((each) => ({
      ...each,
      extras: { seed: Buffer.from('12345678901234567890').toString('hex') },
    })),
    now: () => new Date(1_111_111_109_000),
    known: { ...known, more: { code: '081804' } },
    disabled,
  }),
};

describe('every family that asks on our page stands the conformance kit', () => {
  it.each(Object.keys(subjects))('%s', async (name) => {
    const subject = await subjects[name]?.();
    if (!subject) throw new Error(name);
    const findings = await examine(subject);
    expect(findings.filter(({ verdict }) => verdict === 'bad')).toEqual([]);
    const good = findings.filter(({ verdict }) => verdict === 'good').map((finding) => finding.case);
    expect(good).toEqual(expect.arrayContaining(['is there', 'known person', 'unknown person', 'names that inject']));
  });

  it('says what is bad, of a system that lets everybody in', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"1"}');
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    stops.push(async () => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const findings = await examine({
      settings: { family: 'http', method: 'M09', url: `http://127.0.0.1:${port}/` },
      known,
      disabled,
    });
    expect(findings.filter(({ verdict }) => verdict === 'bad').map((finding) => finding.case)).toEqual([
      'wrong password',
      'unknown person',
      'disabled person',
      'names that inject',
    ]);
    expect(findings.filter(({ verdict }) => verdict === 'not tried here').map((finding) => finding.case)).toEqual([
      'time of wrong and unknown',
      'slow answer',
      'garbage',
      'answer without end',
      'redirect loop',
      'wrong certificate',
    ]);
  });
});
