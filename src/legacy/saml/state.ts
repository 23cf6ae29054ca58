import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const State = Type.Object({ requestId: Type.String(), departedAt: Type.String() });
type State = Static<typeof State>;

/** What an answer must fit, kept sealed with the journey while the browser is away. */
export const writeState = (state: State): string => JSON.stringify(state);

/** @throws TypeError: it was ours, so it is a fault of ours. */
export function readState(sealed: string): { readonly requestId: string; readonly departedAt: Date } {
  const state: unknown = JSON.parse(sealed);
  if (!Value.Check(State, state)) throw new TypeError('not a state of this adapter');
  return { requestId: state.requestId, departedAt: new Date(state.departedAt) };
}
