/** Why a row was rejected. A code is stable; the message tells the operator what to mend and never repeats a value. */
export const rejectMessages = {
  bad_utf8: 'The row is not valid in its encoding: UTF-8, unless file.encoding says otherwise.',
  line_too_long: 'The line is longer than 64 KiB.',
  unclosed_quote: 'A quoted field is not closed within 64 KiB or 50 lines.',
  bad_quote: 'A quote stands inside a field. Double it and quote the whole field.',
  bad_escape: 'A backslash stands before a character that needs none.',
  column_count: 'The number of fields is not that of the header, or of the first row.',
  bad_json: 'The line is not one JSON object.',
  nested_value: 'A value is a list or an object. Only text, numbers, true, false and null can be read.',
  duplicate_key: 'A key stands twice in the object.',
  bad_ldif: 'The entry is not LDIF: it begins with one dn, and each line has a name, a colon and a value.',
  ldif_change: 'The entry is a change record. Export what is there, not what was done.',
  ldif_url: 'A value is given by a URL. An import fetches nothing: write the value itself.',
  several_values: 'An attribute that must be one has several values.',
  file_damaged: 'The file is cut or damaged here: nothing after this line could be read.',
  file_too_large: 'The file unpacks to more than file.maxBytes: nothing after this line was read.',
  control_character: 'A field holds NUL, a line break or another control character.',
  id_missing: 'The identifier is empty.',
  id_too_long: 'The identifier is longer than 255 characters.',
  login_missing: 'The user name is empty.',
  login_unexpected: 'The user name does not have the form that this source says its names have.',
  hash_missing: 'The password hash is empty.',
  hash_too_long: 'The password hash or its salt is longer than 1,024 characters.',
  hash_unknown: 'The password hash is not of the scheme of this source.',
  hash_damaged: 'The password hash has the right prefix but is damaged or cut.',
  hash_too_costly: 'The cost of the password hash is beyond the bounds for a sign-in.',
  hash_beside_invalid: 'What stands beside the password hash (salt, user name, realm, iterations) cannot be used.',
  hash_too_weak: 'The cost of the password hash is below what its scheme allows.',
  status_unknown: 'The status is not listed in file.statuses of the source.',
  email_too_long: 'The e-mail address is longer than 254 characters.',
  name_too_long: 'The name is longer than 200 characters.',
  extra_too_long: 'A value of file.extras is longer than 1,024 characters.',
  subject_invalid: 'The subject must be 1 to 255 printable ASCII characters.',
  duplicate_id: 'The identifier stood in an earlier line already. The first line was taken.',
  duplicate_login: 'The user name stood in an earlier line with another identifier. The first line was taken.',
  login_taken: 'The user name belongs to another account of this source already.',
} as const;

export type RejectCode = keyof typeof rejectMessages;

/** What somebody should look at in rows that went in. */
export const noteMessages = {
  hash_disabled: 'The password is switched off in the old system; the row went in without one.',
  hash_live_only: 'The password is checked by a system that still runs; the row went in without one.',
  phone_unusable: 'The phone number has no usable form; the row went in without it.',
  email_unusable: 'The e-mail address has no usable form; the row went in without it.',
  email_mixed_scripts: 'The e-mail address mixes alphabets or hides characters: a look-alike, or a damaged conversion.',
  login_mixed_scripts: 'The user name mixes alphabets or hides characters: a look-alike, or a damaged conversion.',
  formula_like: 'A cell begins like a spreadsheet formula. It went in as text.',
  date_in_future: 'The birth date, or the date the account was made, is in the future.',
  date_unreadable: 'The birth date, or the date the account was made, cannot be read.',
  first_of_several: 'An attribute has several values: the first went in.',
} as const;

export type NoteCode = keyof typeof noteMessages;
