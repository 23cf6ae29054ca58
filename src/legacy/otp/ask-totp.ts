import { Secret } from 'otpauth';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { moveCounter, readCounter } from '../records/count-tries.ts';
import { isMisshapen, type RecordMethod } from '../records/create-record-adapter.ts';
import { type Person, readPerson } from '../records/typed-login.ts';
import { codeFields } from './code-fields.ts';
import { findCounter } from './find-counter.ts';
import { holdsToken } from './holds-token.ts';
import { readSeed, type Seed } from './read-seed.ts';
import type { TotpSettings } from './settings.ts';

/** M37: a code of an authenticator app. Each step of time is good for one sign-in (RFC 6238 §5.2). */
export function askTotp(settings: TotpSettings, context: AdapterContext): RecordMethod {
  const { records, now, randomBytes } = context;
  const nobody: Seed = {
    secret: new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }),
    digits: 6,
    algorithm: 'SHA1',
  };
  const drift = settings.drift ?? 1;

  const letIn = async ({ record, passwordOk }: Person, used: number | undefined, last = -1): Promise<Answered> => {
    if (!record) return refused('unknown-person');
    if (!passwordOk || used === undefined) return refused('wrong-secret');
    if (used <= last) return refused('replayed');
    // Of two who type one code at once, only one finds the step as it was.
    const step = { from: last === -1 ? undefined : last, to: used };
    const isFirst = await moveCounter(records, record.accountKey, LAST, step);
    return isFirst ? holdsToken(settings, context, record, 'one-time-code') : refused('replayed');
  };

  return {
    fields: codeFields(context, settings),
    async first(round) {
      const { code = '' } = round.fields;
      if (isMisshapen(code)) return refused('misshapen');
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      const { record } = person;
      const seed = record && readSeed(settings, record);
      const step = Math.floor(now().getTime() / 1000 / periodOf(settings, record, seed));
      const last = await readCounter(records, record?.accountKey, LAST);
      const used = findCounter(seed ?? nobody, code, step - drift, step + drift);
      if (record && !seed) return refused('not-allowed');
      return letIn(person, used, last);
    },
  };
}

const LAST = 'totp-step';

function periodOf(
  { period = 30, periodColumn }: TotpSettings,
  record: LegacyRecord | undefined,
  seed: Seed | undefined,
): number {
  const said = Number((periodColumn && record?.extras[periodColumn]) || (seed?.period ?? period));
  return said >= 10 && said <= 120 ? said : period;
}
