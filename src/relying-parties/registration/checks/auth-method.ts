import type { Problem } from '../../service.ts';
import { type Check, problem } from './check.ts';

/** Whether the way the service proves itself fits what else it asks for. */
export const checkAuthMethod: Check = (draft) => {
  const problems: Problem[] = [];
  const { authMethod } = draft;
  if (authMethod === 'none' && draft.kind === 'service')
    problems.push(problem('authMethod', 'method_not_allowed', 'A service proves itself: use private_key_jwt.'));
  if (authMethod === 'none' && draft.pkce === 'optional')
    problems.push(problem('pkce', 'method_not_allowed', 'Without client authentication PKCE is needed.'));
  if (authMethod === 'client_secret_post' && draft.highSecurity)
    problems.push(problem('authMethod', 'method_not_allowed', 'The high-security profile needs private_key_jwt.'));
  if (draft.highSecurity && draft.pkce === 'optional')
    problems.push(problem('pkce', 'method_not_allowed', 'The high-security profile needs PKCE.'));
  if (draft.secretHash !== undefined)
    problems.push(problem('secretHash', 'unknown_field', 'Secrets are made by Latchkey, never sent to it.'));
  return problems;
};
