import { describe, expect, it } from 'vitest';
import { judgeBind } from './judge-bind.ts';
import type { PasswordPolicy } from './messages.ts';

const answered = (code: number, diagnostic = '', policy: PasswordPolicy = {}) => ({ code, diagnostic, policy });
/** As Windows writes it. */
const ad = (sub: string): string =>
  `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data ${sub}, v3839\0`;

describe('judgeBind', () => {
  it.each([
    ['525', 'unknown-person'],
    ['52e', 'wrong-secret'],
    ['530', 'not-allowed'],
    ['531', 'not-allowed'],
    ['532', 'expired'],
    ['533', 'disabled'],
    ['701', 'expired'],
    ['773', 'must-change-password'],
    ['775', 'locked'],
    ['57', 'wrong-secret'],
  ])('M14: recorded sub-code %s is %s', (sub, reason) => {
    expect(judgeBind(answered(49, ad(sub)))).toEqual({ outcome: 'refused', reason });
  });

  it.each([
    [answered(49, '', { error: 0 }), 'expired'],
    [answered(49, '', { error: 1 }), 'locked'],
    [answered(0, '', { error: 2 }), 'must-change-password'],
    [answered(49), 'wrong-secret'],
    [answered(48), 'wrong-secret'],
    [answered(32), 'unknown-person'],
    [answered(19, 'Exceed password retry limit. Please try later.'), 'locked'],
    [answered(53, 'Account inactivated. Contact system administrator.'), 'disabled'],
  ])('M13: %j is %s', (result, reason) => {
    expect(judgeBind(result)).toEqual({ outcome: 'refused', reason });
  });

  it('M14: an ended account is no stale password', () => {
    expect(judgeBind(answered(49, ad('701')), 'warn')).toEqual({ outcome: 'refused', reason: 'expired' });
    expect(judgeBind(answered(49, ad('532')), 'warn')).toEqual({ outcome: 'right', warnings: ['password-expired'] });
  });

  it('M13: passes on what a policy warns of', () => {
    expect(judgeBind(answered(0, '', { secondsLeft: 60 }))).toEqual({
      outcome: 'right',
      warnings: ['password-expires'],
    });
    expect(judgeBind(answered(0, '', { graceLeft: 1 }))).toEqual({ outcome: 'right', warnings: ['password-expired'] });
  });

  it.each([
    [1, 'server-error'],
    [8, 'misconfigured'],
    [10, 'redirected'],
    [51, 'server-error'],
    [52, 'server-error'],
    [53, 'server-error'],
    [80, 'server-error'],
  ])('F24: result %i is an outage, never a mistake of the citizen', (code, reason) => {
    expect(() => judgeBind(answered(code))).toThrow(expect.objectContaining({ reason }));
  });
});
