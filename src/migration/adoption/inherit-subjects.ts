import type { Transaction } from '../../platform/postgres/database.ts';
import { holderOf } from '../ledger/legacy-keys.ts';
import type { AdoptResult } from './adoption-types.ts';
import type { Adoption, Held } from './adoption.ts';
import { refuse } from './declined.ts';

export type InheritedSubjects = Extract<AdoptResult, { outcome: 'adopted' }>['subjects'];

/** Each sector that knew the person by the old id goes on knowing them by it, unless it knows this account already. */
export async function inheritSubjects(
  tx: Transaction,
  { accounts, request }: Pick<Adoption, 'accounts'> & { readonly request: Pick<Adoption['request'], 'meta'> },
  held: Pick<Held, 'accountId' | 'source' | 'legacy' | 'personal'>,
): Promise<InheritedSubjects> {
  const { definition } = held.source;
  const sub = held.personal.subject;
  if (definition.subjects === 'none' || sub === undefined) return [];
  const subjects: InheritedSubjects[number][] = [];
  for (const sector of definition.sectors) {
    const subject = { accountId: held.accountId, sector, sub, source: definition.source };
    let { outcome } = await accounts.subjects.inherit(tx, subject, request.meta);
    if (outcome === 'taken' && held.legacy.state === 'released') {
      // Kept for whoever proves the released account: that is this person.
      await accounts.linking.freeSubject(tx, { sector, sub, holder: holderOf(held.legacy.legacyKey) });
      ({ outcome } = await accounts.subjects.inherit(tx, subject, request.meta));
    }
    if (outcome === 'taken') return refuse('subject-taken');
    subjects.push({ sector, outcome });
  }
  return subjects;
}
