import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AdapterContext } from '../adapter.ts';
import { createEgress } from '../egress/egress.ts';
import type { Signing } from './shared-settings.ts';
import { type Component, contentDigest, inputOf, signatureBase, signBase, type SigningKey } from './sign-message.ts';
import { createSigner } from './sign-question.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const CREATED = NOW.getTime() / 1000;
const unused = (): never => {
  throw new Error('not used here');
};
const pem = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    ours: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    theirs: publicKey.export({ type: 'spki', format: 'pem' }),
  };
})();
const answers = Buffer.alloc(32, 'a');
const secrets: Readonly<Record<string, string>> = {
  questions: Buffer.alloc(32, 'q').toString('base64'),
  answers: answers.toString('base64'),
  pem: pem.ours,
};
const context: AdapterContext = {
  source: 'old',
  identifierLabel: { en: 'Name' },
  egress: createEgress({ allow: [] }),
  secret: (name) => secrets[name] ?? unused(),
  records: { find: unused, checkPassword: unused, counter: unused, advance: unused },
  replays: { once: unused },
  now: () => NOW,
  randomBytes,
};
const settings: Signing = {
  keyId: 'latchkey-1',
  algorithm: 'hmac-sha256',
  keySecret: 'questions',
  answers: { keyId: 'old-1', algorithm: 'hmac-sha256', keySecret: 'answers' },
};
const question = { url: 'https://old.example/', method: 'POST', headers: {}, body: '{}' };
const body = '{"id":"M-1"}';
const key: SigningKey = { keyId: 'old-1', algorithm: 'hmac-sha256', key: answers };

/** An answer that is rightly signed by whoever holds the key, over what the test wants. */
function answer(signature: string, changes: { parameters?: string; covered?: readonly Component[] } = {}) {
  const {
    parameters = `;created=${CREATED};keyid="old-1"`,
    covered = [
      ['"@status"', '200'],
      ['"content-type"', 'application/json'],
      ['"content-digest"', contentDigest(body)],
      ['"signature";req;key="latchkey"', signature],
    ],
  } = changes;
  const input = inputOf(covered, parameters);
  const value = signBase(signatureBase(covered, input), key);
  const headers = {
    'content-type': 'application/json',
    'signature-input': `answer=${input}`,
    signature: `answer=:${value}:`,
  };
  return { status: 200, headers, cookies: [], body: Buffer.from(body) };
}

const ask = () => {
  const signed = createSigner(settings, context)(question);
  return { ...signed, value: signed.headers['signature']?.replace('latchkey=', '') ?? '' };
};

describe('answers that are rightly signed', () => {
  it('are believed when they are about all of it', () => {
    const { check, value } = ask();
    expect(() => check(answer(value))).not.toThrow();
    expect(() =>
      check(answer(value, { parameters: `;created=${CREATED - 100};keyid="old-1";alg="hmac-sha256"` })),
    ).not.toThrow();
  });

  it.each([
    ['older than two minutes', `;created=${CREATED - 121};keyid="old-1"`],
    ['of a time to come', `;created=${CREATED + 121};keyid="old-1"`],
    ['of no time', ';keyid="old-1"'],
    ['by a key of another name', `;created=${CREATED};keyid="old-2"`],
    ['by a key of no name', `;created=${CREATED}`],
    ['in another way', `;created=${CREATED};keyid="old-1";alg="rsa-v1_5-sha256"`],
  ])('but %s are not', (_what, parameters) => {
    const { check, value } = ask();
    expect(() => check(answer(value, { parameters }))).toThrow(/^an answer/);
  });

  it('but without one of the four are not, nor with one of them twice', () => {
    const { check, value } = ask();
    const four: readonly Component[] = [
      ['"@status"', '200'],
      ['"content-type"', 'application/json'],
      ['"content-digest"', contentDigest(body)],
      ['"signature";req;key="latchkey"', value],
    ];
    for (const left of four) {
      const covered = four.filter((component) => component !== left);
      expect(() => check(answer(value, { covered }))).toThrow('an answer without a signature');
      const [twice] = covered;
      expect(() => check(answer(value, { covered: [...covered, ...(twice ? [twice] : [])] }))).toThrow(
        'does not cover',
      );
    }
  });

  it('but to another question are not', () => {
    const { check } = ask();
    const { value: another } = ask();
    expect(() => check(answer(another))).toThrow('a signature that is not right');
  });
});

it('a signed question covers our credentials, and is never the same twice', () => {
  const sign = createSigner(settings, context);
  const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
  const [one, other] = [sign({ ...question, headers }), sign({ ...question, headers })];
  expect(one.headers['signature-input']).toContain('"content-digest" "content-type" "authorization");created=');
  expect(one.headers['signature']).not.toBe(other.headers['signature']);
});

it('keys that are none are refused at once, and not quoted', () => {
  const wrong: readonly Signing[] = [
    { ...settings, algorithm: 'ecdsa-p256-sha256', keySecret: 'pem' },
    { ...settings, algorithm: 'ed25519' },
    { ...settings, answers: { keyId: 'old-1', algorithm: 'ed25519', publicKey: 'no key' } },
    { ...settings, answers: { keyId: 'old-1', algorithm: 'ed25519' } },
  ];
  for (const each of wrong) expect(() => createSigner(each, context)).toThrow(/signing key is not a key for/);
  const right: Signing = { ...settings, algorithm: 'ed25519', keySecret: 'pem' };
  const answersByKey = { keyId: 'old-1', algorithm: 'ed25519', publicKey: pem.theirs } as const;
  expect(() => createSigner({ ...right, answers: answersByKey }, context)).not.toThrow();
});
