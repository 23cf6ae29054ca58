import { randomBytes } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type KeyRing, openWith, sealWith } from '../../platform/crypto/key-ring.ts';

/** Everything personal of a row, under the row's own data key: erasing a person destroys that key. */
export const LegacyPersonal = Type.Object({
  id: Type.String(),
  login: Type.String(),
  subject: Type.Optional(Type.String()),
  birthDate: Type.Optional(Type.String()),
  postcode: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  /** E.164. */
  phone: Type.Optional(Type.String()),
  /** What other sign-in methods need, by the names of the source's `file.extras`; as it stood in the export. */
  extras: Type.Optional(Type.Record(Type.String(), Type.String())),
  name: Type.Optional(Type.String()),
});
export type LegacyPersonal = Static<typeof LegacyPersonal>;

export interface SealedLegacyRow {
  readonly dataKey: Buffer;
  readonly personalSealed: Buffer;
  /** Undefined: there is no password to be proved with. */
  readonly verifierSealed: Buffer | undefined;
}

const PURPOSE = 'legacy-data-key';

export interface OpenLegacyRow {
  /** `LegacyPersonal` as JSON. */
  readonly personal: string;
  readonly verifier: string | undefined;
  /** 32 random bytes that no other row has. */
  readonly dataKey: Buffer;
}

export function sealLegacyRow(keyRing: KeyRing, legacyKey: Buffer, row: OpenLegacyRow): SealedLegacyRow {
  const context = legacyKey.toString('base64url');
  return {
    dataKey: keyRing.seal(PURPOSE, row.dataKey, context),
    personalSealed: sealWith(row.dataKey, row.personal, `personal:${context}`),
    verifierSealed: row.verifier === undefined ? undefined : sealWith(row.dataKey, row.verifier, `verifier:${context}`),
  };
}

const DATA_KEY_BYTES = 32;

/** Seals up to `rows` rows whose keys are wrapped under one derived key. */
export function createRowSealer(
  keyRing: KeyRing,
  rows: number,
): (legacyKey: Buffer, open: Omit<OpenLegacyRow, 'dataKey'>) => SealedLegacyRow {
  const wrap = keyRing.sealer(PURPOSE);
  // In one go: asking for 32 bytes each time costs more than sealing with them.
  const random = randomBytes(DATA_KEY_BYTES * rows);
  let at = 0;
  return (legacyKey, { personal, verifier }) => {
    const context = legacyKey.toString('base64url');
    const dataKey = random.subarray(at, at + DATA_KEY_BYTES);
    if (dataKey.length < DATA_KEY_BYTES) throw new Error('more rows than were said');
    at += DATA_KEY_BYTES;
    return {
      dataKey: wrap(dataKey, context),
      personalSealed: sealWith(dataKey, personal, `personal:${context}`),
      verifierSealed: verifier === undefined ? undefined : sealWith(dataKey, verifier, `verifier:${context}`),
    };
  };
}

/** Opens the personal part. @throws Error when the row was altered or moved to another key. */
export function openPersonal(
  keyRing: KeyRing,
  legacyKey: Buffer,
  row: { readonly dataKey: Buffer; readonly personalSealed: Buffer },
): LegacyPersonal {
  const context = legacyKey.toString('base64url');
  const dataKey = keyRing.open(PURPOSE, row.dataKey, context);
  return Value.Parse(
    LegacyPersonal,
    JSON.parse(openWith(dataKey, row.personalSealed, `personal:${context}`).toString()),
  );
}

export function openVerifier(
  keyRing: KeyRing,
  legacyKey: Buffer,
  row: { readonly dataKey: Buffer; readonly verifierSealed: Buffer },
): string {
  const context = legacyKey.toString('base64url');
  const dataKey = keyRing.open(PURPOSE, row.dataKey, context);
  return openWith(dataKey, row.verifierSealed, `verifier:${context}`).toString();
}

/** Seals what the account is proved with from now on, for the row that it stands in. */
export function sealVerifier(keyRing: KeyRing, legacyKey: Buffer, dataKey: Buffer, verifier: string): Buffer {
  const context = legacyKey.toString('base64url');
  return sealWith(keyRing.open(PURPOSE, dataKey, context), verifier, `verifier:${context}`);
}
