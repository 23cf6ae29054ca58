import { interactionPolicy } from 'oidc-provider';
import { satisfies } from './levels.ts';
import { requestedLevels } from './requested-levels.ts';

const { Check, Prompt, base } = interactionPolicy;

/** When a citizen is asked, in this order: which account, who they are, and (only when a service insists) consent. */
export function createPromptPolicy(): interactionPolicy.DefaultPolicy {
  const policy = base();
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0);
  policy.get('login')?.checks.add(
    new Check('level_not_reached', 'the session is below the level that was asked for', (ctx) => {
      const [lowest] = requestedLevels(ctx);
      const { session, result } = ctx.oidc;
      if (!session?.accountId || result?.login || lowest === undefined || satisfies(session.acr, lowest)) {
        return Check.NO_NEED_TO_PROMPT;
      }
      return Check.REQUEST_PROMPT;
    }),
  );
  return policy;
}
