import type { Accounts } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AdoptRequest } from './adoption-types.ts';
import type { LinkTarget } from './decide-link.ts';

/** What is known of the account that is to own the old one, before any row is held. */
export interface TargetBefore {
  readonly addressTaken: boolean;
  readonly version: number | undefined;
  readonly contactsBefore: readonly string[];
}

/** The account changed between reading it and holding it: what was read is read anew. */
export class TargetChangedError extends Error {}

export async function readTarget(accounts: Accounts, request: AdoptRequest): Promise<TargetBefore> {
  if ('accountProvedAt' in request) {
    const account = await accounts.read(request.accountId);
    const contactsBefore = account?.emails.map(({ address }) => address) ?? [];
    return { addressTaken: false, version: account?.version, contactsBefore };
  }
  const holder = await accounts.findByEmail(request.newAccount.email);
  return { addressTaken: holder !== undefined, version: undefined, contactsBefore: [] };
}

/** Holds the account, so that whatever else happens to it happens before or after, and says how it stands. */
export async function holdTarget(
  tx: Transaction,
  adoption: { readonly accounts: Accounts; readonly request: AdoptRequest; readonly before: TargetBefore },
): Promise<LinkTarget> {
  const { accounts, request, before } = adoption;
  if ('accountProvedAt' in request) {
    const held = await accounts.linking.hold(tx, request.accountId);
    if (held?.version !== before.version) throw new TargetChangedError('the account changed meanwhile');
    return { kind: 'existing', status: held?.status, provedAt: request.accountProvedAt };
  }
  return { kind: 'new', addressProvedAt: request.newAccount.emailProvedAt, addressTaken: before.addressTaken };
}
