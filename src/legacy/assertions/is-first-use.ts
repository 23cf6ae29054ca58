import { createHash } from 'node:crypto';
import type { Replays } from '../adapter.ts';
import type { Statement } from './statement.ts';

/** Once only (E5): for as long as any of its times lets it be used. Asked last, of a statement that is good. */
export async function isFirstUse(statement: Statement, replays: Replays, skewSeconds = 60): Promise<boolean> {
  const key = createHash('sha256')
    .update(JSON.stringify([statement.issuer, statement.id]))
    .digest('hex');
  return replays.once(`saml:${key}`, new Date(statement.notOnOrAfter.getTime() + skewSeconds * 1000));
}
