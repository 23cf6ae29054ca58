import { expect, it } from 'vitest';
import { testConfig } from '../../../test/support/config.ts';
import { createKeyRing } from '../../platform/crypto/key-ring.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import { makeHeld, readHeld } from './held-secret.ts';

const keyRing = createKeyRing(testConfig().secrets);

it('C1: what is held is 256 random bits, and its key is of this kind and this operator only', () => {
  const asked: number[] = [];
  const fixed = (size: number): Buffer => {
    asked.push(size);
    return Buffer.alloc(size, 7);
  };
  const [ann, bob] = [uuidv7(), uuidv7()];
  const session = makeHeld(keyRing, 'session', ann, fixed);
  expect(asked).toEqual([32]);
  expect(readHeld(keyRing, 'session', session.text)).toEqual({ operatorId: ann, key: session.key });
  const others = [makeHeld(keyRing, 'session', bob, fixed), makeHeld(keyRing, 'invitation', ann, fixed)];
  for (const other of others) expect(other.key.equals(session.key)).toBe(false);
  expect(session.text).not.toContain(session.key.toString('base64url'));
});

it('text of another shape is nothing', () => {
  const { text } = makeHeld(keyRing, 'token', uuidv7());
  expect(text.startsWith('lko_')).toBe(true);
  for (const bad of [
    text.slice(4),
    text.slice(0, -1),
    `${text}A`,
    text.replace('.', ':'),
    text.toUpperCase(),
    `${text}\n`,
    '',
  ])
    expect(readHeld(keyRing, 'token', bad)).toBeUndefined();
  expect(readHeld(keyRing, 'session', text)).toBeUndefined();
});
