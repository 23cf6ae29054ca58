import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, PasswordAdapter, Round } from '../adapter.ts';
import { type Answered, type Asking, refused } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { adapterOf, isThere } from './adapter-of.ts';
import { checkKey, identify } from './identify.ts';
import { fits, judgeReply } from './judge-reply.ts';
import { type Channel, openChannel } from './open-channel.ts';
import type { Typed } from './read-typed.ts';
import { readReply, type Reply } from './reply.ts';
import type { GatewaySettings } from './settings.ts';
import { writeQuestion } from './write-question.ts';

const CodeState = Type.Object(
  {
    login: Type.String({ maxLength: 20 }),
    session: Type.String({ minLength: 1, maxLength: 2048 }),
    tries: Type.Integer({ minimum: 0 }),
    /** Milliseconds since 1970. */
    until: Type.Number(),
  },
  { additionalProperties: false },
);
type CodeState = Static<typeof CodeState>;

const CODE_SECONDS = 600;
const MOST_TRIES = 3;

interface Gateway {
  readonly settings: GatewaySettings;
  readonly context: AdapterContext;
  readonly channel: Channel;
}

/** M12: user id and password, then an access code that the old system sends. One person may hold several ids. */
export function createGatewayAdapter(settings: GatewaySettings, context: AdapterContext): PasswordAdapter {
  const { url, code, healthUrl = url } = settings;
  checkKey(settings, context.source);
  const gateway = { settings, context, channel: openChannel(settings, context, [url, code.url, healthUrl]) };
  return adapterOf(context, {
    logIn: (typed, signal) => logIn(gateway, typed, signal),
    goOn: (round) => takeCode(gateway, round),
    health: (signal) => isThere(gateway.channel, healthUrl, signal),
  });
}

/** As it is printed: in pairs or fours, with spaces or hyphens. Zeros in front belong to it. */
export function readUserId(typed: string, digits = 12): string | undefined {
  const id = typed.normalize('NFKC').replaceAll(/[\s\u2010-\u2015-]/gu, '');
  return /^[0-9]+$/.test(id) && id.length === digits ? id : undefined;
}

async function logIn(
  { settings, context, channel }: Gateway,
  typed: Typed,
  signal: AbortSignal,
): Promise<Answered | Asking> {
  const login = readUserId(typed.login, settings.idDigits);
  const question = login === undefined ? undefined : writeQuestion(settings, { ...typed, login });
  if (login === undefined || !question) return refused('misshapen');
  const reply = readReply(await channel.ask({ ...question, signal }));
  const isCodeNext = settings.code.when.every((condition) => fits(reply, condition));
  // Whoever is refused is refused, even by an answer that looks like the next step.
  const refusal = judgeReply(reply, isCodeNext ? { ...settings, success: [] } : settings);
  if (refusal) return refusal;
  if (!isCodeNext) {
    if (settings.codeRequired !== false) return refused('level-too-low');
    return identify(
      reply,
      { settings: { ...settings, level: settings.level ?? 'Cl.Cm' }, login, proved: ['password'] },
      context,
    );
  }
  const session = reply.read(settings.code.sessionPath);
  const { seconds = CODE_SECONDS } = settings.code;
  const state = { login, session, tries: 0, until: context.now().getTime() + seconds * 1000 };
  if (!Value.Check(CodeState, state)) throw new LegacyFault('garbage', 'a second step without a session');
  return askForCode(settings, state, 'second-step');
}

const askForCode = (
  { code: { digits = 6 } }: GatewaySettings,
  state: CodeState,
  notice: 'second-step' | 'wrong-code',
): Asking => ({
  outcome: 'asks',
  prompt: { fields: [{ name: 'code', kind: 'code', label: { key: 'code' }, length: digits }], notice },
  state: JSON.stringify(state),
});

async function takeCode(gateway: Gateway, { state, fields, signal }: Round): Promise<Answered | Asking> {
  const { settings, context } = gateway;
  const before: unknown = JSON.parse(state);
  if (!Value.Check(CodeState, before)) throw new Error('a state that is not ours');
  if (before.until < context.now().getTime()) return refused('stale');
  const code = (fields['code'] ?? '').normalize('NFKC').replaceAll(/[\s-]/g, '');
  const reply = await sendCode(gateway, before, { code, signal });
  if (!reply || settings.code.wrong.every((condition) => fits(reply, condition))) {
    const tries = before.tries + 1;
    if (tries >= (settings.code.tries ?? MOST_TRIES)) return refused('wrong-secret');
    return askForCode(settings, { ...before, tries }, 'wrong-code');
  }
  const refusal = judgeReply(reply, settings.code);
  if (refusal) return refusal;
  return identify(reply, { settings, login: before.login, proved: ['password', 'one-time-code'] }, context);
}

/** Undefined for what is no code: the old system is not asked about it. */
async function sendCode(
  { settings: { code: rules }, channel }: Gateway,
  { login, session }: CodeState,
  { code, signal }: { readonly code: string; readonly signal: AbortSignal },
): Promise<Reply | undefined> {
  if (!/^[0-9]+$/.test(code) || code.length !== (rules.digits ?? 6)) return undefined;
  const question = writeQuestion(rules, { login, session, code });
  return question && readReply(await channel.ask({ ...question, signal }));
}
