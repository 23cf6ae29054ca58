import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Answered, type Field, refused } from '../answer.ts';
import { forgetTries, moveCounter, readCounter, takeTry } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { orderPositions } from '../records/pick-positions.ts';
import { isHeld } from '../records/stored-secret.ts';
import { loginFields, readPerson } from '../records/typed-login.ts';
import { holdsCard } from './holds-card.ts';
import { bare } from './letter-code.ts';
import type { ListSettings } from './settings.ts';

const State = Type.Object({ login: Type.String(), uses: Type.Integer(), number: Type.Integer() });

/** M36: a list of codes, each good for once. */
export function askListedCode(settings: ListSettings, context: AdapterContext): RecordMethod {
  const { records } = context;
  const key = context.secret(settings.positionsSecret);

  const numberFor = (login: string, record: LegacyRecord | undefined, uses: number): number => {
    if (settings.order !== 'numbered') return 0;
    const used = usedBefore(settings, record);
    // In an order of their own: that the tenth code is asked would tell that nine were used, so somebody is there.
    const order = orderPositions({ key, login, uses: 0, of: settings.length });
    const left = order.filter((position) => !used.has(position + 1));
    return (left[uses] ?? 0) + 1;
  };

  return {
    fields: loginFields(context, settings),
    async first(round) {
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      const { login, record, passwordOk } = person;
      if (!passwordOk) return refused(record ? 'wrong-secret' : 'unknown-person');
      const uses = (await readCounter(records, record?.accountKey, USES)) ?? 0;
      const number = numberFor(login, record, uses);
      return asks([fieldFor(number)], 'second-step', { login, uses, number });
    },
    async next(round) {
      const { login, uses, number } = readState(State, round);
      const typed = round.fields['code'] ?? '';
      if (isMisshapen(typed.trim())) return refused('misshapen');
      const record = await records.find(login);
      const tries = { name: 'list-tries', most: settings.tries };
      const hasTry = await takeTry(records, record?.accountKey, tries);
      const found = findCodes(settings, context, record, typed);
      if (!record) return refused('unknown-person');
      if (!hasTry) return refused('locked');
      const answer = await useUp(settings, context, record, { found, uses, number });
      if (answer.outcome === 'identified') await forgetTries(records, record.accountKey, tries);
      return answer;
    },
  };
}

/** How many were used since the export; where they come one after the other, the number of the last. */
const USES = 'list-uses';

const fieldFor = (number: number): Field => ({
  name: 'code',
  kind: 'code',
  label: number === 0 ? { key: 'code' } : { key: 'cell', values: { cell: String(number) } },
});

const usedBefore = ({ usedColumn, separator }: ListSettings, record: LegacyRecord | undefined): ReadonlySet<number> =>
  new Set(((usedColumn && record?.extras[usedColumn]) ?? '').split(separator).map(Number).filter(Boolean));

/** Numbers of the codes that are what was typed, from 1; all are compared. */
function findCodes(
  { held, separator }: ListSettings,
  context: AdapterContext,
  record: LegacyRecord | undefined,
  typed: string,
): readonly number[] {
  const codes = (record?.extras[held.column] ?? '').split(separator).map((code) => code.trim());
  return codes.flatMap((stored, index) =>
    isHeld(context, held, typed, { record, stored, position: index + 1, form: bare }) ? [index + 1] : [],
  );
}

interface Claim {
  readonly found: readonly number[];
  readonly uses: number;
  readonly number: number;
}

/** Takes one code off the list, before anybody is let in: of two who type it at once, one is too late. */
async function useUp(
  settings: ListSettings,
  context: AdapterContext,
  record: LegacyRecord,
  claim: Claim,
): Promise<Answered> {
  if (claim.found.length === 0) return refused('wrong-secret');
  const step = STEPS[settings.order](claim, usedBefore(settings, record));
  if (typeof step === 'string') return refused(step);
  const isFirst = await moveCounter(context.records, record.accountKey, step.name, step);
  return isFirst ? holdsCard(settings, context, record) : refused('replayed');
}

type Step =
  | { readonly name: string; readonly from: number | undefined; readonly to: number }
  | 'replayed'
  | 'wrong-secret';

/** What is written when a code is used: a count, or a mark of its own where codes come in any order. */
const STEPS = {
  numbered: ({ found, uses, number }) =>
    found.includes(number) ? { name: USES, from: uses || undefined, to: uses + 1 } : 'wrong-secret',
  next({ found, uses }, used) {
    const last = Math.max(0, ...used, uses);
    if (found.includes(last + 1)) return { name: USES, from: uses || undefined, to: last + 1 };
    return found.some((code) => code <= last) ? 'replayed' : 'wrong-secret';
  },
  any({ found }, used) {
    const code = found.find((one) => !used.has(one));
    return code === undefined ? 'replayed' : { name: `list-code${code}`, from: undefined, to: 1 };
  },
} as const satisfies Record<ListSettings['order'], (claim: Claim, used: ReadonlySet<number>) => Step>;
