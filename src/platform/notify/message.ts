import { type Static, Type } from 'typebox';

const EmailSchema = Type.Object({
  to: Type.String({ minLength: 3, maxLength: 320 }),
  subject: Type.String({ minLength: 1, maxLength: 200 }),
  body: Type.String({ minLength: 1, maxLength: 20_000 }),
});
const SmsSchema = Type.Object({
  to: Type.String({ minLength: 3, maxLength: 32 }),
  body: Type.String({ minLength: 1, maxLength: 918 }),
});
/** Spoken by a machine. */
const VoiceSchema = SmsSchema;
/** `to`: the postal address, a line each, 3 to 7 of them. */
const LetterSchema = Type.Object({
  to: Type.String({ minLength: 3, maxLength: 700 }),
  body: Type.String({ minLength: 1, maxLength: 5_000 }),
});
const SignalSchema = Type.Record(Type.String(), Type.String({ maxLength: 16_384 }));

/** What is inside a message, sealed while it waits. */
export const PAYLOADS = {
  email: EmailSchema,
  sms: SmsSchema,
  voice: VoiceSchema,
  letter: LetterSchema,
  'backchannel-logout': SignalSchema,
  'security-event': SignalSchema,
} as const;

export type MessageKind = keyof typeof PAYLOADS;
/** Sent to a service, not to a person; `payload.clientId` says which. */
export type SignalKind = 'backchannel-logout' | 'security-event';

export function isSignal(kind: MessageKind): kind is SignalKind {
  return kind === 'backchannel-logout' || kind === 'security-event';
}

export type Payload<K extends MessageKind> = Static<(typeof PAYLOADS)[K]>;

/** Never sent after `expiresAt`: a code that has run out helps nobody. */
export type OutgoingMessage =
  | ({ readonly kind: 'email'; readonly expiresAt: Date } & Readonly<Payload<'email'>>)
  | ({ readonly kind: 'sms' | 'voice'; readonly expiresAt: Date } & Readonly<Payload<'sms'>>)
  | ({ readonly kind: 'letter'; readonly expiresAt: Date } & Readonly<Payload<'letter'>>)
  | { readonly kind: SignalKind; readonly expiresAt: Date; readonly payload: Payload<SignalKind> };

/**
 * Whom a message goes to. Messages of one lane are sent one after the other, and a lane that fails holds up nobody else.
 */
export function laneOf(kind: MessageKind, payload: Readonly<Record<string, string>>): string {
  return `${kind}:${isSignal(kind) ? (payload['clientId'] ?? '') : (payload['to'] ?? '')}`;
}
