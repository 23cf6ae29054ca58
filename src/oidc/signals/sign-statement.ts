import { importJWK, type JWK, SignJWT } from 'jose';

export interface Statement {
  /** Of the service: what its ID tokens are signed with. */
  readonly alg: string;
  /** What keeps it apart from an ID token, which has none (RFC 8725 §3.11). */
  readonly typ: 'secevent+jwt' | 'subject-map+jwt';
  readonly claims: Record<string, unknown>;
}

/** Signs what we say beside ID tokens with the key that signs those: the first of its algorithm. */
export async function signStatement(keys: readonly JWK[], { alg, typ, claims }: Statement): Promise<string> {
  const key = keys.find((one) => one.alg === alg);
  if (!key) throw new Error(`there is no key that signs ${alg}`);
  const header = { alg, typ, ...(key.kid === undefined ? {} : { kid: key.kid }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, alg));
}
