import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { adapterOf, isThere } from './adapter-of.ts';
import { fillUrl } from './fill-template.ts';
import { checkKey, identify } from './identify.ts';
import { judgeReply } from './judge-reply.ts';
import { type Channel, openChannel } from './open-channel.ts';
import type { Typed } from './read-typed.ts';
import { readReply } from './reply.ts';
import type { RestSettings } from './settings.ts';
import { writeQuestion } from './write-question.ts';

/** M09: one call with user name and password; perhaps another for who that is. */
export function createRestAdapter(settings: RestSettings, context: AdapterContext): PasswordAdapter {
  const { url, healthUrl = url, profile } = settings;
  checkSettings(settings, context.source);
  const channel = openChannel(settings, context, [url, healthUrl, ...(profile ? [profile.url] : [])]);
  return adapterOf(context, {
    logIn: (typed, signal) => logIn({ settings, context, channel }, typed, signal),
    health: (signal) => isThere(channel, healthUrl, signal),
  });
}

interface Rest {
  readonly settings: RestSettings;
  readonly context: AdapterContext;
  readonly channel: Channel;
}

async function logIn({ settings, context, channel }: Rest, typed: Typed, signal: AbortSignal): Promise<Answered> {
  const question = writeQuestion(settings, typed);
  if (!question) return refused('misshapen');
  const reply = readReply(await channel.ask({ ...question, signal }), settings.answers);
  const refusal = judgeReply(reply, settings);
  if (refusal) return refusal;
  const known = { settings, login: typed.login, proved: ['password'] } as const;
  const profileUrl = settings.profile && fillUrl(settings.profile.url, typed);
  if (profileUrl === undefined) return identify(reply, known, context);
  const headers = { accept: 'application/json' };
  const profile = readReply(await channel.ask({ url: profileUrl, method: 'GET', headers, signal }));
  if (profile.status !== 200) throw new LegacyFault('garbage', `no profile: status ${profile.status}`);
  return identify(profile, known, context);
}

/** What a schema cannot say. */
function checkSettings({ verb, question, answers, key, profile, credentials }: RestSettings, source: string): void {
  const wrong = (what: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source}: ${what}.`);
  checkKey({ key }, source);
  if (verb === 'GET' && question?.as !== 'basic') throw wrong('a GET can only carry the password as "basic"');
  if (answers === 'status' && key !== 'login' && !profile)
    throw wrong('without an answer that is read, the key is "login" or a profile is');
  if (question?.as === 'basic' && credentials && credentials.kind !== 'header')
    throw wrong('"basic" takes the header that our own credentials would go in');
}
