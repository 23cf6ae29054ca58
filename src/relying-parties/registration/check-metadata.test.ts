import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkMetadata } from './check-metadata.ts';
import type { CheckContext } from './checks/check.ts';
import { normalise } from './normalise.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
const privateKey = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'one' };

const sound = {
  name: { en: 'Rod fishing licence', cy: 'Trwydded pysgota â gwialen' },
  redirectUris: ['https://fishing.example/callback'],
  jwks: { keys: [publicKey] },
};

const context: CheckContext = {
  environment: 'production',
  submission: {
    clientId: 'rod-fishing',
    department: { departmentId: 'environment', name: { en: 'Environment' } },
    metadata: {},
  },
  actor: 'operator:test',
  existing: undefined,
  sectorDepartments: [],
  mayFollow: false,
};

function codes(changes: object, more: Partial<CheckContext> = {}): string[] {
  const outcome = checkMetadata(normalise({ ...sound, ...changes }), { ...context, ...more });
  return outcome.outcome === 'sound' ? [] : outcome.problems.map(({ field, code }) => `${field}: ${code}`);
}

it('accepts a plain service and fills in what was left out', () => {
  const outcome = checkMetadata(normalise(sound), context);
  expect(outcome).toMatchObject({
    outcome: 'sound',
    metadata: { sector: 'fishing.example', authMethod: 'private_key_jwt', idTokenAlg: 'ES256', pkce: 'required' },
  });
});

it('repairs spaces, doubles and empty fields, and nothing else', () => {
  expect(
    normalise({
      name: { en: ' Fishing ', cy: '' },
      redirectUris: [' https://a.example/ ', 'https://a.example/'],
      logoUrl: '',
    }),
  ).toMatchObject({ name: { en: 'Fishing' }, redirectUris: ['https://a.example/'] });
  expect(normalise({ redirectUris: 'https://A.example' })).toMatchObject({ redirectUris: 'https://A.example' });
  expect(normalise('text')).toBe('text');
});

it('names every problem at once, each with its field', () => {
  expect(
    codes({
      name: { en: '<b>x</b>' },
      redirectUris: ['http://fishing.example/cb', 'https://fishing.example/#x'],
      policyUrl: 'javascript:alert(1)',
      jwks: { keys: [privateKey] },
      colour: 'red',
      levels: ['Cl', 'P9'],
      scopes: ['email'],
    }),
  ).toEqual([
    'colour: unknown_field',
    'levels.1: wrong_shape',
    'name.en: unsafe_text',
    'redirectUris.0: scheme_not_allowed',
    'redirectUris.1: has_fragment',
    'policyUrl: scheme_not_allowed',
    'jwks.keys.0: key_not_public',
    'scopes: openid_missing',
  ]);
});

it('D18: needs a name, redirect addresses and a sector, of the right shape', () => {
  expect(codes({ name: undefined, redirectUris: [] })).toEqual([
    'name: required',
    'sector: required',
    'redirectUris: wrong_shape',
  ]);
  expect(codes({ redirectUris: ['https://a.example/', 'https://b.example/'] })).toEqual(['sector: required']);
  expect(codes({ redirectUris: ['https://a.example/', 'https://b.example/'], sector: 'A.example' })).toEqual([]);
});

describe('D1: a redirect address that is not exact is refused at registration', () => {
  it.each([
    ['http://fishing.example/cb', 'scheme_not_allowed'],
    ['http://127.0.0.1.evil.example/cb', 'scheme_not_allowed'],
    ['http://localhost:4000/cb', 'scheme_not_allowed'],
    ['javascript:alert(1)', 'scheme_not_allowed'],
    ['data:text/html,x', 'scheme_not_allowed'],
    ['com.example.app:/cb', 'scheme_not_allowed'],
    ['https://fishing.example/cb#', 'has_fragment'],
    ['https://fishing.example/cb#x', 'has_fragment'],
    ['https://fishing.example@evil.example/cb', 'has_credentials'],
    ['https://u:p@fishing.example/cb', 'has_credentials'],
    ['https://@fishing.example/cb', 'has_credentials'],
    ['https://*.fishing.example/cb', 'has_wildcard'],
    ['https://fishing.example/*', 'has_wildcard'],
    ['https://fishing.example/%2A', 'has_wildcard'],
    ['https://Fishing.example/cb', 'not_canonical'],
    ['https://fishing.example:443/cb', 'not_canonical'],
    ['https://fishing.example/a/../cb', 'not_canonical'],
    ['https://fishing.example/a/%2e%2e/cb', 'not_canonical'],
    ['https:fishing.example/cb', 'not_canonical'],
    ['https:///fishing.example/cb', 'not_canonical'],
    ['https://fishing.example/"', 'not_canonical'],
    ['https://pýsgota.example/cb', 'not_canonical'],
    ['https://0x7f.1/cb', 'not_canonical'],
    ['https://fishing.example/cb?code=x', 'not_canonical'],
    ['https://fishing.example/cb?a=b&state=x', 'not_canonical'],
    ['https://fishing.example\\@evil.example/cb', 'not_a_url'],
    ['https://fishing.example/c\tb', 'not_a_url'],
    ['https://fishing.example/c\r\nb', 'not_a_url'],
    ['https://fishing.example/c b', 'not_a_url'],
    ['//fishing.example/cb', 'not_a_url'],
    ['/cb', 'not_a_url'],
    ['fishing.example', 'not_a_url'],
    ['https://', 'not_a_url'],
  ])('%j is %s', (uri, code) => {
    const sector = 'fishing.example';
    expect(codes({ redirectUris: [uri], sector })).toContain(`redirectUris.0: ${code}`);
    expect(codes({ postLogoutRedirectUris: [uri], sector })).toContain(`postLogoutRedirectUris.0: ${code}`);
  });

  it('but a query of its own and a bare origin are fine', () => {
    expect(codes({ redirectUris: ['https://fishing.example/cb?tenant=1', 'https://fishing.example'] })).toEqual([]);
  });
});

