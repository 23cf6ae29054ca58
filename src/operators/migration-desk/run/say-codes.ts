import type { Translate } from '../../../platform/pages/translations.ts';
import type { Formats } from '../../insight/formats.ts';

export interface SaidCode {
  readonly code: string;
  readonly words: string;
  readonly count: string;
}

/** Words for a stable code of a row, in the page's language; the code itself when it is newer than the words. */
export const sayCode = (t: Translate, code: string): string =>
  CODES.has(code) ? t(`operators.migrationDesk.codes.${code}`) : code;

/** The most frequent first. */
export const sayCodes = (
  counts: Readonly<Record<string, number>>,
  { t, formats }: { readonly t: Translate; readonly formats: Formats },
): readonly SaidCode[] =>
  Object.entries(counts).map(([code, count]) => ({ code, words: sayCode(t, code), count: formats.number(count) }));

/** A test holds them against those that there are. */
const CODES: ReadonlySet<string> = new Set([
  'bad_utf8',
  'line_too_long',
  'unclosed_quote',
  'bad_quote',
  'bad_escape',
  'column_count',
  'bad_json',
  'nested_value',
  'duplicate_key',
  'bad_ldif',
  'ldif_change',
  'ldif_url',
  'several_values',
  'file_damaged',
  'file_too_large',
  'control_character',
  'id_missing',
  'id_too_long',
  'login_missing',
  'login_unexpected',
  'hash_missing',
  'hash_too_long',
  'hash_unknown',
  'hash_damaged',
  'hash_too_costly',
  'hash_beside_invalid',
  'hash_too_weak',
  'status_unknown',
  'email_too_long',
  'name_too_long',
  'extra_too_long',
  'subject_invalid',
  'duplicate_id',
  'duplicate_login',
  'login_taken',
  'hash_disabled',
  'hash_live_only',
  'phone_unusable',
  'email_unusable',
  'email_mixed_scripts',
  'login_mixed_scripts',
  'formula_like',
  'date_in_future',
  'date_unreadable',
  'first_of_several',
  'linked_differs',
  'was_released',
  'was_retired',
  'is_organisation',
  'email_on_account',
  'followed_since',
  'email_shared',
]);
