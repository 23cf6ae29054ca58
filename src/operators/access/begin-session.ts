import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccessDeps } from './access-deps.ts';
import { makeHeld } from './held-secret.ts';
import { insertSession } from './session-rows.ts';

/** A session of somebody who has just used their passkey. Answers what the browser holds: new each time (C1). */
export async function beginSession(
  { config, keyRing, now }: AccessDeps,
  tx: Transaction,
  { operatorId, passkeyId }: { readonly operatorId: string; readonly passkeyId: string },
): Promise<string> {
  const at = now();
  const session = makeHeld(keyRing, 'session', operatorId);
  const expiresAt = new Date(at.getTime() + config.operators.sessionAbsolute * 1000);
  await insertSession(tx, session, { passkeyId, at, expiresAt });
  return session.text;
}
