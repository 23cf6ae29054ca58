import { utf16le } from '../primitives/charsets.ts';
import { pbkdf2Digest } from '../primitives/derive.ts';
import { digest } from '../primitives/digests.ts';
import { crypt64Number, fromAb64, fromBase64, fromCrypt64Big, fromHex } from '../primitives/encodings.ts';
import type { SideInput } from '../side.ts';
import { fullKey, pbkdf2Row, whole } from './pbkdf2-row.ts';

/** AIX takes three bytes as a number, highest first, and writes its digits lowest first; of the last, what fits. */
function aixText(bytes: Buffer): Buffer {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const value = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += crypt64Number(value, Math.min(bytes.length - at, 3) + 1);
  }
  return Buffer.from(text);
}

const aix = <const Id extends string>(id: Id, name: 'sha1' | 'sha256' | 'sha512', bytes: number, digits: number) =>
  pbkdf2Row({
    id,
    family: 'crypt',
    form: new RegExp(
      `^\\{s${name}\\}(?<iterations>\\d{2})\\$(?<salt>[A-Za-z0-9./]{1,64})\\$(?<digest>[A-Za-z0-9./]{${digits}})$`,
    ),
    split: ({ iterations, salt, digest: text }) => ({
      digest: name,
      iterations: 2 ** Number(iterations),
      salt,
      expected: Buffer.from(text ?? ''),
      keyBytes: bytes,
      finish: aixText,
    }),
    common: 64,
    note: 'AIX; the iterations are a power of two',
  });

const saltOf = ({ salt, saltEncoding = 'text' }: SideInput): Buffer | undefined => {
  if (salt === undefined) return undefined;
  if (saltEncoding === 'hex') return fromHex(salt);
  return saltEncoding === 'base64' ? fromBase64(salt) : Buffer.from(salt);
};

const ntHash = (text: string): Buffer => digest('md4', utf16le(text));

const ntUpperHex = (text: string): Buffer => utf16le(ntHash(text).toString('hex').toUpperCase());

const ORACLE_TAIL = Buffer.from('AUTH_PBKDF2_SPEEDY_KEY');

