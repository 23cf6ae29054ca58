import type { Question as Sent } from './open-channel.ts';
import { fillForm, fillJson, fillUrl, type Values } from './fill-template.ts';
import { basicOf } from './read-typed.ts';
import type { Question } from './settings.ts';

const USUAL: Question = { as: 'json', body: { login: '{login}', password: '{password}' } };

export interface Asking {
  readonly url: string;
  readonly verb?: 'GET' | 'POST' | 'PUT' | undefined;
  readonly question?: Question | undefined;
}

/** The question, filled; undefined where what was typed has no place in it. */
export function writeQuestion(
  { url: template, verb = 'POST', question = USUAL }: Asking,
  values: Values,
): Omit<Sent, 'signal'> | undefined {
  const url = fillUrl(template, values);
  if (url === undefined) return undefined;
  const accept = { accept: 'application/json' };
  if (question.as === 'basic') {
    const { login = '', password = '' } = values;
    if (login.includes(':')) return undefined;
    return { url, method: verb, headers: { ...accept, authorization: basicOf(login, password) } };
  }
  const isForm = question.as === 'form';
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const body = isForm ? fillForm(question.fields, values) : JSON.stringify(fillJson(question.body, values));
  return { url, method: verb, headers: { ...accept, 'content-type': type }, body };
}
