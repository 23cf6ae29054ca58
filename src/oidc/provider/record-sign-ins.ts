import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditBatch } from '../../audit/index.ts';
import { SUBJECT_MAP_GRANT } from '../signals/subject-map-grant.ts';

interface Deps {
  readonly auditBatch: AuditBatch;
  readonly metrics: { readonly signIn: (outcome: string) => void };
  readonly onError: (error: unknown) => void;
}

/** Records what the services' door did: every authorization, token and refusal, with ids only. */
export function recordSignIns(provider: Provider, { auditBatch, metrics, onError }: Deps): void {
  provider.on('authorization.success', (ctx) => {
    const silent = ctx.oidc.route === 'authorization';
    if (silent) metrics.signIn('silent');
    auditBatch.record({
      // That somebody proved who they are is recorded where they did, with the change that it made.
      type: silent ? 'account.signed-in-silently' : 'grant.given',
      actor: 'citizen',
      ...idsOf(ctx),
    });
  });
  provider.on('grant.success', (ctx) => {
    auditBatch.record({ type: typeOfGrant(ctx.oidc.params?.['grant_type']), actor: 'system', ...idsOf(ctx) });
  });
  provider.on('grant.revoked', (ctx) => {
    auditBatch.record({ type: 'grant.revoked', actor: 'system', ...idsOf(ctx) });
  });
  provider.on('server_error', (_ctx, error) => onError(error));
}

function typeOfGrant(grantType: unknown): 'subject.map-fetched' | 'token.refreshed' | 'token.issued' {
  if (grantType === SUBJECT_MAP_GRANT) return 'subject.map-fetched';
  return grantType === 'refresh_token' ? 'token.refreshed' : 'token.issued';
}

function idsOf({ oidc }: KoaContextWithOIDC): { accountId: string | undefined; clientId: string | undefined } {
  return { accountId: oidc.account?.accountId, clientId: oidc.client?.clientId };
}
