import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';

type Grant = InstanceType<Provider['Grant']>;
type Session = InstanceType<Provider['Session']>;

/**
 * Services are approved before they go live, and what they may see is in their registration: so a grant is made without
 * asking, for what this request asks and the registration allows. A grant that covers the request is used again and
 * nothing is written. `prompt=consent` still shows the citizen what the service will see.
 */
export async function loadGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider, account } = ctx.oidc;
  if (!client || !session || !account) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known && known.accountId === account.accountId
      ? known
      : new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  if (!extend(ctx, grant) && grant === known) return grant;
  return (await isSaved(grant)) ? grant : forgetAccount(session);
}

/** False: the account is closed, or became part of another one while somebody was signing in to it. */
async function isSaved(grant: Grant): Promise<boolean> {
  try {
    await grant.save();
    return true;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'not_allowed') return false;
    throw error;
  }
}

/** Nobody is signed in then: the library asks for it, and whoever stands for the account now signs in. */
function forgetAccount(session: Session): undefined {
  delete session.accountId;
  session.authorizations = {};
  return undefined;
}

/** Adds what is asked and allowed but not yet granted. Answers whether anything was. */
function extend(ctx: KoaContextWithOIDC, grant: Grant): boolean {
  const before = JSON.stringify([grant.openid, grant.resources, grant.rejected]);
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  const allowed = allowedClaims(ctx);
  const asked = [...ctx.oidc.requestParamClaims];
  const claims = asked.filter((claim) => allowed.has(claim));
  if (claims.length > 0) grant.addOIDCClaims(claims);
  // Passed over, as OpenID Core §5.5 has it for claims that are not available; else the citizen would be asked for ever.
  const refused = asked.filter((claim) => !allowed.has(claim));
  if (refused.length > 0) grant.rejectOIDCClaims(refused);
  return JSON.stringify([grant.openid, grant.resources, grant.rejected]) !== before;
}

const ALWAYS_ALLOWED = ['sub', 'acr', 'auth_time', 'sid', 'vot', 'vtm', 'iss', 'amr'];

function allowedClaims(ctx: KoaContextWithOIDC): Set<string> {
  const allowed = ctx.oidc.client?.['allowed_claims'];
  return new Set([...ALWAYS_ALLOWED, ...(Array.isArray(allowed) ? allowed.map(String) : [])]);
}
