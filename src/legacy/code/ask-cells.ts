import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Field, refused } from '../answer.ts';
import { forgetTries, moveCounter, readCounter, takeTry } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { pickPositions } from '../records/pick-positions.ts';
import { isHeld } from '../records/stored-secret.ts';
import { loginFields, readPerson } from '../records/typed-login.ts';
import { holdsCard } from './holds-card.ts';
import type { GridSettings } from './settings.ts';

const State = Type.Object({ login: Type.String(), uses: Type.Integer() });

/** M36: cells of a printed grid, the same ones until they are right. */
export function askCells(settings: GridSettings, context: AdapterContext): RecordMethod {
  const { records } = context;
  const key = context.secret(settings.positionsSecret);
  const of = settings.rows * settings.columns;
  const cellsOf = (login: string, uses: number): readonly string[] =>
    pickPositions({ key, login, uses, of, count: settings.asked }).map((position) => cellAt(settings, position));

  return {
    fields: loginFields(context, settings),
    async first(round) {
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      const { login, record, passwordOk } = person;
      if (!passwordOk) return refused(record ? 'wrong-secret' : 'unknown-person');
      const uses = (await readCounter(records, record?.accountKey, USES)) ?? 0;
      return asks(cellsOf(login, uses).map(toField), 'second-step', { login, uses });
    },
    async next(round) {
      const { login, uses } = readState(State, round);
      const cells = cellsOf(login, uses);
      const typed = cells.map((cell) => (round.fields[nameOf(cell)] ?? '').trim());
      if (isMisshapen(...typed)) return refused('misshapen');
      const record = await records.find(login);
      const tries = { name: 'card-tries', most: settings.tries };
      const hasTry = await takeTry(records, record?.accountKey, tries);
      const right = cells.filter((cell, index) =>
        isCell(settings, context, { record, cell, typed: typed[index] ?? '' }),
      );
      if (!record) return refused('unknown-person');
      if (!hasTry) return refused('locked');
      if (right.length !== cells.length) return refused('wrong-secret');
      if (uses >= settings.uses) return refused('expired');
      const step = { from: uses === 0 ? undefined : uses, to: uses + 1 };
      if (!(await moveCounter(records, record.accountKey, USES, step))) return refused('replayed');
      await forgetTries(records, record.accountKey, tries);
      return holdsCard(settings, context, record);
    },
  };
}

const USES = 'card-uses';
const nameOf = (cell: string): string => `cell${cell}`;
const toField = (cell: string): Field => ({
  name: nameOf(cell),
  kind: 'code',
  label: { key: 'cell', values: { cell } },
  length: 8,
});

const cellAt = ({ columns }: GridSettings, position: number): string =>
  `${String.fromCodePoint(65 + (position % columns))}${Math.floor(position / columns) + 1}`;

function isCell(
  settings: GridSettings,
  context: AdapterContext,
  { record, cell, typed }: { readonly record: LegacyRecord | undefined; readonly cell: string; readonly typed: string },
): boolean {
  const { held } = settings;
  const stored = readCard(settings, record?.extras[held.column] ?? '').get(cell);
  return isHeld(context, held, typed, { record, stored, form: (value) => value.trim().toUpperCase() });
}

/** `A1=37;B1=92`, or `37;92` row by row. */
function readCard(settings: GridSettings, card: string): ReadonlyMap<string, string> {
  const values = card.split(/[;\n]/).map((value) => value.trim());
  if (settings.form === 'in-order') return new Map(values.map((value, index) => [cellAt(settings, index), value]));
  return new Map(
    values.map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, Math.max(equals, 0)).trim().toUpperCase(), pair.slice(equals + 1).trim()];
    }),
  );
}