it('D1: plain http is for loopback only, and never in production', () => {
  const uris = ['http://localhost:4001/cb', 'http://127.0.0.1:4001/cb', 'http://[::1]:4001/cb'];
  const more = { environment: 'development' } as const;
  expect(codes({ redirectUris: uris, sector: 'fishing.example' }, more)).toEqual([]);
  expect(codes({ redirectUris: ['http://192.168.1.1/cb'], sector: 'fishing.example' }, more)).toEqual([
    'redirectUris.0: scheme_not_allowed',
  ]);
  expect(codes({ redirectUris: uris, sector: 'fishing.example' })).toHaveLength(3);
});

describe('X15: addresses that our servers call must look public', () => {
  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:10.0.0.1]/jwks',
    'https://2130706433/jwks',
    'https://0x7f000001/jwks',
    'https://localhost/jwks',
    'https://redis/jwks',
    'https://metadata.google.internal/jwks',
    'https://printer.local/jwks',
    'https://localhost./jwks',
    'http://fishing.example/jwks',
    'gopher://fishing.example/jwks',
    'file:///etc/passwd',
  ])('%s', (uri) => {
    expect(codes({ jwks: undefined, jwksUri: uri })).not.toEqual([]);
    expect(codes({ backchannelLogoutUri: uri })).not.toEqual([]);
    expect(codes({ eventsUri: uri })).not.toEqual([]);
    expect(codes({ logoUrl: uri })).not.toEqual([]);
  });

  it('a public name is fine, and loopback outside production', () => {
    expect(codes({ jwks: undefined, jwksUri: 'https://fishing.example/jwks' })).toEqual([]);
    expect(codes({ backchannelLogoutUri: 'https://fishing.example/logout' })).toEqual([]);
    expect(codes({ eventsUri: 'https://fishing.example/events' })).toEqual([]);
    const more = { environment: 'development' } as const;
    expect(codes({ backchannelLogoutUri: 'http://localhost:4001/logout' }, more)).toEqual([]);
    expect(codes({ backchannelLogoutUri: 'http://10.0.0.1/logout' }, more)).not.toEqual([]);
  });
});

it('X15: ten thousand redirect addresses, huge texts and unknown members are refused', () => {
  const redirectUris = Array.from({ length: 10_000 }, (_, index) => `https://fishing.example/${index}`);
  expect(codes({ redirectUris })).toEqual(['redirectUris: wrong_shape']);
  expect(codes({ name: { en: 'x'.repeat(101) } })).toEqual(['name.en: wrong_shape']);
  expect(codes({ homeUrl: `https://fishing.example/${'x'.repeat(3000)}` })).toEqual(['homeUrl: wrong_shape']);
  expect(codes({ sector_identifier_uri: 'https://10.0.0.1/' })).toEqual(['sector_identifier_uri: unknown_field']);
  expect(codes(Object.fromEntries([['__proto__', { kind: 'internal' }]]))).toEqual(['__proto__: unknown_field']);
});

it('K10: names with markup, control or invisible characters are refused', () => {
  for (const en of ['a\nb', 'a\u001b[31mb', '<script>', 'a\u202eb', 'a\u200bb', 'a\u2028b', 'a\u0000b']) {
    expect(codes({ name: { en } })).toEqual(['name.en: unsafe_text']);
    const department = { departmentId: 'environment', name: { en } };
    expect(codes({}, { submission: { ...context.submission, department } })).toEqual([
      'department.name.en: unsafe_text',
    ]);
  }
  expect(codes({ name: { en: 'Trwydded pysgota’r Môr – 2026 (prawf) & mwy' } })).toEqual([]);
});

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });

