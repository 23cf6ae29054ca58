import { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Family, PasswordAdapter, Round } from '../adapter.ts';
import type { Answered, Asking, Field, Notice } from '../answer.ts';

/** One method over imported rows: what it asks first, and what it makes of each answer. */
export interface RecordMethod {
  readonly fields: readonly Field[];
  /** The answer to the first question. */
  first(round: Round): Promise<Answered | Asking>;
  /** The answer to a further one. */
  next?(round: Round): Promise<Answered | Asking>;
}

/** An adapter that asks no old system: its rows were imported. It keeps no connection, and is there when we are. */
export function createRecordAdapter(family: Family, method: RecordMethod): PasswordAdapter {
  return {
    kind: 'password',
    family,
    open: async () => asks(method.fields),
    answer: (round) => (round.state !== '' && method.next ? method.next(round) : method.first(round)),
    health: async () => {},
    close: async () => {},
  };
}

export const asks = (fields: readonly Field[], notice?: Notice, state: object | '' = ''): Asking => ({
  outcome: 'asks',
  prompt: { fields, ...(notice && { notice }) },
  state: state === '' ? '' : JSON.stringify(state),
});

/** It was sealed while it was away; what does not fit is a fault of ours. */
export const readState = <Schema extends TSchema>(schema: Schema, { state }: Round): Static<Schema> =>
  Value.Parse(schema, JSON.parse(state));

const MOST_BYTES = 1024;

/** Whether one of them is no answer at all: empty, or longer than anything that is checked (linking-attacks 21). */
export const isMisshapen = (...typed: readonly (string | undefined)[]): boolean =>
  typed.some((value) => !value || Buffer.byteLength(value) > MOST_BYTES);
