import type { KeyRing } from '../../platform/crypto/key-ring.ts';

export function deriveSubject(
  { keyRing, prefix }: { readonly keyRing: KeyRing; readonly prefix: string },
  { accountId, sector }: { readonly accountId: string; readonly sector: string },
): string {
  return prefix + keyRing.pairwise(sector, accountId).toString('base64url');
}
