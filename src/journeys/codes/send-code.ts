import { canonicalEmail } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import { readDevice } from '../engine/browser-cookie.ts';
import type { Problem } from '../engine/facts.ts';
import type { StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** What a code is for: the text of its mail, and what it can be used for. */
export type CodePurpose = 'sign-up' | 'recovery' | 'old-account' | 'check';

/** Per address and network: 5 an hour. Per address from everywhere and per network: caps on mail bombing (K5). */
const SEND_LIMITS = {
  each: { what: 'code-send', limit: 5, windowSeconds: 3600 },
  address: { what: 'code-send', limit: 30, windowSeconds: 86_400 },
  network: { what: 'code-send-ip', limit: 100, windowSeconds: 3600 },
} as const;

/** Counts a send before it happens. A problem when there were too many: the same for addresses that are known or not. */
export async function reserveSend(
  deps: Pick<JourneyDeps, 'accounts'>,
  context: Pick<StepContext, 'request'>,
  address: string,
  field: string,
): Promise<Problem | undefined> {
  const { ip } = context.request;
  const key = canonicalEmail(address);
  const who = { each: `${key} ${ip}`, address: `anywhere ${key}`, network: ip } as const satisfies Record<
    keyof typeof SEND_LIMITS,
    string
  >;
  for (const name of ['each', 'address', 'network'] as const) {
    const taken = await deps.accounts.attempts.take({ ...SEND_LIMITS[name], who: who[name] });
    if (!taken.allowed && !(name === 'address' && (await isOwnDevice(deps, context, address)))) {
      const minutes = Math.max(1, Math.ceil(taken.retryAfterSeconds / 60));
      return { field, key: 'journeys.codes.problems.tooManySends', values: { count: minutes } };
    }
  }
  return undefined;
}

/** Strangers can use up what an address may be sent in a day; its owner's own device is not held up by them (K3). */
async function isOwnDevice(
  { accounts }: Pick<JourneyDeps, 'accounts'>,
  { request }: Pick<StepContext, 'request'>,
  address: string,
): Promise<boolean> {
  const accountId = await accounts.findByEmail(address);
  const device = readDevice(request);
  return accountId !== undefined && device !== undefined && (await accounts.devices.isKnown(accountId, device));
}

/**
 * Issues a code and queues its mail, in the transaction that moves the journey. Returns the challenge's id.
 * `deliver: false` does the same work for nobody: the mail is dead when it is born.
 */
export async function sendCode(
  deps: JourneyDeps,
  tx: Transaction,
  context: StepContext,
  what: { readonly purpose: CodePurpose; readonly address: string; readonly deliver?: boolean },
): Promise<string> {
  const { purpose, address, deliver = true } = what;
  const { lifetimes } = deps.config;
  const lifetimeSeconds = purpose === 'sign-up' ? lifetimes.signUpCode : lifetimes.emailCode;
  const { challengeId, code } = await deps.accounts.codes.issue(tx, {
    purpose,
    boundTo: [context.journey.id, canonicalEmail(address)],
    lifetimeSeconds,
  });
  const t = deps.pages.translate(context.language);
  const text = `journeys.codes.mail.${purpose}`;
  const service = context.interaction.service.name[context.language];
  const now = deps.now().getTime();
  await enqueueMessage(tx, deps.keyRing, {
    kind: 'email',
    to: address,
    subject: t(`${text}.subject`, { code }),
    body: t(`${text}.body`, { code, service, minutes: Math.round(lifetimeSeconds / 60) }),
    expiresAt: new Date(deliver ? now + lifetimeSeconds * 1000 : now),
  });
  deps.auditBatch.record({
    type: 'code.issued',
    actor: 'citizen',
    clientId: context.interaction.clientId,
    correlationId: context.journey.id,
    detail: { purpose },
  });
  return challengeId;
}
