import { generateKeyPairSync, sign } from 'node:crypto';
import { asPem, COMMON_NAME, ECDSA_WITH_SHA256, oid, sequence, set, time, value } from '../self-signed.ts';

export interface CardAuthority {
  /** PEM. */
  readonly certificate: string;
  /** PEM of a new certificate. Nobody has its key: the gateway of the demo asks for a choice, not for a signature. */
  issue(card: { readonly person: string; readonly serial: number; readonly policy?: Buffer }): string;
  /** Who was revoked, as of now; DER. */
  list(serials: readonly number[]): Buffer;
}

const DAY = 86_400_000;
const SIGNED = sequence(ECDSA_WITH_SHA256);
const critical = value(0x01, Buffer.from([0xff]));
const number = (of: number): Buffer => value(0x02, Buffer.from([of]));
const nameOf = (text: string): Buffer => sequence(set(sequence(COMMON_NAME, value(0x0c, Buffer.from(text)))));
const bits = (bytes: Buffer): Buffer => value(0x03, Buffer.concat([Buffer.from([0]), bytes]));
const extension = (id: string, ...parts: readonly Buffer[]): Buffer => sequence(oid(id), ...parts);
const octets = (content: Buffer): Buffer => value(0x04, content);

/** An authority that gives out certificates of people, made anew at every start. @see RFC 5280 */
export function cardAuthority(name: string): CardAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const seal = (body: Buffer): Buffer => sequence(body, SIGNED, bits(sign('sha256', body, privateKey)));
  const certify = (subject: string, key: Buffer, serial: number, extensions: readonly Buffer[]): string =>
    asPem(
      seal(
        sequence(
          value(0xa0, number(2)),
          number(serial),
          SIGNED,
          nameOf(name),
          sequence(time(Date.now() - DAY), time(Date.now() + 365 * DAY)),
          nameOf(subject),
          key,
          value(0xa3, sequence(...extensions)),
        ),
      ),
    );
  const isAuthority = extension('551d13', critical, octets(sequence(critical)));
  return {
    certificate: certify(name, publicKey.export({ type: 'spki', format: 'der' }), 1, [isAuthority]),
    issue({ person, serial, policy }) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
      return certify(person, own, serial, [
        extension('551d25', octets(sequence(CLIENT_AUTH))),
        ...(policy ? [extension('551d20', octets(sequence(sequence(value(0x06, policy)))))] : []),
      ]);
    },
    list(serials) {
      const entries = serials.map((serial) => sequence(number(serial), time(Date.now() - DAY)));
      const dates = [time(Date.now() - 3_600_000), time(Date.now() + DAY)];
      return seal(sequence(number(1), SIGNED, nameOf(name), ...dates, sequence(...entries)));
    },
  };
}

const CLIENT_AUTH = oid('2b06010505070302');
