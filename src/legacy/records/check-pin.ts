import { type Static, Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import type { LegacyRefusal } from '../answer.ts';
import { forgetTries, moveCounter, takeTry } from './count-tries.ts';
import { readDate } from './read-date.ts';
import { column, whole } from './record-settings.ts';
import { HeldOrVerifier, isHeld } from './stored-secret.ts';
import type { Person } from './typed-login.ts';

/** A PIN, however it got to its holder. Ten thousand values: it stands and falls with its tries. */
export const PinSettings = Type.Object(
  {
    held: HeldOrVerifier,
    digits: Type.Object(
      { least: whole(4, 12, 'Shortest PIN.'), most: whole(4, 12, 'Longest PIN.') },
      { additionalProperties: false, description: 'How many digits a PIN has.' },
    ),
    tries: whole(
      1,
      20,
      'Wrong answers after which it is locked, until a new one is imported or a right one came before.',
    ),
    use: Type.Enum(['once', 'lasting'], { description: 'Whether it may be used again.' }),
    issuedColumn: Type.Optional(column('When it was sent, as a date.')),
    validDays: Type.Optional(whole(1, 3650, 'For how long from then.')),
  },
  { additionalProperties: false, description: 'The PIN.' },
);
export type PinSettings = Static<typeof PinSettings>;

/** Undefined: it is right. A try is taken before; without the right password nobody can use up somebody's tries. */
export async function checkPin(
  context: AdapterContext,
  settings: PinSettings,
  person: Person,
  typed: string,
): Promise<LegacyRefusal | undefined> {
  const { records } = context;
  const { record, passwordOk } = person;
  const pin = typed.replaceAll(/\s/g, '');
  if (!isPinShaped(settings, pin)) return 'misshapen';
  const issued = issuedOn(settings, record);
  // A new letter brings new tries and a new use.
  const generation = issued?.replaceAll('-', '') ?? '';
  const tries = { name: `pin-tries${generation}`, most: settings.tries };
  const hasTry = await takeTry(records, passwordOk ? record?.accountKey : undefined, tries);
  const isRight = await isPin(context, settings, person, pin);
  if (!record) return 'unknown-person';
  if (!hasTry) return 'locked';
  if (!passwordOk || !isRight) return 'wrong-secret';
  if (isOver(settings, issued, context.now())) return 'expired';
  if (!(await mayUse(settings, context, record.accountKey, generation))) return 'replayed';
  await forgetTries(records, record.accountKey, tries);
  return undefined;
}

const issuedOn = ({ issuedColumn }: PinSettings, record: LegacyRecord | undefined): string | undefined =>
  readDate((issuedColumn && record?.extras[issuedColumn]) ?? '');

const isPinShaped = ({ digits }: PinSettings, pin: string): boolean =>
  /^\d+$/.test(pin) && pin.length >= digits.least && pin.length <= digits.most;

async function isPin(
  context: AdapterContext,
  { held }: PinSettings,
  { login, record }: Person,
  pin: string,
): Promise<boolean> {
  if (held.as === 'verifier') return context.records.checkPassword(login, pin);
  return isHeld(context, held, pin, { record, stored: record?.extras[held.column] });
}

async function mayUse(
  { use }: PinSettings,
  { records }: AdapterContext,
  accountKey: string,
  generation: string,
): Promise<boolean> {
  return use === 'lasting' || moveCounter(records, accountKey, `pin-used${generation}`, { from: undefined, to: 1 });
}

/** Where validity is limited, a letter without a readable date has none. */
function isOver({ validDays }: PinSettings, issued: string | undefined, now: Date): boolean {
  if (validDays === undefined) return false;
  return issued === undefined || now.getTime() > Date.parse(issued) + (validDays + 1) * 86_400_000;
}
