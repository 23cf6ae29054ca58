import { type Pbkdf2Digest, pbkdf2Digest } from '../primitives/derive.ts';
import { digest, hexDigest, hmac } from '../primitives/digests.ts';
import { fromAb64, fromBase64, fromHex } from '../primitives/encodings.ts';
import { type Password, type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { pbkdf2Reading } from './pbkdf2-reading.ts';

interface ScramParts {
  readonly digest: Pbkdf2Digest | undefined;
  readonly iterations: number;
  readonly salt: Buffer | undefined;
  readonly storedKey: Buffer | undefined;
  readonly prepare?: (password: Password) => Buffer;
  readonly blank: string;
  /** The key that the server proves itself with, instead of the one it checks with. */
  readonly serverKey?: boolean;
}

const SIZES = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** Mapped as SASLprep does for what people type: compatibility characters, blanks of other widths. @see RFC 4013 */
const saslPrep = ({ text }: Password): Buffer =>
  Buffer.from(text.replace(/[\u00a0\u2000-\u200a\u3000]/g, ' ').normalize('NFKC'));

/** StoredKey = H(HMAC(SaltedPassword, "Client Key")). @see RFC 5802 §3 */
function scramReading({ digest: name, storedKey, serverKey, prepare = saslPrep, ...rest }: ScramParts): Read {
  if (!name || storedKey?.length !== SIZES[name]) return malformed;
  return pbkdf2Reading({
    ...rest,
    digest: name,
    expected: storedKey,
    keyBytes: SIZES[name],
    prepare,
    finish: (key) =>
      serverKey ? hmac(name, key, Buffer.from('Server Key')) : digest(name, hmac(name, key, Buffer.from('Client Key'))),
  });
}

const blanked = (stored: string, part: string | undefined): string =>
  stored.replace(part ?? '', (text) => text.replace(/[^=]/g, 'A'));

const POSTGRES =
  /^SCRAM-SHA-256\$(?<iterations>[1-9]\d{0,9}):(?<salt>[A-Za-z0-9+/]+={0,2})\$(?<key>[A-Za-z0-9+/]{43}=):[A-Za-z0-9+/]{43}=$/;

function readPostgres(stored: string): Read {
  const groups = POSTGRES.exec(stored)?.groups;
  if (!groups) return malformed;
  return scramReading({
    digest: 'sha256',
    iterations: Number(groups['iterations']),
    salt: fromBase64(groups['salt'] ?? ''),
    storedKey: fromBase64(groups['key'] ?? ''),
    // The server key would tell the password as well: a weak one is not wrapped by halves.
    blank: stored.replace(/\$[^$]+$/, `$${'A'.repeat(43)}=:${'A'.repeat(43)}=`),
  });
}

const DOVECOT =
  /^\{SCRAM-(?<name>SHA-1|SHA-256|SHA-512)\}(?<iterations>[1-9]\d{0,9}),(?<salt>[A-Za-z0-9+/]+={0,2}),(?<key>[A-Za-z0-9+/]+={0,2}),(?<server>[A-Za-z0-9+/]+={0,2})$/;
const KAFKA =
  /^salt=(?<salt>[A-Za-z0-9+/]+={0,2}),stored_key=(?<key>[A-Za-z0-9+/]+={0,2}),server_key=(?<server>[A-Za-z0-9+/]+={0,2}),iterations=(?<iterations>[1-9]\d{0,9})$/;

/** Both keys of base64 in one text; the digest is named, or told by the length of its key. */
const bothKeys =
  (form: RegExp) =>
  (stored: string): Read => {
    const groups = form.exec(stored)?.groups;
    if (!groups) return malformed;
    const storedKey = fromBase64(groups['key'] ?? '');
    return scramReading({
      digest: pbkdf2Digest(groups['name'] ?? (storedKey?.length === SIZES.sha512 ? 'sha512' : 'sha256')),
      iterations: Number(groups['iterations']),
      salt: fromBase64(groups['salt'] ?? ''),
      storedKey,
      blank: blanked(blanked(stored, groups['key']), groups['server']),
    });
  };

const MONGO =
  /^\$mongodb-scram\$\*(?<kind>[01])\*(?<user>[A-Za-z0-9+/]+={0,2})\*(?<iterations>[1-9]\d{0,9})\*(?<salt>[A-Za-z0-9+/]+={0,2})\*(?<key>[A-Za-z0-9+/]+={0,2})$/;

/** Of kind 0 the password went through MongoDB's old MD5 first; variant `stored-key`: not the server's key. */
function readMongo(stored: string, { variant }: SideInput): Read {
  const groups = MONGO.exec(stored)?.groups;
  const user = fromBase64(groups?.['user'] ?? '')?.toString();
  if (!groups || !user) return malformed;
  const name = groups['kind'] === '0' ? 'sha1' : 'sha256';
  const storedKey = fromBase64(groups['key'] ?? '');
  const prepare = ({ bytes }: Password): Buffer => Buffer.from(hexDigest('md5', Buffer.from(`${user}:mongo:`), bytes));
  return scramReading({
    digest: name,
    iterations: Number(groups['iterations']),
    salt: fromBase64(groups['salt'] ?? ''),
    storedKey,
    serverKey: variant !== 'stored-key',
    ...(name === 'sha1' && { prepare }),
    blank: blanked(stored, groups['key']),
  });
}

const XMPP = /^\$xmpp-scram\$0\$(?<iterations>[1-9]\d{0,9})\$\d{1,4}\$(?<salt>[0-9a-f]{2,512})\$(?<key>[0-9a-f]{40})$/;

function readXmpp(stored: string): Read {
  const groups = XMPP.exec(stored)?.groups;
  if (!groups) return malformed;
  return scramReading({
    digest: 'sha1',
    iterations: Number(groups['iterations']),
    salt: fromHex(groups['salt'] ?? ''),
    storedKey: fromHex(groups['key'] ?? ''),
    blank: stored.slice(0, -40) + '0'.repeat(40),
  });
}

const PASSLIB =
  /^\$scram\$(?<iterations>[1-9]\d{0,9})\$(?<salt>[A-Za-z0-9./]+)\$(?<keys>(?:[a-z0-9-]+=[A-Za-z0-9./]+,?)+)$/;

/** Salted passwords of several digests; the strongest decides. */
function readPasslib(stored: string): Read {
  const groups = PASSLIB.exec(stored)?.groups;
  const keys = new Map(groups?.['keys']?.split(',').map((key) => [key.split('=')[0], key.split('=')[1] ?? '']));
  const name = ['sha-512', 'sha-256', 'sha-1'].find((each) => keys.has(each));
  const expected = fromAb64(keys.get(name) ?? '');
  const plain = pbkdf2Digest(name);
  if (!groups || !plain || expected?.length !== SIZES[plain]) return malformed;
  return pbkdf2Reading({
    digest: plain,
    iterations: Number(groups['iterations']),
    salt: fromAb64(groups['salt'] ?? ''),
    expected,
    prepare: saslPrep,
    blank: `$scram$${groups['iterations']}$${groups['salt']}$${name}=${'A'.repeat(keys.get(name)?.length ?? 0)}`,
  });
}

const common = {
  family: 'scram',
  costClass: 'pbkdf2-sha1',
  commonCost: 4096,
  bounds: 'as PBKDF2; keys whole',
} as const;

export const SCRAM_ROWS = [
  scheme({
    ...common,
    id: 'postgres-scram-sha256',
    shape: /^SCRAM-SHA-256\$/,
    costClass: 'pbkdf2-sha256',
    note: 'PostgreSQL',
    read: readPostgres,
  }),
  scheme({
    ...common,
    id: 'dovecot-scram',
    shape: /^\{SCRAM-SHA-(?:1|256|512)\}/,
    note: 'Dovecot, GNU SASL, OpenLDAP',
    read: bothKeys(DOVECOT),
  }),
  scheme({
    ...common,
    id: 'kafka-scram',
    shape: /^salt=[^,]+,stored_key=/,
    costClass: 'pbkdf2-sha256',
    note: 'Kafka, SHA-256 and SHA-512',
    read: bothKeys(KAFKA),
  }),
  scheme({
    ...common,
    id: 'mongodb-scram',
    shape: /^\$mongodb-scram\$/,
    commonCost: 10_000,
    note: 'MongoDB',
    read: readMongo,
  }),
  scheme({ ...common, id: 'xmpp-scram', shape: /^\$xmpp-scram\$/, note: 'XMPP servers', read: readXmpp }),
  scheme({ ...common, id: 'scram-passlib', shape: /^\$scram\$/, note: 'passlib $scram$', read: readPasslib }),
] as const;
