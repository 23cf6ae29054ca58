import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';
import { ExternalSigningKey } from 'oidc-provider';

/**
 * A key that signs ES256 by OpenSSL at once. The library's own way, WebCrypto, takes three times as long for a signature
 * of 30 µs, most of it for a job and its promise. RSA keeps to it: one of those would hold everybody up.
 */
export function asSigningKey(jwk: JWK): JWK | ExternalSigningKey {
  return jwk.alg === 'ES256' && jwk.d !== undefined ? new DirectKey(jwk) : jwk;
}

class DirectKey extends ExternalSigningKey {
  readonly #id: string | undefined;
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(jwk: JWK) {
    super();
    this.#id = jwk.kid;
    this.#private = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
  }

  override get kid(): string | undefined {
    return this.#id;
  }

  override get alg(): string {
    return 'ES256';
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Buffer {
    return sign('sha256', data, { key: this.#private, dsaEncoding: 'ieee-p1363' });
  }
}