describe('D7: keys', () => {
  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

  it('of every allowed kind are accepted', () => {
    const keys = [rsa(2048), curve('P-256'), curve('P-384'), curve('P-521'), ed].map((key, index) => ({
      ...key,
      kid: String(index),
    }));
    expect(codes({ jwks: { keys } })).toEqual([]);
    expect(codes({ jwks: { keys: [{ ...rsa(2048), kid: 'a', alg: 'PS256' }] } })).toEqual([]);
  });

  it.each([
    ['too short', { ...rsa(1024), kid: 'a' }],
    ['on another curve', { ...curve('secp256k1'), kid: 'a' }],
    ['for encryption', { ...publicKey, use: 'enc' }],
    ['for no algorithm', { ...publicKey, alg: 'none' }],
    ['for a shared-key algorithm', { ...publicKey, alg: 'HS256' }],
    ['for an algorithm of another kind', { ...publicKey, alg: 'RS256' }],
    ['broken', { ...publicKey, x: 'AAAA' }],
    ['nothing', { kid: 'a' }],
  ])('that are %s are refused', (_, key) => {
    expect(codes({ jwks: { keys: [key] } })).toEqual(['jwks.keys.0: key_not_usable']);
  });

  it('that are private or shared are refused', () => {
    expect(codes({ jwks: { keys: [privateKey] } })).toEqual(['jwks.keys.0: key_not_public']);
    expect(codes({ jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'a' }] } })).toEqual(['jwks.keys.0: key_not_public']);
  });

  it('have a kid of their own', () => {
    const { kid: _, ...without } = publicKey;
    expect(codes({ jwks: { keys: [without] } })).toEqual(['jwks.keys.0.kid: key_id_missing']);
    expect(codes({ jwks: { keys: [publicKey, publicKey] } })).toEqual(['jwks.keys.1.kid: key_id_missing']);
  });

  it('come from one place, and only where they are used', () => {
    expect(codes({ jwks: undefined })).toEqual(['jwks: keys_missing']);
    expect(codes({ jwksUri: 'https://fishing.example/jwks' })).toEqual(['jwks: keys_unexpected']);
    expect(codes({ authMethod: 'client_secret_post' })).toEqual(['jwks: keys_unexpected']);
    expect(codes({ authMethod: 'client_secret_post', jwks: undefined })).toEqual([]);
  });
});

it('D7: weak ways to prove itself are refused where more is asked for', () => {
  expect(codes({ jwks: undefined, authMethod: 'none' })).toEqual(['authMethod: method_not_allowed']);
  expect(codes({ jwks: undefined, authMethod: 'client_secret_post', highSecurity: true })).toEqual([
    'authMethod: method_not_allowed',
  ]);
  expect(codes({ highSecurity: true, pkce: 'optional' })).toEqual(['pkce: method_not_allowed']);
  expect(codes({ jwks: undefined, authMethod: 'client_secret_basic' })).toContain('authMethod: wrong_shape');
  expect(codes({ secretHash: `sha256:${'A'.repeat(43)}` })).toEqual(['secretHash: unknown_field']);
});

it('D11: scopes and claims are limited to known ones', () => {
  expect(codes({ scopes: ['openid', 'admin'] })).toEqual(['scopes.1: wrong_shape']);
  expect(codes({ claims: ['email', 'ssn'] })).toEqual(['claims.1: wrong_shape']);
  expect(codes({ scopes: ['openid', 'offline_access'] })).toEqual(['scopes: offline_not_allowed']);
  expect(codes({ refreshTokens: true })).toEqual([]);
});

it('D3: there is no field to ask for another grant or response type', () => {
  expect(codes({ grantTypes: ['implicit'], responseTypes: ['id_token'] })).toEqual([
    'grantTypes: unknown_field',
    'responseTypes: unknown_field',
  ]);
});

it('D12: a sector stays with its department, and a service in its sector', () => {
  expect(codes({}, { sectorDepartments: ['environment'] })).toEqual([]);
  expect(codes({}, { sectorDepartments: ['environment', 'circus'] })).toEqual(['sector: sector_taken']);
  const outcome = checkMetadata(normalise(sound), context);
  if (outcome.outcome !== 'sound') throw new Error('not sound');
  const existing = {
    clientId: 'rod-fishing',
    departmentId: 'environment',
    departmentName: { en: 'Environment' },
    status: 'live' as const,
    version: 1,
    metadata: outcome.metadata,
  };
  expect(codes({ sector: 'other.example' }, { existing })).toEqual(['sector: sector_fixed']);
  expect(codes({}, { existing: { ...existing, departmentId: 'circus' } })).toEqual([
    'department.departmentId: department_fixed',
  ]);
});

it('only Latchkey itself registers its own pages', () => {
  const own = { kind: 'internal', authMethod: 'none', jwks: undefined };
  expect(codes(own)).toEqual(['kind: kind_not_allowed']);
  expect(codes(own, { actor: 'system' })).toEqual([]);
});

it.each(['', 'Ab', 'a b', 'a', '-abc', 'a/b', 'x'.repeat(65)])('client id %j is refused', (clientId) => {
  expect(codes({}, { submission: { ...context.submission, clientId } })).toEqual(['clientId: client_id_not_allowed']);
});
