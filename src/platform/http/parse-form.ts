import type { FastifyInstance } from 'fastify';
import { LatchkeyError } from '../failure/latchkey-error.ts';

const MAX_FIELDS = 50;
const MAX_NAME_LENGTH = 100;

/** Field values of a form: always one string per name, never an array, never a prototype. */
export type FormFields = Readonly<Record<string, string>>;

/** @throws LatchkeyError `input_invalid` on a field given twice or too many of them (G14, G16). */
export function parseForm(body: string): FormFields {
  const fields = new Map<string, string>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(body)) {
    count += 1;
    if (count > MAX_FIELDS || name.length > MAX_NAME_LENGTH)
      throw new LatchkeyError('input_invalid', 'Too many fields.');
    if (fields.has(name)) throw new LatchkeyError('input_invalid', 'A field was given twice.');
    fields.set(name, value);
  }
  // fromEntries defines, it does not assign: a field named __proto__ is a plain field.
  return Object.fromEntries(fields);
}

/** Lets one encapsulated scope read forms. Other scopes must not: the protocol library wants the raw body. */
export function acceptForms(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseForm(body.toString()));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
}
