import type { RowKeysOf } from './batch-keys.ts';
import type { MatchCode } from './decide-row.ts';
import type { EmailKey } from './email-keys.ts';
import { groupOutcomes, type OutcomeGroup, rangesOf } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import { createFindShared } from './shared-emails.ts';
import type { WorkDependencies } from './work-deps.ts';

export interface Foreseen {
  readonly keys: readonly RowKeysOf[];
  readonly emailKeys: readonly EmailKey[];
  /** Of rows that do not go in, whatever the ledger knows. */
  readonly decided: readonly OutcomeGroup[];
}

/** What becomes of the rows of a batch where the ledger knows none of them. */
export type ExpectOutcomes = (batch: Foreseen) => Promise<readonly OutcomeGroup[]>;

export async function createExpectOutcomes(
  { db, accounts }: WorkDependencies,
  part: PartOfRun,
): Promise<ExpectOutcomes> {
  const findShared = await createFindShared(db, part);
  return async ({ keys, emailKeys, decided }) => {
    if (keys.length === 0) return decided;
    const known = emailKeys.flatMap((key) => key ?? []);
    const held = await accounts.heldEmails(db, known);
    const shared = await findShared(known);
    const lines = keys.map(({ line }) => line);
    if (held.size === 0 && shared.size === 0)
      return [...decided, { outcome: 'new', effect: 'insert', lines: rangesOf(lines) }];
    const doubts = emailKeys.map((key) => doubtOf(key, held, shared));
    const outcomes = lines.map((line, at) => {
      const code = doubts[at];
      return { line, outcome: code === undefined ? 'new' : 'needs-proof', code, effect: 'insert' } as const;
    });
    return [...decided, ...groupOutcomes(outcomes)];
  };
}

/** E-mail equality is never a proof; it says where somebody should look before they link (E1, E9). */
function doubtOf(key: EmailKey, held: ReadonlySet<string>, shared: ReadonlySet<string>): MatchCode | undefined {
  const hex = key?.toString('hex');
  if (hex === undefined) return undefined;
  return held.has(hex) ? 'email_on_account' : shared.has(hex) ? 'email_shared' : undefined;
}
