import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Answered, type Field, type Notice, type Proved, refused } from '../answer.ts';
import { takeOfToday } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { findPerson, loginFields, readPerson } from '../records/typed-login.ts';
import { addressOnRecord } from './address-on-record.ts';
import { phoneForms } from './phone-number.ts';
import type { DeliveredSettings } from './settings.ts';

/** By the name that was typed, not by the row: its length would tell who exists, and a row may be closed meanwhile. */
const State = Type.Object({ login: Type.String(), challenge: Type.String() });

/** M31 to M34: a code or a link to the address on record, in the browser that asked for it. */
export function sendCode(settings: DeliveredSettings, context: AdapterContext): RecordMethod {
  const { records, now } = context;
  const { style, notice, proved, minutes } = WAYS[settings.method];
  const forms = 'identifier' in settings && settings.identifier === 'phone' ? phoneForms : undefined;
  const lifetimeSeconds = 60 * (settings.lifetimeMinutes ?? minutes);
  const code: Field = { name: 'code', kind: 'code', label: { key: 'code' }, ...(style === 'code' && { length: 6 }) };
  const perDay = { name: 'codes-sent', most: settings.perDay ?? 10 };

  return {
    fields: loginFields(context, settings),
    async first(round) {
      const person = await readPerson(context, settings, round, forms);
      if (!person) return refused('misshapen');
      const { login, record, passwordOk } = person;
      // Nobody with the password wrong is sent anything, whether the name exists or not.
      if (!passwordOk) return refused(record ? 'wrong-secret' : 'unknown-person');
      const { channel, to } = addressOnRecord(settings, record, now());
      const mayGo = await takeOfToday(records, to && record?.accountKey, { ...perDay, now: now() });
      const { binding, language, delivery } = round;
      const message = { channel, style, to: mayGo ? to : undefined, language, lifetimeSeconds, binding };
      const { challenge } = await delivery.send(message);
      return asks([code], notice, { login, challenge });
    },
    async next(round) {
      const { login, challenge } = readState(State, round);
      const { code: typed = '' } = round.fields;
      if (isMisshapen(typed)) return refused('misshapen');
      const checked = await round.delivery.check(challenge, typed, round.binding);
      const record = await findPerson(context, login, forms);
      if (checked === 'wrong') return asks([code], 'wrong-code', { login, challenge });
      if (checked !== 'ok') return refused(checked === 'expired' ? 'expired' : 'replayed');
      // The code of a message that went to nobody can be guessed, too.
      if (!record) return refused('unknown-person');
      return controls(settings, context, record, proved);
    },
  };
}

function controls(
  settings: DeliveredSettings,
  context: AdapterContext,
  record: LegacyRecord,
  proved: Proved,
): Answered {
  const { to, verifiedOn, channel } = addressOnRecord(settings, record, context.now());
  if (to === undefined) return refused('not-allowed');
  const asOf = verifiedOn === undefined ? {} : { [channel === 'email' ? 'email' : 'phone']: verifiedOn };
  if (settings.alongside !== 'password')
    return identify(context, settings, record, { evidence: 'contact', proved: [proved], level: 'Cl', asOf });
  // Two mails to one mailbox, or a call to a number that was never tied to the password, are no second factor.
  const level = settings.method === 'M33' ? 'Cl.Cm' : 'Cl';
  return identify(context, settings, record, { evidence: 'sign-in', proved: ['password', proved], level, asOf });
}

interface Way {
  readonly style: 'code' | 'link';
  readonly notice: Notice;
  readonly proved: Proved;
  readonly minutes: number;
}

const WAYS = {
  M31: { style: 'link', notice: 'link-sent', proved: 'mailbox', minutes: 15 },
  M32: { style: 'code', notice: 'code-sent', proved: 'mailbox', minutes: 10 },
  M33: { style: 'code', notice: 'code-sent', proved: 'phone', minutes: 10 },
  M34: { style: 'code', notice: 'code-by-phone', proved: 'phone', minutes: 10 },
} as const satisfies Record<DeliveredSettings['method'], Way>;
