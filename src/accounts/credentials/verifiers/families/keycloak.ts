import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { pbkdf2Digest } from '../primitives/derive.ts';
import { fromBase64 } from '../primitives/encodings.ts';
import { inClass } from '../cost-units.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { argon2Reading } from './argon2.ts';
import { pbkdf2Reading } from './pbkdf2-reading.ts';

const Credential = Type.Object({ secretData: Type.String(), credentialData: Type.String() });
const Secret = Type.Object({ value: Type.String(), salt: Type.String() });
const Settings = Type.Object({
  hashIterations: Type.Integer(),
  algorithm: Type.String(),
  additionalParameters: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A realm export's credential, its two halves JSON in JSON; or the key alone with its settings beside it. */
function readKeycloak(stored: string, side: SideInput): Read {
  if (!stored.startsWith('{')) {
    const { algorithm = 'sha256', iterations = 27_500, salt = '' } = side;
    return pbkdf2Reading({
      digest: pbkdf2Digest(algorithm),
      iterations,
      salt: fromBase64(salt),
      expected: fromBase64(stored),
    });
  }
  const credential = parseJson(stored);
  if (!Value.Check(Credential, credential)) return malformed;
  const secret = parseJson(credential.secretData);
  const settings = parseJson(credential.credentialData);
  if (!Value.Check(Secret, secret) || !Value.Check(Settings, settings)) return malformed;
  const salt = fromBase64(secret.salt);
  const expected = fromBase64(secret.value);
  if (settings.algorithm !== 'argon2')
    return pbkdf2Reading({
      digest: pbkdf2Digest(settings.algorithm),
      iterations: settings.hashIterations,
      salt,
      expected,
    });
  const parameter = (name: string): string => settings.additionalParameters?.[name]?.[0] ?? '';
  const argon2 = argon2Reading({
    type: parameter('type'),
    version: parameter('version') === '1.0' ? 16 : 19,
    memoryKiB: Number(parameter('memory')),
    iterations: settings.hashIterations,
    parallelism: Number(parameter('parallelism')),
    salt,
    expected,
  });
  return inClass(argon2, 'argon2', 'pbkdf2-sha256');
}

export const KEYCLOAK_ROWS = [
  scheme({
    id: 'keycloak',
    family: 'pbkdf2',
    shape: /^\{.*"secretData".*\}$/,
    costClass: 'pbkdf2-sha256',
    commonCost: 55_000,
    bounds: 'as PBKDF2 and argon2',
    note: 'Keycloak credential JSON, or its key alone with algorithm, iterations and salt (base64) beside it',
    read: readKeycloak,
  }),
] as const;
