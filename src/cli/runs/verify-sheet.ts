import { compactVerify, importJWK, type JWK } from 'jose';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const Sheet = Type.Object({
  runId: Type.String(),
  madeAt: Type.String(),
  balanced: Type.Boolean(),
  total: Type.Object({ read: Type.Integer() }),
});

export type Verified =
  | { readonly outcome: 'verified'; readonly kid: string | undefined; readonly sheet: Static<typeof Sheet> }
  | { readonly outcome: 'not-verified'; readonly why: string };

/** Whether a signed sheet is as it was signed, with the key that it is said to be signed with (RFC 7515, RFC 8037). */
export async function verifySheet(jws: string, key: JWK): Promise<Verified> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws.trim(), await importJWK(key, 'EdDSA'), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ !== 'balance-sheet+jws') return no('it is signed, and no balance sheet');
    const sheet: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (!Value.Check(Sheet, sheet)) return no('it is signed, and no balance sheet');
    return { outcome: 'verified', kid: protectedHeader.kid, sheet };
  } catch {
    return no('it is not what was signed, or another key signed it');
  }
}

const no = (why: string): Verified => ({ outcome: 'not-verified', why });
