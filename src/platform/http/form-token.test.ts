import { expect, it } from 'vitest';
import { testConfig } from '../../../test/support/config.ts';
import { createKeyRing } from '../crypto/key-ring.ts';
import { checkFormToken, formToken } from './form-token.ts';

const keyRing = createKeyRing(testConfig().secrets);

it('C11: a form token opens only the form it was made for', () => {
  const token = formToken(keyRing, 'browser', 'journey', 'email');
  expect(checkFormToken(keyRing, token, 'browser', 'journey', 'email')).toBe(true);
  expect(checkFormToken(keyRing, token, 'other-browser', 'journey', 'email')).toBe(false);
  expect(checkFormToken(keyRing, token, 'browser', 'journey', 'password')).toBe(false);
  expect(checkFormToken(keyRing, token, 'browser', 'journeyemail', '')).toBe(false);
  for (const bad of [undefined, '', 'x', token.slice(1), [token], `${token}x`.slice(0, 10)]) {
    expect(checkFormToken(keyRing, bad, 'browser', 'journey', 'email')).toBe(false);
  }
});
