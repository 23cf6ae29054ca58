import { createHmac } from 'node:crypto';
import { Secret } from 'otpauth';
import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Answered, type Asking, refused } from '../answer.ts';
import { moveCounter, readCounter } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { type Person, readPerson } from '../records/typed-login.ts';
import { codeField, codeFields } from './code-fields.ts';
import { findCounter } from './find-counter.ts';
import { holdsToken } from './holds-token.ts';
import { readSeed, type Seed } from './read-seed.ts';
import type { HotpSettings } from './settings.ts';

/** The code far ahead that was typed first, as its counter. */
const State = Type.Object({
  login: Type.String(),
  password: Type.Integer(),
  seen: Type.Integer(),
  at: Type.Integer(),
});

/** M38: a code of a token with a button, and two in a row when it was pressed too often (RFC 4226 §7.4). */
export function askHotp(settings: HotpSettings, context: AdapterContext): RecordMethod {
  const { records, now } = context;
  const { lookAhead = 10, resynchronise = 100 } = settings;
  const key = context.randomBytes(32);

  const tokenOf = async (login: string, record: LegacyRecord | undefined): Promise<Token> => {
    const stored = await readCounter(records, record?.accountKey, NEXT);
    const exported = Number((settings.counterColumn && record?.extras[settings.counterColumn]) || 0);
    const start = Number.isSafeInteger(exported) && exported > 0 ? exported : 0;
    // A seed for nobody: a guess meets a code far ahead of it as often as of a real one, so the next round tells nothing.
    const nobody = new Uint8Array(createHmac('sha1', key).update(login.toLowerCase()).digest());
    const decoy: Seed = {
      secret: new Secret({ buffer: nobody.buffer }),
      digits: settings.digits ?? 6,
      algorithm: 'SHA1',
    };
    const seed = record && readSeed(settings, record);
    return { seed: seed ?? decoy, isReal: seed !== undefined, stored, next: Math.max(stored ?? 0, start) };
  };

  /** Lets in whoever typed the code of a counter, which is written first: of two at once, only one finds it as it was. */
  const letIn = async ({ record, passwordOk }: Claim, token: Token, used: number | undefined): Promise<Answered> => {
    if (!record) return refused('unknown-person');
    if (!token.isReal) return refused('not-allowed');
    if (!passwordOk || used === undefined) return refused('wrong-secret');
    const isNew = await moveCounter(records, record.accountKey, NEXT, { from: token.stored, to: used + 1 });
    return isNew ? holdsToken(settings, context, record, 'counter-code') : refused('replayed');
  };

  const judge = async (person: Person, code: string): Promise<Answered | Asking> => {
    const { login, record, passwordOk } = person;
    const token = await tokenOf(login, record);
    const { seed, next } = token;
    const used = findCounter(seed, code, next, next + lookAhead);
    const seen = findCounter(seed, code, next + lookAhead + 1, next + resynchronise);
    const before = findCounter(seed, code, next - 1 - lookAhead, next - 1);
    if (used === undefined && seen !== undefined) {
      const state = { login, password: passwordOk ? 1 : 0, seen, at: now().getTime() };
      return asks([codeField(settings)], 'next-code', state);
    }
    const answer = await letIn(person, token, used);
    const isOld = used === undefined && before !== undefined && record !== undefined && passwordOk;
    return isOld ? refused('replayed') : answer;
  };

  return {
    fields: codeFields(context, settings),
    async first(round) {
      const { code = '' } = round.fields;
      if (isMisshapen(code)) return refused('misshapen');
      const person = await readPerson(context, settings, round);
      return person ? judge(person, code) : refused('misshapen');
    },
    async next(round) {
      const { code = '' } = round.fields;
      if (isMisshapen(code)) return refused('misshapen');
      const { login, password, seen, at } = readState(State, round);
      const record = await records.find(login);
      const token = await tokenOf(login, record);
      if (now().getTime() - at > MOST_WAIT_MS) return refused('expired');
      const isBehind = seen < token.next;
      const used = isBehind ? undefined : findCounter(token.seed, code, seen + 1, seen + 1);
      return isBehind && record ? refused('replayed') : letIn({ record, passwordOk: password === 1 }, token, used);
    },
  };
}

/** The next counter that counts. */
const NEXT = 'hotp-next';
/** Two codes of one sitting: a note of one code is not kept for later. */
const MOST_WAIT_MS = 5 * 60_000;

type Claim = Pick<Person, 'record' | 'passwordOk'>;

interface Token {
  readonly seed: Seed;
  readonly isReal: boolean;
  /** As it stands beside the row. */
  readonly stored: number | undefined;
  readonly next: number;
}
