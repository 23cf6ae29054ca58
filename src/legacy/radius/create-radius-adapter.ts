import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, PasswordAdapter, Round } from '../adapter.ts';
import { type Answered, type Asking, type Field, refused } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { createServers, type Servers } from './ask-servers.ts';
import { answerChap, hidePassword, LONGEST_PASSWORD } from './hide-password.ts';
import { CODE, type Packet, type RadiusAttribute, TYPE } from './packet.ts';
import { readAnswerKey } from './read-answer-key.ts';
import { readUserName } from './read-user-name.ts';
import {
  askFurther,
  firstThatFits,
  levelOf,
  messageOf,
  provedBy,
  readRoundState,
  type RoundState,
  typedFor,
} from './rounds.ts';
import type { RadiusSettings } from './settings.ts';

const SHORTEST_SECRET = 16;

interface Radius {
  readonly settings: RadiusSettings;
  readonly context: AdapterContext;
  readonly secret: Buffer;
  readonly servers: Servers;
}

/** F4: a RADIUS server says whether a password, or a code of a token, is right; in as many rounds as it wants. */
export function createRadiusAdapter(settings: RadiusSettings, context: AdapterContext): PasswordAdapter {
  const secret = Buffer.from(context.secret(settings.sharedSecret));
  if (secret.length < SHORTEST_SECRET) {
    throw new LatchkeyError('config_invalid', `The source ${context.source}: the shared secret is too short.`);
  }
  const radius = { settings, context, secret, servers: createServers(settings, secret, context) };
  return {
    kind: 'password',
    family: 'radius',
    open: async () => ({
      outcome: 'asks',
      prompt: { fields: [{ name: 'login', kind: 'text', label: context.identifierLabel }, ...firstFields(settings)] },
      state: '',
    }),
    answer: (round) => (round.state === '' ? begin(radius, round) : goOn(radius, round)),
    async health(signal) {
      if (settings.statusServer === false) return;
      await radius.servers.ask({ code: CODE.statusServer, contents: () => [ourName(settings)] }, signal);
    },
    close: async () => {},
  };
}

function firstFields(settings: RadiusSettings): readonly Field[] {
  const password = { name: 'password', kind: 'secret', label: { key: 'password' } } as const;
  const pin = { name: 'pin', kind: 'secret', label: { key: 'pin' } } as const;
  const code = { name: 'code', kind: 'code', label: { key: 'code' } } as const;
  const first = settings.method === 'M39' ? settings.first : 'password';
  return { password: [password], 'pin-and-code': [pin, code], code: [code] }[first];
}

async function begin(radius: Radius, { fields, signal }: Round): Promise<Answered | Asking> {
  const { settings } = radius;
  const name = readUserName(settings, fields.login ?? '');
  const asked = firstFields(settings);
  const typed = asked.map((field) => fields[field.name] ?? '');
  // A new token has no PIN yet: then the box for it stays empty, and no PIN is proved.
  const needed = asked.length > 1 ? typed.slice(1) : typed;
  if (name === undefined || needed.includes('') || !isUsable(typed.join(''))) return refused('misshapen');
  const proved = asked.flatMap(({ name: field }, index) => (typed[index] === '' ? [] : [PROOFS[field] ?? 'password']));
  const { answer, server } = await radius.servers.ask(
    { code: CODE.accessRequest, contents: (authenticator) => request(radius, name, typed.join(''), authenticator) },
    signal,
  );
  return understand(radius, answer, { server, name, proved, round: 1 });
}

const PROOFS: Readonly<Record<string, RoundState['proved'][number]>> = { pin: 'pin', code: 'one-time-code' };

async function goOn(radius: Radius, { fields, state, signal }: Round): Promise<Answered | Asking> {
  const before = readRoundState(state);
  const typed = typedFor(before, fields);
  if (typed === '' || !isUsable(typed)) return refused('misshapen');
  const isGone = before.server >= radius.settings.servers.length;
  if (isGone || before.until < radius.context.now().getTime()) return refused('stale');
  const { answer, server } = await radius.servers.ask(
    {
      code: CODE.accessRequest,
      contents: (authenticator) => [
        ourName(radius.settings),
        { type: TYPE.userName, value: Buffer.from(before.name) },
        hidePassword(typed, authenticator, radius.secret),
        ...(before.state === undefined ? [] : [{ type: TYPE.state, value: Buffer.from(before.state, 'base64') }]),
      ],
      server: before.server,
    },
    signal,
  );
  return understand(radius, answer, { server, name: before.name, proved: provedBy(before), round: before.round + 1 });
}

/** NUL: servers take it for padding, so that two secrets would be one. */
const isUsable = (secret: string): boolean =>
  secret !== '' && Buffer.byteLength(secret) <= LONGEST_PASSWORD && !secret.includes('\0');

const ourName = ({ nasIdentifier = 'latchkey' }: RadiusSettings): RadiusAttribute => ({
  type: TYPE.nasIdentifier,
  value: Buffer.from(nasIdentifier),
});

function request(
  { settings, context, secret }: Radius,
  name: string,
  password: string,
  authenticator: Buffer,
): readonly RadiusAttribute[] {
  const isChap = settings.method === 'M16' && settings.protocol === 'chap';
  return [
    ourName(settings),
    { type: TYPE.userName, value: Buffer.from(name) },
    ...(isChap
      ? answerChap(password, context.randomBytes(1).readUInt8(0), context.randomBytes(16))
      : [hidePassword(password, authenticator, secret)]),
    // NUL asks for it (RFC 4372 §2.1).
    ...(settings.key === 'chargeable-user-identity'
      ? [{ type: TYPE.chargeableUserIdentity, value: Buffer.alloc(1) }]
      : []),
  ];
}

function understand(
  { settings, context }: Radius,
  answer: Packet,
  so: Pick<RoundState, 'server' | 'name' | 'proved' | 'round'>,
): Answered | Asking {
  if (answer.code === CODE.accessChallenge) return askFurther(answer, settings, so, context.now());
  if (answer.code === CODE.accessReject) {
    return refused(firstThatFits(settings.rejections ?? [], messageOf(answer))?.as ?? 'wrong-secret');
  }
  if (answer.code !== CODE.accessAccept) throw new LegacyFault('garbage', `an answer of kind ${answer.code}`);
  const key = readAnswerKey(answer, settings, so.name);
  if (key === undefined) return refused('identifier-missing');
  const { level, warnings } = levelOf(so.proved, settings);
  return {
    outcome: 'identified',
    identity: {
      accountKey: key.accountKey,
      evidence: 'sign-in',
      proved: so.proved,
      level,
      attributes: [],
      warnings: [...warnings, ...key.warnings],
    },
  };
}
