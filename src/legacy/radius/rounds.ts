import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Asking, Field, Level, Notice, Proved, Prompt, Warning, Words } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { type Packet, TYPE, valuesOf } from './packet.ts';
import type { RadiusSettings } from './settings.ts';

type Challenge = 'code' | 'next-code' | 'new-pin' | 'answer';

const RoundState = Type.Object(
  {
    /** Which server of the list: nobody else knows its State. */
    server: Type.Integer({ minimum: 0, maximum: 3 }),
    name: Type.String({ maxLength: 253 }),
    /** The server's, base64. */
    state: Type.Optional(Type.String({ maxLength: 340 })),
    challenge: Type.Enum(['code', 'next-code', 'new-pin', 'answer']),
    proved: Type.Array(Type.Enum(['password', 'pin', 'one-time-code'])),
    round: Type.Integer({ minimum: 1 }),
    /** Milliseconds since 1970. */
    until: Type.Number(),
  },
  { additionalProperties: false },
);
export type RoundState = Static<typeof RoundState>;

const MOST_ROUNDS = 8;
const CHALLENGE_SECONDS = 120;

/** What SecurID, FreeRADIUS with an OTP module, and their like say. */
const USUAL: NonNullable<RadiusSettings['challenges']> = [
  { contains: 'new pin', asks: 'new-pin' },
  { contains: 'pin again', asks: 'new-pin' },
  { contains: 'next code', asks: 'next-code' },
  { contains: 'next token', asks: 'next-code' },
  { contains: 'wait for', asks: 'next-code' },
];

const FIELDS = {
  code: { name: 'code', kind: 'code', label: { key: 'code' } },
  'next-code': { name: 'code', kind: 'code', label: { key: 'code' } },
  'new-pin': { name: 'newPin', kind: 'secret', label: { key: 'new-pin' } },
  answer: { name: 'answer', kind: 'text', label: { key: 'answer' } },
} as const satisfies Record<Challenge, Field>;

const NOTICES = {
  code: 'second-step',
  'next-code': 'next-code',
  'new-pin': 'new-pin',
  answer: 'second-step',
} as const satisfies Record<Challenge, Notice>;

/** Words of the server, on one line and not too many. */
export function messageOf(packet: Packet): string {
  const said = valuesOf(packet, TYPE.replyMessage).map((value) => value.toString());
  return said
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Cf}\uFFFD]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

/** The first rule whose words are in what the server said. */
export const firstThatFits = <Rule extends { readonly contains: string }>(
  rules: readonly Rule[],
  message: string,
): Rule | undefined => rules.find(({ contains }) => message.toLowerCase().includes(contains.toLowerCase()));

/** The further question that a challenge is. @throws LegacyFault */
export function askFurther(
  packet: Packet,
  settings: RadiusSettings,
  so: Pick<RoundState, 'server' | 'name' | 'proved' | 'round'>,
  now: Date,
): Asking {
  if (so.round > MOST_ROUNDS) throw new LegacyFault('server-error', 'challenges without end');
  const [state, ...more] = valuesOf(packet, TYPE.state);
  if (more.length > 0) throw new LegacyFault('garbage', 'two states');
  const message = messageOf(packet);
  const challenge = challengeOf(message, settings);
  const next: RoundState = {
    ...so,
    ...(state && { state: state.toString('base64') }),
    challenge,
    until: now.getTime() + (settings.challengeSeconds ?? CHALLENGE_SECONDS) * 1000,
  };
  const hint: Words | undefined = settings.showMessages === true && message !== '' ? { en: message } : undefined;
  const prompt: Prompt = { fields: [{ ...FIELDS[challenge], ...(hint && { hint }) }], notice: NOTICES[challenge] };
  return { outcome: 'asks', prompt, state: JSON.stringify(next) };
}

function challengeOf(message: string, { challenges }: RadiusSettings): Challenge {
  const rule = firstThatFits(challenges ?? USUAL, message);
  return rule?.asks ?? (challenges === undefined ? 'code' : 'answer');
}

export function readRoundState(text: string): RoundState {
  const state: unknown = JSON.parse(text);
  if (!Value.Check(RoundState, state)) throw new Error('a state that is not ours');
  return state;
}

/** What was typed in answer to it. */
export const typedFor = ({ challenge }: RoundState, fields: Readonly<Record<string, string>>): string =>
  fields[FIELDS[challenge].name] ?? '';

/** What is proved when the server is content with the answer. A new PIN was chosen, not known. */
export function provedBy({ challenge, proved }: RoundState): RoundState['proved'] {
  const isCode = challenge === 'code' || challenge === 'next-code';
  return isCode && !proved.includes('one-time-code') ? [...proved, 'one-time-code'] : proved;
}

/** Two kinds of proof are two factors; nothing is worth more than configuration allows. */
export function levelOf(
  proved: readonly Proved[],
  settings: RadiusSettings,
): { readonly level: Level; readonly warnings: readonly Warning[] } {
  const most = settings.level ?? (settings.method === 'M39' ? 'Cl.Cm' : 'Cl');
  const isBoth = proved.includes('one-time-code') && (proved.includes('password') || proved.includes('pin'));
  if (most !== 'Cl.Cm' || isBoth) return { level: most, warnings: [] };
  return { level: 'Cl', warnings: ['level-lowered'] };
}
