import { describe, expect, it } from 'vitest';
import { parseLegacyHash } from './parse-legacy-hash.ts';
import type { LegacyScheme } from './registry.ts';

const bcrypt = `$2y$12$${'a'.repeat(53)}`;
const argon2 = `$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$${'A'.repeat(43)}`;

/** A decoy is told a cost in the unit of its scheme; what stands behind a prefix has another unit (A11). */
describe('the cost of a value behind a prefix, in the unit of its row', () => {
  it.each<[LegacyScheme, string, number, number]>([
    ['ldap-crypt', `{CRYPT}${bcrypt}`, 100_000, 300_000],
    ['ldap-crypt', `{CRYPT}$6$salt$${'a'.repeat(86)}`, 5000, 5000],
    ['ldap-crypt', `{CRYPT}$y$j9T$saltsalt$${'.'.repeat(43)}`, 50_000, 200_000],
    ['spring-prefixed', `{bcrypt}${bcrypt}`, 12, 12],
    ['spring-prefixed', `{argon2}${argon2}`, 10, 12],
    ['spring-prefixed', `{pbkdf2}${'a'.repeat(80)}`, 9, 11],
    ['dovecot', `{BLF-CRYPT}${bcrypt}`, 100_000, 300_000],
    ['dovecot', `{BLF-CRYPT}$2y$14$${'a'.repeat(53)}`, 500_000, 1_000_000],
    ['shiro2', `$shiro2${argon2}`, 196_608, 196_608],
    ['shiro2', `$shiro2${bcrypt}`, 400_000, 700_000],
  ])('%s %s', (scheme, stored, least, most) => {
    const parsed = parseLegacyHash(stored, scheme);
    if ('problem' in parsed) throw new Error(parsed.problem);
    expect(parsed.cost).toBeGreaterThanOrEqual(least);
    expect(parsed.cost).toBeLessThanOrEqual(most);
  });
});
