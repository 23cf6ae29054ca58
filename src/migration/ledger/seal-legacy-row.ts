import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type KeyRing, openWith, sealWith } from '../../platform/crypto/key-ring.ts';
import { createSodiumSealer } from '../../platform/crypto/sodium-seal.ts';

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
}

export type RowSealer = (legacyKey: Buffer, open: OpenLegacyRow) => SealedLegacyRow;

/** Seals rows one after the other, each under a key of its own. */
export function createRowSealer(keyRing: KeyRing): RowSealer {
  const makeKey = keyRing.keyMaker(PURPOSE);
  const seal = createSodiumSealer();
  return (legacyKey, { personal, verifier }) => {
    const context = legacyKey.toString('base64url');
    const { key, handle } = makeKey(context);
    return {
      dataKey: handle,
      personalSealed: seal(key, personal, `personal:${context}`),
      verifierSealed: verifier === undefined ? undefined : seal(key, verifier, `verifier:${context}`),
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
  const dataKey = keyRing.openKey(PURPOSE, row.dataKey, context);
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
  const dataKey = keyRing.openKey(PURPOSE, row.dataKey, context);
  return openWith(dataKey, row.verifierSealed, `verifier:${context}`).toString();
}

/** Seals what the account is proved with from now on, for the row that it stands in. */
export function sealVerifier(keyRing: KeyRing, legacyKey: Buffer, dataKey: Buffer, verifier: string): Buffer {
  const context = legacyKey.toString('base64url');
  return sealWith(keyRing.openKey(PURPOSE, dataKey, context), verifier, `verifier:${context}`);
}

/** Seals the personal part anew, for the row that it stands in. */
export function sealPersonal(keyRing: KeyRing, legacyKey: Buffer, dataKey: Buffer, personal: LegacyPersonal): Buffer {
  const context = legacyKey.toString('base64url');
  return sealWith(keyRing.openKey(PURPOSE, dataKey, context), JSON.stringify(personal), `personal:${context}`);
}
