import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { requestMemory } from '../storage/request-memory.ts';
import { ROUTES } from './routes.ts';

const LONGEST_SECONDS = 300;
const CLOCK_TOLERANCE_SECONDS = 10;

/**
 * What we ask of a client assertion beyond RFC 7523: a short life, an `iat` (replay memory needs it), no audience but us
 * (CVE-2025-27370: one that names two servers can be replayed by either), and of high-security services the issuer alone.
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
  const { issuer } = ctx.oidc;
  const ours = [issuer, ...Object.values(ROUTES).map((path) => `${issuer}${path}`)];
  const audience: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audience.every((entry) => ours.some((own) => own === entry))) {
    throw new errors.InvalidClientAuth('the client assertion must be made for this server alone');
  }
  if (client['high_security'] === true && aud !== issuer) {
    throw new errors.InvalidClientAuth('the client assertion must be made for the issuer alone');
  }
  requestMemory().assertionIssuedAt = iat;
}
