import { digest } from '../primitives/digests.ts';
import { fromHex } from '../primitives/encodings.ts';
import { md5StateAfter } from '../primitives/md5-block.ts';
import { type Read, malformed, scheme } from '../scheme.ts';

const BLOCK = 64;

/** HMAC-MD5 with the key taken in and no message yet: outer state, then inner. */
function hmacStates(password: Buffer): Buffer {
  const key = Buffer.alloc(BLOCK);
  key.set(password.length > BLOCK ? digest('md5', password) : password);
  const masked = (mask: number): Buffer => Buffer.from(key.map((byte) => byte ^ mask));
  return Buffer.concat([md5StateAfter(masked(0x5c)), md5StateAfter(masked(0x36))]);
}

const FORM = /^\{(?:CRAM-MD5|HMAC-MD5)\}(?<digest>[0-9a-f]{64})$/i;

function readCramMd5(stored: string): Read {
  const text = FORM.exec(stored)?.groups?.['digest'] ?? '';
  const expected = fromHex(text, 32);
  if (!expected) return malformed;
  return {
    cost: 2,
    expected,
    compute: ({ bytes }) => hmacStates(bytes),
    blank: stored.slice(0, -text.length) + '0'.repeat(text.length),
  };
}

export const CRAM_MD5_ROWS = [
  scheme({
    id: 'cram-md5',
    family: 'prefix',
    shape: FORM,
    costClass: 'fast',
    commonCost: 2,
    bounds: '64 hex digits',
    note: 'Dovecot {CRAM-MD5}, {HMAC-MD5}: the state of an HMAC, as good as the password for whoever reads it',
    read: readCramMd5,
  }),
] as const;
