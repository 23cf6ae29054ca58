/** Puts a digest and its salt from two columns into one string. @param digest 128 hex digits */
export function encodeSaltedSha512(order: 'password-salt' | 'salt-password', salt: string, digest: string): string {
  return `sha512-${order === 'password-salt' ? 'ps' : 'sp'}$${salt}$${digest.trim().toLowerCase()}`;
}
