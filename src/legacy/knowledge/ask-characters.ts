import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Answered, type Asking, type Field, refused } from '../answer.ts';
import { forgetTries, moveCounter, readCounter, takeTry } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { pickPositions } from '../records/pick-positions.ts';
import { isHeld } from '../records/stored-secret.ts';
import { loginFields, readPerson } from '../records/typed-login.ts';
import type { WordSettings } from './settings.ts';

/** How often the characters were right, when they were asked; and whether the password was. */
const State = Type.Object({ login: Type.String(), uses: Type.Integer(), password: Type.Integer() });

/** M25: some characters of a memorable word, the same ones until they are right. */
export function askCharacters(settings: WordSettings, context: AdapterContext): RecordMethod {
  const { records } = context;
  const key = context.secret(settings.positionsSecret);
  const { asked: count, shortest: of } = settings;
  const positionsOf = (login: string, uses: number): readonly number[] =>
    pickPositions({ key, login, uses, of, count });

  return {
    fields: loginFields(context, settings),
    async first(round) {
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      const { login, record, passwordOk } = person;
      const uses = (await readCounter(records, record?.accountKey, USES)) ?? 0;
      // Whoever does not exist, or typed a wrong password, is asked as well, and told no more in the end.
      const positions = positionsOf(login, uses).map(toField);
      return asks(positions, 'second-step', { login, uses, password: passwordOk ? 1 : 0 });
    },
    async next(round): Promise<Answered | Asking> {
      const { login, uses, password } = readState(State, round);
      const positions = positionsOf(login, uses);
      const typed = positions.map((position) => (round.fields[nameOf(position)] ?? '').trim());
      if (isMisshapen(...typed) || typed.some((character) => Array.from(character).length !== 1))
        return refused('misshapen');
      const record = await records.find(login);
      const counted = password === 1 ? record?.accountKey : undefined;
      const tries = { name: 'word-tries', most: settings.tries };
      const hasTry = await takeTry(records, counted, tries);
      const right = positions.filter((position, index) =>
        isCharacter(context, settings, { record, position, typed: typed[index] ?? '' }),
      );
      if (!record) return refused('unknown-person');
      if (!hasTry) return refused('locked');
      if (password !== 1 || right.length !== positions.length) return refused('wrong-secret');
      // The positions move on: the same characters, seen over a shoulder, are not asked again at once.
      const step = { from: uses === 0 ? undefined : uses, to: uses + 1 };
      if (!(await moveCounter(records, record.accountKey, USES, step))) return refused('replayed');
      await forgetTries(records, record.accountKey, tries);
      return settings.alongside === 'password'
        ? identify(context, settings, record, { evidence: 'sign-in', proved: ['password', PROVED], level: 'Cl' })
        : identify(context, settings, record, { evidence: 'knowledge', proved: [PROVED], level: 'none', shows: [] });
    },
  };
}

const USES = 'word-uses';
const PROVED = 'memorable-characters';
const nameOf = (position: number): string => `character${position + 1}`;
const toField = (position: number): Field => ({
  name: nameOf(position),
  kind: 'secret',
  label: { key: 'character', values: { position: position + 1 } },
  length: 1,
});

function isCharacter(
  context: AdapterContext,
  { held, separator, matchCase }: WordSettings,
  { record, position, typed }: { record: LegacyRecord | undefined; position: number; typed: string },
): boolean {
  const form = (value: string): string => (matchCase ? value : value.toUpperCase()).normalize('NFC');
  const whole = record?.extras[held.column] ?? '';
  const parts = separator === undefined ? Array.from(whole.normalize('NFC')) : whole.split(separator);
  return isHeld(context, held, typed, { record, stored: parts[position], position: position + 1, form });
}
