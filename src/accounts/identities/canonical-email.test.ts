import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEmail, isEmailAddress } from './canonical-email.ts';

describe('L12: one canonical rule', () => {
  it.each([
    ['ada@example.org', 'ADA@EXAMPLE.ORG'],
    ['ada@example.org', '  ada@example.org\n'],
    ['ada@example.org', 'Ada@Example.ORG'],
    ['siân@example.cymru', 'SIA\u0302N@example.cymru'],
    ['a@bücher.example', 'a@xn--bcher-kva.example'],
    ['a@bücher.example', 'a@BÜCHER.EXAMPLE'],
    ['a@bücher.example', 'a@bu\u0308cher.example'],
  ])('%s is %j', (one, other) => {
    expect(canonicalEmail(one)).toBe(canonicalEmail(other));
  });

  it.each([
    ['a.da@example.org', 'ada@example.org'],
    ['ada+tax@example.org', 'ada@example.org'],
    ['víctim@example.org', 'victim@example.org'],
    ['аda@example.org', 'ada@example.org'],
    ['ａda@example.org', 'ada@example.org'],
    ['ada@example.org', 'ada@mail.example.org'],
    ['ada@gmail.com', 'ada@googlemail.com'],
  ])('%s is not %s: only the mail host knows what it does with them', (one, other) => {
    expect(canonicalEmail(one)).not.toBe(canonicalEmail(other));
  });

  it('folds plain addresses as every other one', () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9-]{1,12}$/);
    const address = fc.tuple(fc.stringMatching(/^[\w.+-]{1,12}$/), fc.array(label, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(address, ([local, labels]) => {
        const domain = labels.join('.');
        const ascii = domainToASCII(domain);
        const expected = `${local}@${ascii === '' ? domain : ascii}`.toLowerCase();
        expect(canonicalEmail(`${local}@${domain}`)).toBe(expected);
      }),
      { numRuns: 2000, examples: [[['a', ['xn--bcher-kva', 'example']]], [['a', ['1', '2']]], [['a', ['b', '0x7f']]]] },
    );
  });

  it('is idempotent and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.emailAddress()), (address) => {
        const canonical = canonicalEmail(address);
        expect(canonicalEmail(canonical)).toBe(canonical);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isEmailAddress', () => {
  it.each(['ada@example.org', 'a+b.c@sub.example.co.uk', "o'neill@example.org", 'siân@bücher.example', ' a@b.cymru '])(
    'takes %j',
    (address) => {
      expect(isEmailAddress(address)).toBe(true);
    },
  );

  it.each([
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@example',
    'ada@localhost',
    'a b@example.org',
    'ada@exa mple.org',
    'a@b@example.org',
    '"a b"@example.org',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@example.org.',
    'ada@-example.org',
    'ada\u0000@example.org',
    'ada\u202e@example.org',
    'ada\r\nBcc: x@example.org',
    '.ada@example.org',
    'a..da@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(64)}.org`,
    `ada@${'a.'.repeat(130)}org`,
    `${'x'.repeat(100_000)}@example.org`,
  ])('refuses %j', (address) => {
    expect(isEmailAddress(address)).toBe(false);
  });
});
