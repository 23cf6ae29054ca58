import { type GoodLegacyHash, isSubject } from '../../accounts/index.ts';
import type { LegacyPersonal } from '../ledger/seal-legacy-row.ts';
import type { ColumnReading } from '../sources/column-reading.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { lookAtRow } from './look-at-row.ts';
import { createHashReader } from './read-hash.ts';
import type { RowFields } from './reading/row-reader.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';
import { isUsableEmail } from './usable-email.ts';
import { usablePhone } from './usable-phone.ts';

export interface GoodRow {
  readonly personal: LegacyPersonal;
  /** As the file has it: weak ones are wrapped before they are stored. Undefined: there is no password. */
  readonly hash: GoodLegacyHash | undefined;
  /** `refused`: the source says that nobody may ever take this account over. */
  readonly status: 'active' | 'disabled' | 'refused';
  readonly notes: readonly NoteCode[];
}

/** Everything that is wrong with a row, not the first thing only. */
export type Judged = GoodRow | { readonly rejects: readonly RejectCode[] };

/** Judges rows of one source one by one. Repairs nothing; a row that is good is taken as it stands. */
export function createRowJudge(
  definition: SourceDefinition,
  reading: ColumnReading,
  now: Date,
): (fields: RowFields) => Judged {
  const form = loginForm(definition.identifier);
  const readHash = createHashReader(definition, reading);
  const today = now.toISOString().slice(0, 10);
  return (fields) => {
    const login = fields.login ?? fields.id ?? '';
    const normalisedLogin = form.normalise(login);
    const read = readHash(fields);
    const rejects: RejectCode[] = [];
    const add = (code: RejectCode | undefined): void => void (code && rejects.push(code));
    add(textProblem(fields));
    add(idProblem(fields));
    if (isAnyTooLong(fields)) rejects.push(...lengthProblems(fields));
    if (statusOf(fields, definition) === undefined) rejects.push('status_unknown');
    add(subjectProblem(fields, definition));
    add(loginProblem(fields, normalisedLogin, form.fits(normalisedLogin)));
    if ('reject' in read) rejects.push(read.reject);
    if (rejects.length > 0) return { rejects };
    return {
      personal: personalOf(fields, definition, normalisedLogin),
      hash: 'hash' in read ? read.hash : undefined,
      status: statusOf(fields, definition) ?? 'active',
      notes: [...('note' in read ? [read.note] : []), ...lookAtRow(fields, login, today)],
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

const isBlank = (text: string): boolean => text.trim() === '';

function idProblem({ id = '' }: RowFields): RejectCode | undefined {
  if (isBlank(id)) return 'id_missing';
  return id.length > 255 ? 'id_too_long' : undefined;
}

const MAX_EMAIL = 254;
const MAX_NAME = 200;

const isAnyTooLong = ({ email = '', name = '', extras }: RowFields): boolean =>
  email.length > MAX_EMAIL || name.length > MAX_NAME || extras !== undefined;

function lengthProblems({ email = '', name = '', extras = {} }: RowFields): readonly RejectCode[] {
  const problems: RejectCode[] = [];
  if (email.length > MAX_EMAIL) problems.push('email_too_long');
  if (name.length > MAX_NAME) problems.push('name_too_long');
  if (Object.values(extras).some((value) => value.length > MAX_EXTRA)) problems.push('extra_too_long');
  return problems;
}

function subjectProblem(fields: RowFields, { subjects }: SourceDefinition): RejectCode | undefined {
  if (subjects !== 'inherit' || isBlank(fields.id ?? '') || isSubject(subjectOf(fields))) return undefined;
  return 'subject_invalid';
}

/** Where the id is the login too, one problem of it is enough. */
function loginProblem({ id = '', login }: RowFields, normalised: string, fits: boolean): RejectCode | undefined {
  if (login === undefined && isBlank(id)) return undefined;
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
