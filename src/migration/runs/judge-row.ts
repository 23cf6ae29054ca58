import {
  type HashProblem,
  type LegacyScheme,
  encodeSaltedSha512,
  isSubject,
  parseLegacyHash,
} from '../../accounts/index.ts';
import type { LegacyPersonal } from '../ledger/seal-legacy-row.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import type { RowFields } from './read-rows.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';

export interface GoodRow {
  readonly personal: LegacyPersonal;
  readonly scheme: LegacyScheme;
  readonly verifier: string;
  /** Work factor of one verification, in the scheme's own unit. */
  readonly cost: number;
  /** `refused`: the source says that nobody may ever take this account over. */
  readonly status: 'active' | 'disabled' | 'refused';
  readonly notes: readonly NoteCode[];
}

export type Judged = GoodRow | { readonly reject: RejectCode };

/** Judges rows of one source one by one. Repairs nothing; a row that is good is taken as it stands. */
export function createRowJudge(definition: SourceDefinition): (fields: RowFields) => Judged {
  const form = loginForm(definition.identifier);
  return (fields) => {
    const reject = textProblem(fields) ?? shapeProblem(fields, definition);
    if (reject) return { reject };
    const id = fields.id ?? '';
    const login = fields.login ?? id;
    const normalisedLogin = form.normalise(login);
    const loginReject = loginProblem(normalisedLogin, form.fits(normalisedLogin));
    if (loginReject) return { reject: loginReject };
    const hash = readHash(fields, definition);
    if ('reject' in hash) return hash;
    return {
      personal: personalOf(fields, definition, normalisedLogin),
      ...hash,
      status: statusOf(fields, definition) ?? 'active',
      notes: notesOf(fields, login),
    };
  };
}

const PLAIN = /^[\x20-\x7e]*$/;
// Bidirectional overrides are here too: they make one name look like another on an operator's screen.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function textProblem(fields: RowFields): RejectCode | undefined {
  for (const value of Object.values(fields)) {
    if (value === undefined || PLAIN.test(value)) continue;
    if (CONTROL.test(value)) return 'control_character';
    if (!value.isWellFormed() || value.includes('\ufffd')) return 'bad_utf8';
  }
  return undefined;
}

function shapeProblem(fields: RowFields, definition: SourceDefinition): RejectCode | undefined {
  const id = fields.id ?? '';
  if (id.trim() === '') return 'id_missing';
  if (id.length > 255) return 'id_too_long';
  if ((fields.email ?? '').length > 254) return 'email_too_long';
  if ((fields.name ?? '').length > 200) return 'name_too_long';
  if (statusOf(fields, definition) === undefined) return 'status_unknown';
  if (definition.subjects === 'inherit' && !isSubject(subjectOf(fields))) return 'subject_invalid';
  return undefined;
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

type Hash =
  | { readonly scheme: LegacyScheme; readonly verifier: string; readonly cost: number }
  | { readonly reject: RejectCode };

const hashRejects = {
  'unknown-format': 'hash_unknown',
  malformed: 'hash_damaged',
  'cost-too-high': 'hash_too_costly',
  'cost-too-low': 'hash_too_weak',
  'too-long': 'hash_too_long',
} as const satisfies Record<HashProblem, RejectCode>;

function readHash(fields: RowFields, { scheme, file }: SourceDefinition): Hash {
  const stored = fields.hash ?? '';
  const salt = fields.salt ?? '';
  if (stored === '') return { reject: 'hash_missing' };
  if (stored.length > 1024 || salt.length > 1024) return { reject: 'hash_too_long' };
  const encoded = file.saltOrder ? encodeSaltedSha512(file.saltOrder, salt, stored) : stored;
  const parsed = parseLegacyHash(encoded, scheme === 'detect' ? undefined : scheme);
  if ('problem' in parsed) return { reject: hashRejects[parsed.problem] };
  return { scheme: parsed.scheme, verifier: parsed.encoded, cost: parsed.cost };
}

function personalOf(fields: RowFields, definition: SourceDefinition, login: string): LegacyPersonal {
  return {
    id: fields.id ?? '',
    login,
    ...(definition.subjects === 'inherit' && { subject: subjectOf(fields) }),
    ...(fields.email && isUsableEmail(fields.email) && { email: fields.email }),
    ...(fields.name && { name: fields.name }),
    ...(fields.birthDate && { birthDate: fields.birthDate.slice(0, 40) }),
    ...(fields.postcode && { postcode: fields.postcode.slice(0, 40) }),
  };
}

const isUsableEmail = (email: string): boolean => /^[^\s@,;<>"]+@[^\s@,;<>".]+(\.[^\s@,;<>".]+)+$/.test(email);

function notesOf(fields: RowFields, login: string): readonly NoteCode[] {
  const notes: NoteCode[] = [];
  if (fields.email && !isUsableEmail(fields.email)) notes.push('email_unusable');
  if (fields.email && mixesScripts(fields.email)) notes.push('email_mixed_scripts');
  if (mixesScripts(login)) notes.push('login_mixed_scripts');
  if (/^[=@\t\r]/.test(fields.name ?? '') || /^[=@]/.test(login)) notes.push('formula_like');
  return notes;
}

/** Latin beside Cyrillic or Greek letters in one word: a look-alike, or a damaged conversion. */
function mixesScripts(value: string): boolean {
  return !PLAIN.test(value) && /\p{Script=Latin}/u.test(value) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(value);
}