export const PRODUCT_PBKDF2_ROWS = [
  pbkdf2Row({
    id: 'atlassian-pbkdf2',
    shape: /^\{PKCS5S2\}/,
    composite: true,
    form: /^\{PKCS5S2\}(?<digest>[A-Za-z0-9+/]{64})$/,
    split: ({ digest: text }) => blob(text, { salt: 16, key: 32, digest: 'sha1', iterations: 10_000 }),
    class: 'pbkdf2-sha1',
    common: 20_000,
    note: 'Atlassian, Crowd',
  }),
  pbkdf2Row({
    id: 'ldap-pbkdf2',
    shape: /^\{PBKDF2(?:[-_]SHA\d+)?\}\d+\$/i,
    form: /^\{PBKDF2(?:[-_](?<name>SHA1|SHA256|SHA512))?\}(?<iterations>[1-9]\d{0,9})\$(?<salt>[A-Za-z0-9./+]{1,200}={0,2})\$(?<digest>[A-Za-z0-9./+]{16,200}={0,2})$/i,
    split: ({ name = 'sha1', iterations, salt = '', digest: text = '' }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromAb64(salt) ?? fromBase64(salt),
      expected: fullKey(name, fromAb64(text) ?? fromBase64(text)),
    }),
    common: 10_000,
    note: 'OpenLDAP pw-pbkdf2; 389 Directory Server 2 and later, in ordinary base64',
  }),
  pbkdf2Row({
    id: 'directory389-pbkdf2',
    composite: true,
    form: /^\{PBKDF2[-_](?<name>SHA1|SHA256|SHA512)\}(?<digest>[A-Za-z0-9+/]{100,500}={0,2})$/i,
    split: ({ name, digest: text }) => {
      const bytes = fromBase64(text ?? '');
      const usable = bytes && bytes.length > 4 + 64 + 20 ? bytes : undefined;
      return {
        digest: pbkdf2Digest(name),
        iterations: usable?.readUInt32BE(0) ?? Number.NaN,
        salt: usable?.subarray(4, 68),
        expected: usable?.subarray(68),
      };
    },
    common: 80_000,
    note: '389 Directory Server, FreeIPA: base64 of iterations, 64 bytes of salt, key',
  }),
  aix('aix-ssha1', 'sha1', 20, 27),
  aix('aix-ssha256', 'sha256', 32, 43),
  aix('aix-ssha512', 'sha512', 64, 86),
  pbkdf2Row({
    id: 'azuread-sync',
    shape: /^v1;PPH1_MD4,/,
    form: /^v1;PPH1_MD4,(?<salt>[0-9a-f]{20}),(?<iterations>[1-9]\d{0,9}),(?<digest>[0-9a-f]{64});?$/,
    split: ({ salt, iterations, digest: text }) => ({
      digest: 'sha256',
      iterations: Number(iterations),
      salt: fromHex(salt ?? ''),
      expected: fromHex(text ?? ''),
      prepare: (password) => ntUpperHex(password.text),
    }),
    common: 1000,
    note: 'Microsoft Entra Connect: PBKDF2 over the NT hash',
  }),
  pbkdf2Row({
    id: 'oracle12',
    shape: /^T:[0-9A-F]{160}$/i,
    form: /^T:(?<digest>[0-9A-F]{128})(?<salt>[0-9A-F]{32})$/i,
    split: ({ digest: text, salt }) => {
      const grain = fromHex(salt ?? '') ?? Buffer.alloc(16);
      return {
        digest: 'sha512',
        iterations: 4096,
        salt: Buffer.concat([grain, ORACLE_TAIL]),
        expected: fromHex(text ?? ''),
        keyBytes: 64,
        finish: (key) => digest('sha512', key, grain),
      };
    },
    class: 'pbkdf2-sha512',
    common: 12_288,
    note: 'Oracle 12c and later T:',
  }),
  pbkdf2Row({
    id: 'cisco-type8',
    form: /^\$8\$(?<salt>[A-Za-z0-9./]{14})\$(?<digest>[A-Za-z0-9./]{43})$/,
    split: ({ salt, digest: text }) => ({
      digest: 'sha256',
      iterations: 20_000,
      salt,
      expected: fromCrypt64Big(text ?? ''),
    }),
    common: 20_000,
    note: 'Cisco type 8',
  }),
  pbkdf2Row({
    id: 'msdcc2',
    form: /^(?:\$DCC2\$(?<iterations>[1-9]\d{0,6})#(?<user>[^#\n]{1,64})#)?(?<digest>[0-9a-f]{32})$/i,
    explicit: true,
    split: ({ iterations = '10240', user, digest: text }, side) => {
      const name = utf16le((user ?? side.user ?? '').toLowerCase());
      return {
        digest: 'sha1',
        iterations: Number(iterations),
        salt: name.length > 0 ? name : undefined,
        expected: fromHex(text ?? ''),
        prepare: (password) => digest('md4', ntHash(password.text), name),
      };
    },
    class: 'pbkdf2-sha1',
    common: 10_240,
    needs: ['user'],
    note: 'Windows cached domain credentials 2',
  }),
  pbkdf2Row({
    id: 'pbkdf2-parts',
    form: /^(?<digest>[A-Za-z0-9+/_-]{16,1024}={0,2})$/,
    explicit: true,
    split: ({ digest: text = '' }, side) => ({
      digest: pbkdf2Digest(side.algorithm),
      iterations: side.iterations ?? Number.NaN,
      salt: saltOf(side),
      expected: keyOf(text, side),
    }),
    needs: ['algorithm', 'iterations', 'salt'],
    note: 'key and salt in two columns: DfE Sign-in (sha512, text salt), Rfc2898DeriveBytes, passport-local',
  }),
  pbkdf2Row({
    id: 'spring-pbkdf2',
    composite: true,
    form: /^(?:\{pbkdf2(?:@SpringSecurity_v5_(?<version>[58]))?\})?(?<digest>[0-9a-f]{40,256}|[A-Za-z0-9+/]{40,256}={0,2})$/i,
    explicit: true,
    split: splitSpring,
    common: 370_000,
    note: 'Spring Pbkdf2PasswordEncoder; the secret (pepper) is appended to the salt',
  }),
] as const;

/** What Spring's two generations take for granted. */
const SPRING_5 = { algorithm: 'sha1', iterations: 185_000, saltBytes: 8 } as const;
const SPRING_8 = { algorithm: 'sha256', iterations: 310_000, saltBytes: 16 } as const;

function splitSpring({ version, digest: text = '' }: Partial<Record<string, string>>, side: SideInput) {
  const old = version === undefined ? side.algorithm === undefined : version === '5';
  const { algorithm, iterations, saltBytes, keyBytes = 32, pepper = '' } = { ...(old ? SPRING_5 : SPRING_8), ...side };
  const bytes = side.encoding === 'base64' ? fromBase64(text) : fromHex(text);
  return {
    digest: pbkdf2Digest(algorithm),
    iterations,
    salt: bytes && Buffer.concat([bytes.subarray(0, saltBytes), Buffer.from(pepper)]),
    expected: whole(bytes?.subarray(saltBytes), keyBytes),
  };
}

function keyOf(text: string, { encoding, keyBytes }: SideInput): Buffer | undefined {
  const key = encoding === 'hex' ? fromHex(text) : fromBase64(text);
  return keyBytes === undefined ? key : whole(key, keyBytes);
}

interface BlobForm {
  readonly salt: number;
  readonly key: number;
  readonly digest: 'sha1' | 'sha256' | 'sha512';
  readonly iterations: number;
}

function blob(text: string | undefined, { salt, key, digest: name, iterations }: BlobForm) {
  const bytes = whole(fromBase64(text ?? ''), salt + key);
  return { digest: name, iterations, salt: bytes?.subarray(0, salt), expected: bytes?.subarray(salt) };
}
