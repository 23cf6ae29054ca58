import type { DigestName } from './primitives/digests.ts';
import type { SideInput } from './side.ts';

/** What home-made columns turned out to be, `D` for the digest: tried when a stated recipe does not verify. */
const TEMPLATES = [
  'D(pass)',
  'D(pass.salt)',
  'D(salt.pass)',
  'D(salt.pass.salt)',
  'D(D(pass).salt)',
  'D(salt.D(pass))',
  'D(D(salt).D(pass))',
  'D(pass.user)',
  'D(user.pass)',
  'D(lower(user).pass)',
  'D(user.":".realm.":".pass)',
  'D(pass."{".salt."}")',
  'D(utf16le(pass))',
  'D(utf16le(pass).salt)',
  'D(salt.utf16le(pass))',
  'D(utf16le(pass.salt))',
  'D(utf16le(salt.pass))',
  'D(D(pass))',
  'D(raw(D(pass)))',
  'D(pepper.pass)',
  'D(pass.pepper)',
  'D(salt.pass.pepper)',
  'hmac(D, salt, pass)',
  'hmac(D, pass, salt)',
  'hmac(D, pepper, pass)',
  'D(lower(pass))',
  'D(upper(pass))',
  'D(trim(pass))',
  'D(upper(D(pass)))',
  'D(reverse(pass))',
] as const;

const BY_BYTES: Partial<Record<number, readonly DigestName[]>> = {
  16: ['md5', 'md4'],
  20: ['sha1', 'ripemd160'],
  28: ['sha224'],
  32: ['sha256'],
  48: ['sha384'],
  64: ['sha512', 'whirlpool'],
};

/** Recipes for a digest of this many bytes that use only what is there. */
export function commonRecipes(bytes: number, side: SideInput): readonly string[] {
  const missing = (['salt', 'user', 'realm', 'pepper'] as const).filter((name) => side[name] === undefined);
  const usable = TEMPLATES.filter((template) => missing.every((name) => !new RegExp(`\\b${name}\\b`).test(template)));
  return (BY_BYTES[bytes] ?? []).flatMap((name) => usable.map((template) => template.replaceAll('D', name)));
}
