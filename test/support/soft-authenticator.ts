import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What a page gives an authenticator. */
export interface Ask {
  readonly challenge: string;
  readonly rpId: string;
  readonly origin: string;
}

/** How an answer differs from an honest one. */
export interface Lie {
  readonly verified?: boolean;
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly userHandle?: string;
  readonly type?: string;
  readonly signCount?: number;
  readonly backedUp?: boolean;
}

/** An authenticator without a browser (synced ones do not count): it signs whatever it is told, so that a test can lie in one place at a time. */
export interface SoftAuthenticator {
  readonly id: string;
  create(ask: Ask, userHandle: string, lie?: Lie): string;
  use(ask: Ask, lie?: Lie): string;
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

export function softAuthenticator({ counts = true } = {}): SoftAuthenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  const id = credentialId.toString('base64url');
  let signCount = 0;
  let userHandle = '';
  const authData = ({ rpId }: Ask, lie: Lie, attested?: Buffer): Buffer => {
    const flags = 1 | (lie.verified === false ? 0 : 4) | (lie.backedUp ? 24 : 0) | (attested ? 64 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lie.signCount ?? (counts ? (signCount += 1) : 0));
    return Buffer.concat([sha256(lie.rpId ?? rpId), Buffer.of(flags), count, attested ?? Buffer.alloc(0)]);
  };
  const clientData = (ask: Ask, lie: Lie, type: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lie.type ?? type,
        challenge: lie.challenge ?? ask.challenge,
        origin: lie.origin ?? ask.origin,
        crossOrigin: false,
      }),
    );
  const credential = (response: object): string =>
    JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
  return {
    id,
    create(ask, owner, lie = {}) {
      userHandle = owner;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData(ask, lie, attested))],
      ]);
      return credential({
        clientDataJSON: clientData(ask, lie, 'webauthn.create').toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
      });
    },
    use(ask, lie = {}) {
      const data = authData(ask, lie);
      const client = clientData(ask, lie, 'webauthn.get');
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(privateKey);
      return credential({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: lie.userHandle ?? userHandle,
      });
    },
  };
}

const cbor = (value: Map<unknown, unknown>): Buffer => Buffer.from(isoCBOR.encode(value as never));

function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  );
}
