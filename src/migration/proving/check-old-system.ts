import { appendAudit } from '../../audit/index.ts';
import { checkConformance, type Finding, floorOf, type KnownPerson, type Legacy } from '../../legacy/index.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { findSource } from '../sources/source-store.ts';
import { needLiveSource } from './live-source.ts';

export interface Check {
  readonly actor: string;
  readonly known?: KnownPerson | undefined;
  /** Somebody whose account is closed there; the password is right. */
  readonly disabled?: KnownPerson | undefined;
}

/**
 * The conformance kit on a source as it is configured, open or suspended. It asks past the limits on attempts, so who did
 * that is on record before anything is asked. @throws LatchkeyError `not_found`
 */
export async function checkOldSystem(
  { db, legacy }: { readonly db: Database; readonly legacy: Legacy },
  key: string,
  { actor, known, disabled }: Check,
): Promise<readonly Finding[]> {
  const live = await needLiveSource(db, key);
  const event = { chain: `source:${key}`, type: 'source.checked', actor } as const;
  await db.transaction((tx) => appendAudit(tx, event));
  const source = await findSource(db, key);
  const form = source && loginForm(source.definition.identifier);
  return checkConformance({
    known,
    disabled,
    adapter: await legacy.adapterOf(live),
    probe: () => legacy.probe(live),
    normalise(typed) {
      const login = form?.normalise(typed) ?? typed;
      return form?.fits(login) === false ? undefined : login;
    },
    floorMs: floorOf(live.settings.limits),
    clock: () => performance.now(),
  });
}
