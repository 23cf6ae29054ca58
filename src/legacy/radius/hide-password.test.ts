import { describe, expect, it } from 'vitest';
import { hidePassword } from './hide-password.ts';

describe('hidePassword', () => {
  it('gives what RFC 2865 §7.1 gives', () => {
    const authenticator = Buffer.from('0f403f9473978057bd83d5cb98f4227a', 'hex');
    const hidden = hidePassword('arctangent', authenticator, Buffer.from('xyzzy5461'));
    expect(hidden).toEqual({ type: 2, value: Buffer.from('0dbe708d93d413ce3196e43f782a0aee', 'hex') });
  });

  it('hides as many blocks as a password has', () => {
    const lengths = [1, 16, 17, 128].map(
      (size) => hidePassword('x'.repeat(size), Buffer.alloc(16, 1), Buffer.from('secret')).value.length,
    );
    expect(lengths).toEqual([16, 16, 32, 128]);
  });
});
