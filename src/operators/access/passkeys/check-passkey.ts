import type { AccessDeps } from '../access-deps.ts';
import { type ChallengeBinding, isChallenge, makeChallenge } from './challenge.ts';
import type { CreatedCredential, UsedCredential } from './credential.ts';
import type { PasskeyRow } from './passkey-rows.ts';

type Deps = Pick<AccessDeps, 'config' | 'keyRing' | 'now'>;

/** ES256 and RS256: every authenticator can do one of them, and Node checks both without experiments. */
const ALGORITHMS = [-7, -257];
const MAX_KEY_BYTES = 2048;
/** Loaded when somebody signs in: the library and its ASN.1 are a good part of a process that may never need it. */
const library = () => import('@simplewebauthn/server');

const placeOf = ({ config }: Deps) => ({ origin: config.issuer, rpId: new URL(config.issuer).hostname });

/** For `navigator.credentials.get`: any passkey of ours, with user verification. It names nobody. */
export async function askForPasskey(deps: Deps, binding: ChallengeBinding): Promise<object> {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: placeOf(deps).rpId,
    challenge: makeChallenge(deps, binding),
    userVerification: 'required',
    timeout: 120_000,
  });
}

interface NewPasskeyOwner {
  readonly operatorId: string;
  readonly handle: string;
  readonly existing: readonly Pick<PasskeyRow, 'credentialId'>[];
}

/** For `navigator.credentials.create`. */
export async function askForNewPasskey(
  deps: Deps,
  { operatorId, handle, existing }: NewPasskeyOwner,
  binding: ChallengeBinding,
): Promise<object> {
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: 'Latchkey staff',
    rpID: placeOf(deps).rpId,
    userID: userHandle(operatorId),
    userName: handle,
    challenge: makeChallenge(deps, binding),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: existing.map(({ credentialId }) => ({ id: credentialId.toString('base64url') })),
    supportedAlgorithmIDs: ALGORITHMS,
    timeout: 120_000,
  });
}

export type NewPasskey = Pick<PasskeyRow, 'backedUp' | 'canBackUp' | 'credentialId' | 'publicKey' | 'signCount'>;

/** What was created, when it was created here, for this challenge, by a verified person; else undefined. */
export async function checkNewPasskey(
  deps: Deps,
  credential: CreatedCredential,
  binding: ChallengeBinding,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await library();
  const { origin, rpId } = placeOf(deps);
  const checked = await orUndefined(() =>
    verifyRegistrationResponse({
      response: { ...credential, clientExtensionResults: {} },
      expectedChallenge: (challenge) => isChallenge(deps, challenge, binding),
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (!checked?.verified) return undefined;
  const { credential: made, credentialBackedUp, credentialDeviceType } = checked.registrationInfo;
  if (made.publicKey.length > MAX_KEY_BYTES) return undefined;
  return {
    credentialId: Buffer.from(made.id, 'base64url'),
    publicKey: Buffer.from(made.publicKey),
    signCount: made.counter,
    canBackUp: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
  };
}

export interface PasskeyUse {
  readonly signCount: number;
  readonly backedUp: boolean;
}

/** How the passkey was used, when it was used here, for this challenge, by its verified owner; else undefined (B2). */
export async function checkPasskey(
  deps: Deps,
  { credential, passkey }: { readonly credential: UsedCredential; readonly passkey: PasskeyRow },
  binding: ChallengeBinding,
): Promise<PasskeyUse | undefined> {
  const isOwners = Buffer.from(credential.response.userHandle, 'base64url').equals(userHandle(passkey.operatorId));
  if (!isOwners) return undefined;
  const { verifyAuthenticationResponse } = await library();
  const { origin, rpId } = placeOf(deps);
  const checked = await orUndefined(() =>
    verifyAuthenticationResponse({
      response: { ...credential, clientExtensionResults: {} },
      expectedChallenge: (challenge) => isChallenge(deps, challenge, binding),
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: {
        id: passkey.credentialId.toString('base64url'),
        publicKey: passkey.publicKey,
        counter: passkey.signCount,
      },
      requireUserVerification: true,
    }),
  );
  if (!checked?.verified) return undefined;
  return { signCount: checked.authenticationInfo.newCounter, backedUp: checked.authenticationInfo.credentialBackedUp };
}

/** Sixteen bytes that say nothing of the person. */
const userHandle = (operatorId: string): Buffer<ArrayBuffer> => Buffer.from(operatorId.replaceAll('-', ''), 'hex');

/** The library throws whatever it refuses; what it says is for developers, and may quote what came in. */
async function orUndefined<T>(check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch {
    return undefined;
  }
}
