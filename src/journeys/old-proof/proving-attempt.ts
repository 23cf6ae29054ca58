import type { OldWay, OutgoingCode, ProvingAttempt } from '../../migration/index.ts';
import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export interface ProvingHere {
  readonly source: string;
  readonly sourceName: string;
  readonly way: OldWay;
  readonly place: ProvingAttempt['place'];
  readonly ip: string;
  readonly language: Language;
  readonly tag: string;
  /** Page of this journey that asks for the code: a link in a message opens it. */
  readonly page: string;
}

/** An attempt as migration wants it, with messages in the words of these pages. */
export function provingAttempt(deps: JourneyDeps, { sourceName, page, ...here }: ProvingHere): ProvingAttempt {
  return { ...here, deliver: (tx, message) => deliver(deps, tx, { ...message, sourceName, page, ...here }) };
}

type Message = OutgoingCode & Pick<ProvingHere, 'sourceName' | 'page' | 'language'>;

/** The same work for nobody: such a message is dead when it is born (A11). */
async function deliver(deps: JourneyDeps, tx: Transaction, message: Message): Promise<void> {
  const { channel, code, style, to, lifetimeSeconds, sourceName, page, language } = message;
  const t = deps.pages.translate(language);
  const link = `${deps.config.issuer}${page}?code=${encodeURIComponent(code)}`;
  const values = { code, link, source: sourceName, minutes: Math.round(lifetimeSeconds / 60) };
  const now = deps.now().getTime();
  const expiresAt = new Date(to === undefined ? now : now + lifetimeSeconds * 1000);
  // Nobody taps a link in a letter, or on the telephone.
  const shown = channel === 'email' || channel === 'text' ? style : 'code';
  const body = t(`journeys.oldProof.messages.${channel}.${shown}`, values);
  const subject = t('journeys.oldProof.messages.subject', { source: sourceName });
  const envelope = { to: to ?? 'nobody@invalid', body, expiresAt };
  if (channel === 'email') return enqueueMessage(tx, deps.keyRing, { kind: 'email', subject, ...envelope });
  return enqueueMessage(tx, deps.keyRing, { kind: KIND[channel], ...envelope });
}

const KIND = { text: 'sms', voice: 'voice', post: 'letter' } as const;

/** Nothing was asked of the old system: it is not its outage, and not a mistake in a box of the page either. */
export const tooManyDepartures = (retryAfter: number): LatchkeyError =>
  new LatchkeyError('too_many_attempts', 'That was tried too often. Wait a while and try again.', { retryAfter });
