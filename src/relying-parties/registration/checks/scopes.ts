import type { Problem } from '../../service.ts';
import { type Check, problem } from './check.ts';

/** Scopes are limited per service (D11); what the lists may hold at all is in the schema. */
export const checkScopes: Check = (draft) => {
  const problems: Problem[] = [];
  if (draft.scopes && !draft.scopes.includes('openid'))
    problems.push(problem('scopes', 'openid_missing', 'openid is needed.'));
  if (draft.scopes?.includes('offline_access') && draft.refreshTokens === false)
    problems.push(problem('scopes', 'offline_not_allowed', 'offline_access needs refreshTokens.'));
  return problems;
};
