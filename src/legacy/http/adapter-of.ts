import type { AdapterContext, PasswordAdapter, Round } from '../adapter.ts';
import { type Answered, type Asking, refused } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { Channel } from './open-channel.ts';
import { anybodysUrl, readTyped, type Typed } from './read-typed.ts';

export interface Parts {
  readonly logIn: (typed: Typed, signal: AbortSignal) => Promise<Answered | Asking>;
  /** Answers to what was asked further. */
  readonly goOn?: (round: Round) => Promise<Answered | Asking>;
  readonly health: (signal: AbortSignal) => Promise<void>;
}

/** What the methods of this family have in common: a user name and a password, typed on our page. */
export const adapterOf = ({ identifierLabel }: AdapterContext, { logIn, goOn, health }: Parts): PasswordAdapter => ({
  kind: 'password',
  family: 'http',
  open: async () => ({
    outcome: 'asks',
    prompt: {
      fields: [
        { name: 'login', kind: 'text', label: identifierLabel },
        { name: 'password', kind: 'secret', label: { key: 'password' } },
      ],
    },
    state: '',
  }),
  async answer(round) {
    if (round.state !== '' && goOn) return goOn(round);
    const typed = readTyped(round.fields);
    return typed ? logIn(typed, round.signal) : refused('misshapen');
  },
  health,
  close: async () => {},
});

/** There, whatever it thinks of a question without a person. @throws LegacyFault */
export async function isThere(channel: Channel, url: string, signal: AbortSignal): Promise<void> {
  const { status } = await channel.ask({ url: anybodysUrl(url), method: 'GET', signal });
  if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
}
