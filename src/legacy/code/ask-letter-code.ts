import type { AdapterContext, LegacyRecord, Round } from '../adapter.ts';
import { type Answered, type Asking, type Field, refused } from '../answer.ts';
import { moveCounter, readCounter, takeTry } from '../records/count-tries.ts';
import { asks, isMisshapen, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { readDate } from '../records/read-date.ts';
import { isHeld, isSame } from '../records/stored-secret.ts';
import { loginFields, type Person, readPerson } from '../records/typed-login.ts';
import { bare, letterCode, readLetterCode } from './letter-code.ts';
import { postLetter, SENT } from './post-letter.ts';
import type { LetterSettings } from './settings.ts';

/** M35: a code by post, of the old system or of ours. Bound to the row; weeks lie between letter and answer. */
export function askLetterCode(settings: LetterSettings, context: AdapterContext): RecordMethod {
  const { ours } = settings;
  const code: Field = {
    name: 'code',
    kind: 'code',
    label: { key: 'code' },
    length: 14,
    ...(ours && { hint: { en: HINT.en, cy: HINT.cy }, optional: true }),
  };
  const fields = [...loginFields(context, settings), code];
  return {
    fields,
    async first(round) {
      const { code: typed = '' } = round.fields;
      const wantsLetter = typed.trim() === '' && ours !== undefined;
      if (!wantsLetter && isMisshapen(typed)) return refused('misshapen');
      const person = await readPerson(context, settings, round);
      if (!person) return refused('misshapen');
      if (!person.passwordOk) return refused(person.record ? 'wrong-secret' : 'unknown-person');
      return wantsLetter && ours
        ? sendLetter(settings, context, round, { person, fields })
        : check(settings, context, person.record, typed);
    },
  };
}

const HINT = {
  en: 'From our letter. If you have no letter, leave this empty and we will post one to the address on record.',
  cy: 'O’n llythyr. Os nad oes gennych lythyr, gadewch hwn yn wag a byddwn yn postio un i’r cyfeiriad sydd gennym.',
};

/** Said to everybody: whoever does not exist, or has had a letter a few days ago, gets none. */
async function sendLetter(
  settings: LetterSettings,
  context: AdapterContext,
  round: Round,
  { person, fields }: { readonly person: Person; readonly fields: readonly Field[] },
): Promise<Asking> {
  await postLetter(settings, context, round, person.record);
  return asks(fields, 'new-letter-sent');
}

async function check(
  settings: LetterSettings,
  context: AdapterContext,
  record: LegacyRecord | undefined,
  typed: string,
): Promise<Answered> {
  const { records } = context;
  const sent = (await readCounter(records, record?.accountKey, SENT)) ?? 0;
  const tries = { name: `letter-tries${sent || ''}`, most: settings.tries };
  const hasTry = await takeTry(records, record?.accountKey, tries);
  const letters = [oldLetter(settings, context, record, typed), ourLetter(settings, context, { record, sent }, typed)];
  const letter = letters.find(({ isRight }) => isRight);
  if (!record) return refused('unknown-person');
  if (!hasTry) return refused('locked');
  if (!letter) return refused('wrong-secret');
  if (letter.posted === undefined || isOver(settings, letter.posted, context.now())) return refused('expired');
  const used = { from: undefined, to: 1 };
  if (!(await moveCounter(records, record.accountKey, `letter-used${letter.posted}`, used))) return refused('replayed');
  const proved = settings.alongside === 'password' ? (['password', 'letter'] as const) : (['letter'] as const);
  return identify(context, settings, record, { evidence: 'post', proved, level: 'Cl' });
}

interface Letter {
  readonly isRight: boolean;
  /** Milliseconds; undefined: nobody knows. */
  readonly posted: number | undefined;
}

function oldLetter(
  { held, issuedColumn }: LetterSettings,
  context: AdapterContext,
  record: LegacyRecord | undefined,
  typed: string,
): Letter {
  const stored = held && record?.extras[held.column];
  const isRight = held !== undefined && isHeld(context, held, typed, { record, stored, form: bare });
  const date = readDate((issuedColumn && record?.extras[issuedColumn]) ?? '');
  return { isRight, posted: date === undefined ? undefined : Date.parse(date) };
}

function ourLetter(
  { ours }: LetterSettings,
  context: AdapterContext,
  { record, sent }: { readonly record: LegacyRecord | undefined; readonly sent: number },
  typed: string,
): Letter {
  if (!ours) return { isRight: false, posted: undefined };
  const code = letterCode(context.secret(ours.keySecret), context.source, record?.accountKey ?? '', sent);
  const isRight = isSame(Buffer.from(readLetterCode(typed)), Buffer.from(code));
  // Where none was sent, this is a letter of 1970: it has ended.
  return { isRight, posted: sent * 1000 };
}

const isOver = ({ validDays }: LetterSettings, posted: number, now: Date): boolean =>
  now.getTime() > posted + (validDays + 1) * 86_400_000;
