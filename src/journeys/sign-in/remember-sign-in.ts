import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { BrowserCookies } from '../engine/browser-cookie.ts';
import type { StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** In the transaction that ends a journey with a sign-in: the device is known from now on, and the record has it. */
export async function rememberSignIn(
  deps: Pick<JourneyDeps, 'accounts'>,
  cookies: BrowserCookies,
  tx: Transaction,
  signIn: { readonly context: StepContext; readonly accountId: string },
): Promise<void> {
  const { context, accountId } = signIn;
  const { request, reply, journey } = context;
  await deps.accounts.devices.remember(tx, accountId, cookies.ensureDevice(request, reply));
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'account.signed-in',
    actor: 'citizen',
    accountId,
    clientId: journey.interaction.clientId,
    correlationId: journey.id,
    detail: { way: journey.state.way },
  });
}
