import { type GoodLegacyHash, isSubject } from '../../accounts/index.ts';
import type { LegacyPersonal } from '../ledger/seal-legacy-row.ts';
import type { ColumnReading } from '../sources/column-reading.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { createHashReader } from './read-hash.ts';
import type { RowFields } from './read-rows.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';
import { usablePhone } from './usable-phone.ts';

export interface GoodRow {
  readonly personal: LegacyPersonal;
  /** As the file has it: weak ones are wrapped before they are stored. Undefined: there is no password. */
  readonly hash: GoodLegacyHash | undefined;
  /** `refused`: the source says that nobody may ever take this account over. */
  readonly status: 'active' | 'disabled' | 'refused';
  readonly notes: readonly NoteCode[];
}

export type Judged = GoodRow | { readonly reject: RejectCode };

/** Judges rows of one source one by one. Repairs nothing; a row that is good is taken as it stands. */
export function createRowJudge(definition: SourceDefinition, reading: ColumnReading): (fields: RowFields) => Judged {
  const form = loginForm(definition.identifier);
  const readHash = createHashReader(definition, reading);
  return (fields) => {
    const reject = textProblem(fields) ?? shapeProblem(fields, definition);
    if (reject) return { reject };
    const id = fields.id ?? '';
    const login = fields.login ?? id;
    const normalisedLogin = form.normalise(login);
    const loginReject = loginProblem(normalisedLogin, form.fits(normalisedLogin));
    if (loginReject) return { reject: loginReject };
    const read = readHash(fields);
    if ('reject' in read) return read;
    return {
      personal: personalOf(fields, definition, normalisedLogin),
      hash: 'hash' in read ? read.hash : undefined,
      status: statusOf(fields, definition) ?? 'active',
      notes: [...('note' in read ? [read.note] : []), ...notesOf(fields, login)],
    };
  };
}

const MAX_EXTRA = 1024;
const PLAIN = /^[\x20-\x7e]*$/;
// Bidirectional overrides are here too: they make one name look like another on an operator's screen.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function textProblem(fields: RowFields): RejectCode | undefined {
  return characterProblem(fields) ?? (fields.extras && characterProblem(fields.extras));
}

function characterProblem(texts: object): RejectCode | undefined {
  for (const value of Object.values(texts)) {
    if (typeof value !== 'string' || PLAIN.test(value)) continue;
    if (CONTROL.test(value)) return 'control_character';
    if (!value.isWellFormed() || value.includes('\ufffd')) return 'bad_utf8';
  }
  return undefined;
}

function shapeProblem(fields: RowFields, definition: SourceDefinition): RejectCode | undefined {
  const id = fields.id ?? '';
  if (id.trim() === '') return 'id_missing';
  if (id.length > 255) return 'id_too_long';
  const tooLong = lengthProblem(fields);
  if (tooLong) return tooLong;
  if (statusOf(fields, definition) === undefined) return 'status_unknown';
  if (definition.subjects === 'inherit' && !isSubject(subjectOf(fields))) return 'subject_invalid';
  return undefined;
}

function lengthProblem({ email = '', name = '', extras }: RowFields): RejectCode | undefined {
  if (email.length > 254) return 'email_too_long';
  if (name.length > 200) return 'name_too_long';
  const isExtraTooLong = extras && Object.values(extras).some((value) => value.length > MAX_EXTRA);
  return isExtraTooLong ? 'extra_too_long' : undefined;
}

function loginProblem(normalised: string, fits: boolean): RejectCode | undefined {
  if (normalised === '') return 'login_missing';
  return fits ? undefined : 'login_unexpected';
}

const subjectOf = (fields: RowFields): string => fields.subject || fields.id || '';

function statusOf(fields: RowFields, { file }: SourceDefinition): GoodRow['status'] | undefined {
  if (file.columns.status === undefined) return 'active';
  const status = fields.status ?? '';
  return file.statuses && Object.hasOwn(file.statuses, status) ? file.statuses[status] : undefined;
}

function personalOf(fields: RowFields, definition: SourceDefinition, login: string): LegacyPersonal {
  const phone = usablePhone(fields.phone ?? '');
  return {
    id: fields.id ?? '',
    login,
    ...(definition.subjects === 'inherit' && { subject: subjectOf(fields) }),
    ...(fields.email && isUsableEmail(fields.email) && { email: fields.email }),
    ...(phone !== undefined && { phone }),
    ...(fields.name && { name: fields.name }),
    ...(fields.birthDate && { birthDate: fields.birthDate.slice(0, 40) }),
    ...(fields.postcode && { postcode: fields.postcode.slice(0, 40) }),
    ...(fields.extras && { extras: fields.extras }),
  };
}

const isUsableEmail = (email: string): boolean => /^[^\s@,;<>"]+@[^\s@,;<>".]+(\.[^\s@,;<>".]+)+$/.test(email);

function notesOf(fields: RowFields, login: string): readonly NoteCode[] {
  const notes: NoteCode[] = [];
  if (fields.email && !isUsableEmail(fields.email)) notes.push('email_unusable');
  if (fields.phone && usablePhone(fields.phone) === undefined) notes.push('phone_unusable');
  if (fields.email && mixesScripts(fields.email)) notes.push('email_mixed_scripts');
  if (mixesScripts(login)) notes.push('login_mixed_scripts');
  if (/^[=@\t\r]/.test(fields.name ?? '') || /^[=@]/.test(login)) notes.push('formula_like');
  return notes;
}

/** Latin beside Cyrillic or Greek letters in one word: a look-alike, or a damaged conversion. */
function mixesScripts(value: string): boolean {
  return !PLAIN.test(value) && /\p{Script=Latin}/u.test(value) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(value);
}
