import type { AdapterContext } from '../adapter.ts';
import { refused } from '../answer.ts';
import { checkPin } from '../records/check-pin.ts';
import { isMisshapen, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { loginFields, readPerson } from '../records/typed-login.ts';
import { phoneForms } from './phone-number.ts';
import type { PhonePinSettings } from './settings.ts';

/** M34: the PIN that somebody keyed in when the telephone service asked for it. */
export function askPhonePin(settings: PhonePinSettings, context: AdapterContext): RecordMethod {
  const length = settings.pin.digits.most;
  const forms = settings.identifier === 'phone' ? phoneForms : undefined;
  return {
    fields: [...loginFields(context, settings), { name: 'pin', kind: 'secret', label: { key: 'pin' }, length }],
    async first(round) {
      const { pin = '' } = round.fields;
      if (isMisshapen(pin)) return refused('misshapen');
      const person = await readPerson(context, settings, round, forms);
      if (!person) return refused('misshapen');
      const problem = await checkPin(context, settings.pin, person, pin);
      if (problem || !person.record) return refused(problem ?? 'unknown-person');
      const proved = settings.alongside === 'password' ? (['password', 'pin'] as const) : (['pin'] as const);
      return identify(context, settings, person.record, { evidence: 'sign-in', proved, level: 'Cl' });
    },
  };
}
