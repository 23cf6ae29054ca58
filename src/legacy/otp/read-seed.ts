import { Secret, TOTP, URI } from 'otpauth';
import type { LegacyRecord } from '../adapter.ts';
import type { OtpSettings } from './settings.ts';

export interface Seed {
  readonly secret: Secret;
  readonly digits: number;
  readonly algorithm: string;
  /** Seconds; only of a URI that says so. */
  readonly period?: number | undefined;
}

/** RFC 4226 asks for 128 bits; old tokens have 80. Below that a seed is a slip of the export, such as a cut column. */
const LEAST_BYTES = 10;

/** The seed of a row; undefined when there is none that can be used. */
export function readSeed(settings: OtpSettings, record: LegacyRecord): Seed | undefined {
  const written = (record.extras[settings.seedColumn] ?? '').trim();
  const seed = settings.seedAs === 'uri' ? fromUri(written) : fromColumns(settings, written, record);
  return seed && seed.secret.bytes.length >= LEAST_BYTES ? seed : undefined;
}

function fromColumns(settings: OtpSettings, written: string, { extras }: LegacyRecord): Seed | undefined {
  const bytes = decode(settings.seedAs, written);
  const { digitsColumn, algorithmColumn } = settings;
  const digits = Number((digitsColumn && extras[digitsColumn]) || (settings.digits ?? 6));
  const algorithm = algorithmOf((algorithmColumn && extras[algorithmColumn]) || (settings.algorithm ?? 'SHA1'));
  if (bytes === undefined || algorithm === undefined || ![6, 7, 8].includes(digits)) return undefined;
  return { secret: new Secret({ buffer: new Uint8Array(bytes).buffer }), digits, algorithm };
}

/** As exports write it: HMAC-SHA-1, HmacSHA256, sha512. */
function algorithmOf(written: string): string | undefined {
  const name = written
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .replace(/^HMAC/, '');
  return ['SHA1', 'SHA256', 'SHA512'].includes(name) ? name : undefined;
}

function decode(form: OtpSettings['seedAs'], written: string): Buffer | undefined {
  if (form === 'text') return Buffer.from(written);
  // Apps show a seed in lower case and groups of four, and some leave the padding out.
  const bare = written.replaceAll(/[\s-]/g, '').replace(/=+$/, '');
  if (form === 'hex')
    return /^(?:0x)?(?:[0-9a-f]{2})+$/i.test(bare) ? Buffer.from(bare.replace(/^0x/i, ''), 'hex') : undefined;
  if (form === 'base64') {
    const standard = written.replaceAll(/\s/g, '').replace(/=+$/, '');
    return /^[A-Za-z0-9+/_-]+$/.test(standard) ? Buffer.from(standard, 'base64') : undefined;
  }
  return /^[A-Z2-7]+$/i.test(bare) ? Buffer.from(Secret.fromBase32(bare).bytes) : undefined;
}

function fromUri(written: string): Seed | undefined {
  try {
    const read = URI.parse(written);
    const { secret, digits, algorithm } = read;
    return { secret, digits, algorithm, period: read instanceof TOTP ? read.period : undefined };
  } catch {
    return undefined;
  }
}
