import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { requestMemory } from '../storage/request-memory.ts';

const LONGEST_SECONDS = 300;
const CLOCK_TOLERANCE_SECONDS = 10;

/**
 * What we ask of a client assertion beyond RFC 7523: a short life, an `iat` (replay memory needs it), and of
 * high-security services that it was made for the issuer alone (CVE-2025-27370).
 */
export function assertClientAssertion(
  ctx: KoaContextWithOIDC,
  { iat, exp, aud }: Record<string, unknown>,
  _header: Record<string, unknown>,
  client: Client,
): void {
  const now = Math.floor(Date.now() / 1000);
  if (typeof exp !== 'number' || exp > now + LONGEST_SECONDS + CLOCK_TOLERANCE_SECONDS) {
    throw new errors.InvalidClientAuth('the client assertion must expire within 5 minutes');
  }
  if (typeof iat !== 'number' || iat > now + CLOCK_TOLERANCE_SECONDS) {
    throw new errors.InvalidClientAuth('the client assertion must say when it was issued');
  }
  if (client['highSecurity'] === true && aud !== ctx.oidc.issuer) {
    throw new errors.InvalidClientAuth('the client assertion must be made for the issuer alone');
  }
  requestMemory().assertionIssuedAt = iat;
}
