import { readDate } from '../../legacy/index.ts';
import type { RowFields } from './reading/row-reader.ts';
import type { NoteCode } from './row-codes.ts';
import { isUsableEmail } from './usable-email.ts';
import { usablePhone } from './usable-phone.ts';

/** What somebody should look at in a row that is good. */
export function lookAtRow(fields: RowFields, login: string, today: string): readonly NoteCode[] {
  const { email, phone, hadSeveral } = fields;
  const notes: NoteCode[] = [];
  if (email && !isUsableEmail(email)) notes.push('email_unusable');
  if (phone && usablePhone(phone) === undefined) notes.push('phone_unusable');
  if (email && looksAlike(email)) notes.push('email_mixed_scripts');
  if (looksAlike(login)) notes.push('login_mixed_scripts');
  if (isAnyFormula(fields, login)) notes.push('formula_like');
  if (hadSeveral) notes.push('first_of_several');
  if (fields.birthDate || fields.created) notes.push(...notesOfDates(fields, today));
  return notes;
}

const PLAIN = /^[\x20-\x7e]*$/;
const OTHERS = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;
// Wide forms, and letters of mathematics: they fold to Latin, and are not what anybody types.
const FOLDED = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/u;
const HIDDEN = /[\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\ufeff]|\u034f|\u17b4|\u17b5/;
// Cyrillic and Greek words of these letters alone read as Latin ones.
const TWINS =
  /^[\d\s._-]*[асеорхуіјѕԁһӏԛԝүАВЕКМНОРСТХІЈЅοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ][асеорхуіјѕԁһӏԛԝүАВЕКМНОРСТХІЈЅοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ\d\s._-]*$/u;

function looksAlike(value: string): boolean {
  if (PLAIN.test(value)) return false;
  if (HIDDEN.test(value) || FOLDED.test(value) || TWINS.test(value)) return true;
  return /\p{Script=Latin}/u.test(value) && OTHERS.test(value);
}

const isAnyFormula = ({ id, name, email, postcode }: RowFields, login: string): boolean =>
  isFormula(id) || isFormula(login) || isFormula(name) || isFormula(email) || isFormula(postcode);

/** A sign in front is a formula only when more than a number follows. */
const isFormula = (cell: string | undefined): boolean => cell !== undefined && /^(?:[=@\t\r]|[+-].*[(!|])/.test(cell);

function notesOfDates({ birthDate, created }: RowFields, today: string): readonly NoteCode[] {
  const read = [birthDate, created].flatMap((written) => (written ? [readDate(written)] : []));
  const notes: NoteCode[] = [];
  if (read.some((date) => date !== undefined && date > today)) notes.push('date_in_future');
  if (read.includes(undefined)) notes.push('date_unreadable');
  return notes;
}
