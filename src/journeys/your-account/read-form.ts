import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';

/** Which version of an act a form was made for: a page that another tab has outrun does nothing. */
export const Version = Type.String({ pattern: '^\\d{1,9}$' });

/** A form of another shape was not made by our page: it is refused, not repaired. */
export function readForm<Schema extends TSchema>(schema: Schema, form: unknown): Static<Schema> {
  if (Value.Check(schema, form)) return form;
  throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
}
