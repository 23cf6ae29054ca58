import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../../accounts/index.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { requestMemory } from '../storage/request-memory.ts';
import { sectorOf } from './sector-of.ts';

export type SubjectOf = (ctx: KoaContextWithOIDC | undefined, accountId: string, client: Client) => Promise<string>;

/**
 * The `sub` of an account at a service: what its sector knows the account by, derived or inherited. Within a request
 * the grant carries it, so a silent sign-in asks no store.
 */
export function createSubjectOf(db: Database, { subjects }: Accounts): SubjectOf {
  return async (ctx, accountId, client) => {
    const grantId = ctx?.oidc.entities.Grant?.jti;
    const grant = grantId === undefined ? undefined : requestMemory().grants.get(grantId);
    if (grant && grant.payload['accountId'] === accountId && grant.payload['clientId'] === client.clientId) {
      return grant.sub;
    }
    const subject = { accountId, sector: sectorOf(client) };
    return (await subjects.find(accountId, subject.sector)) ?? db.transaction((tx) => subjects.ensure(tx, subject));
  };
}
