import type { AdapterContext } from '../adapter.ts';
import { refused } from '../answer.ts';
import { checkPin } from '../records/check-pin.ts';
import { isMisshapen, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { loginFields, readPerson } from '../records/typed-login.ts';
import type { PinLetterSettings } from './settings.ts';

/** M26: a PIN that came by post. */
export function askPin(settings: PinLetterSettings, context: AdapterContext): RecordMethod {
  const length = settings.pin.digits.most;
  return {
    fields: [...loginFields(context, settings), { name: 'pin', kind: 'secret', label: { key: 'pin' }, length }],
    async first(round) {
      const { pin = '' } = round.fields;
      if (isMisshapen(pin)) return refused('misshapen');
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      const problem = await checkPin(context, settings.pin, person, pin);
      if (problem || !person.record) return refused(problem ?? 'unknown-person');
      return settings.alongside === 'password'
        ? identify(context, settings, person.record, { evidence: 'sign-in', proved: ['password', 'pin'], level: 'Cl' })
        : identify(context, settings, person.record, {
            evidence: 'knowledge',
            proved: ['pin'],
            level: 'none',
            shows: [],
          });
    },
  };
}
