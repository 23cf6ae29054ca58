import { createCipheriv } from 'node:crypto';
import { type Scrypt, isScrypt, scryptFits, scryptKey } from '../primitives/derive.ts';
import { anyBase64 } from '../primitives/encodings.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

interface FirebaseParts extends Scrypt {
  readonly salt: Buffer | undefined;
  readonly separator: Buffer | undefined;
  readonly signerKey: Buffer | undefined;
  readonly expected: Buffer | undefined;
}

/** Firebase's own scrypt: the derived key encrypts the project's signer key. @see github.com/firebase/scrypt */
function firebaseReading({ n, r, p, salt, separator, signerKey, expected }: FirebaseParts): Read {
  if (!salt || !separator || !signerKey || !expected || !isScrypt({ n, r, p })) return malformed;
  if (signerKey.length < 32 || expected.length !== signerKey.length) return malformed;
  if (!scryptFits({ n, r, p })) return tooCostly;
  const grain = Buffer.concat([salt, separator]);
  return {
    cost: n * r * p,
    expected,
    async compute({ bytes }) {
      const key = await scryptKey(bytes, grain, 32, { n, r, p });
      return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(signerKey);
    },
  };
}

const bytes = (text: string | undefined): Buffer | undefined => (text === undefined ? undefined : anyBase64(text));

function readColumns(stored: string, side: SideInput): Read {
  const { n = 14, r = 8 } = side;
  return firebaseReading({
    n: 2 ** n,
    r,
    p: 1,
    salt: bytes(side.salt),
    separator: bytes(side.separator ?? ''),
    signerKey: bytes(side.signerKey),
    expected: anyBase64(stored),
  });
}

const B64 = '[A-Za-z0-9+/_-]+={0,2}';
const FIRESCRYPT = new RegExp(
  `^\\$firescrypt\\$ln=(?<ln>\\d{1,2}),r=(?<r>\\d{1,3}),p=(?<p>\\d{1,3})\\$(?<salt>${B64})\\$(?<digest>${B64})\\$(?<separator>${B64})\\$(?<signer>${B64})$`,
);
const FBSCRYPT = new RegExp(
  `^\\$fbscrypt\\$v=1,n=(?<ln>\\d{1,2}),r=(?<r>\\d{1,3}),p=(?<p>\\d{1,3})(?:,ss=(?<separator>${B64}))?,sk=(?<signer>${B64})\\$(?<salt>${B64})\\$(?<digest>${B64})$`,
);

const inOne =
  (form: RegExp) =>
  (stored: string): Read => {
    const groups = form.exec(stored)?.groups;
    if (!groups) return malformed;
    return firebaseReading({
      n: 2 ** Number(groups['ln']),
      r: Number(groups['r']),
      p: Number(groups['p']),
      salt: bytes(groups['salt']),
      separator: bytes(groups['separator'] ?? ''),
      signerKey: bytes(groups['signer']),
      expected: bytes(groups['digest']),
    });
  };

const common = {
  family: 'scrypt',
  costClass: 'scrypt',
  commonCost: 131_072,
  bounds: '128·N·r ≤ 128 MiB, N·r·p ≤ 2^21; digest as long as the signer key',
} as const;

export const FIREBASE_ROWS = [
  scheme({
    ...common,
    id: 'firebase-scrypt',
    shape: undefined,
    note: 'Firebase export; n is the memory cost, r the rounds',
    needs: ['salt', 'signerKey'],
    read: readColumns,
  }),
  scheme({ ...common, id: 'kratos-firescrypt', shape: /^\$firescrypt\$/, note: 'Ory Kratos', read: inOne(FIRESCRYPT) }),
  scheme({ ...common, id: 'supabase-fbscrypt', shape: /^\$fbscrypt\$/, note: 'Supabase', read: inOne(FBSCRYPT) }),
] as const;
