import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Source } from '../sources/definition.ts';
import { asks, type OwnWay, withoutPassword } from './own-way.ts';
import type { Asks } from './proving.ts';

const Sent = Type.Object({ login: Type.String(), challenge: Type.String() });
type Sent = { readonly login: string; readonly challenge: string };

/** A code to the contact that the old system had: first whose, then the code. Nobody learns whether one was sent. */
export const proveByContact: OwnWay = {
  ask: ({ definition }) => asks([{ name: 'login', kind: 'text', label: definition.identifier.label }]),

  async answer({ proofs }, source, { fields, state, ip, place, deliver }) {
    const key = source.source;
    if (state === '') {
      const { login = '' } = fields;
      const message = { channel: 'email', style: 'code' } as const;
      const request = { source: key, login, ip, ...place };
      const sent = await proofs.sendContactCode({
        ...request,
        deliver: (tx, code) => deliver(tx, { ...message, ...code }),
      });
      return sent.outcome === 'sent' ? askForCode({ login, challenge: sent.challengeId }) : sent;
    }
    const { login, challenge } = Value.Parse(Sent, JSON.parse(state));
    const code = (fields['code'] ?? '').normalize('NFKC').replaceAll(/[\s-]/g, '');
    const asked = { source: key, login, challengeId: challenge, code, ip };
    const checked = await proofs.checkContactCode({ ...asked, ...place });
    if (checked.outcome === 'match' || checked.outcome === 'mismatch' || checked.outcome === 'too-many')
      return withoutPassword(checked);
    return checked.outcome === 'wrong' ? askForCode({ login, challenge }, 'wrong-code') : askAgain(source);
  },
};

const askForCode = (sent: Sent, notice: 'code-sent' | 'wrong-code' = 'code-sent'): Asks =>
  asks([{ name: 'code', kind: 'code', label: { key: 'code' }, length: 6 }], { notice }, JSON.stringify(sent));

const askAgain = (source: Source): Asks => {
  const first = proveByContact.ask(source);
  return { ...first, prompt: { ...first.prompt, notice: 'code-expired' } };
};
