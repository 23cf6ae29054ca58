import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, PasswordAdapter, Round } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { HttpSettings } from './settings.ts';

const Reply = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) });

export function createHttpAdapter(settings: HttpSettings, context: AdapterContext): PasswordAdapter {
  return {
    kind: 'password',
    family: 'http',
    open: async () => ({
      outcome: 'asks',
      prompt: {
        fields: [
          { name: 'login', kind: 'text', label: context.identifierLabel },
          { name: 'password', kind: 'secret', label: { key: 'password' } },
        ],
      },
      state: '',
    }),
    answer: (round) => logIn(settings, context, round),
    async health(signal) {
      await askHttp(context.egress, { url: settings.url, signal });
    },
    close: async () => {},
  };
}

async function logIn({ url }: HttpSettings, context: AdapterContext, { fields, signal }: Round): Promise<Answered> {
  const { login = '', password = '' } = fields;
  const body = JSON.stringify({ login, password });
  const headers = { 'content-type': 'application/json' };
  const answer = await askHttp(context.egress, { url, method: 'POST', headers, body, signal });
  if (answer.status === 401) return refused('wrong-secret');
  if (answer.status !== 200) throw new LegacyFault('server-error', `status ${answer.status}`);
  const reply: unknown = JSON.parse(answer.body.toString());
  if (!Value.Check(Reply, reply)) throw new LegacyFault('garbage', 'not the reply that was agreed');
  const { id } = reply;
  return {
    outcome: 'identified',
    identity: { accountKey: id, evidence: 'sign-in', proved: ['password'], level: 'Cl', attributes: [], warnings: [] },
  };
}
