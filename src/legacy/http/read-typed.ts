import { fillUrl } from './fill-template.ts';

const LONGEST_SECRET = 1024;
const LONGEST_LOGIN = 255;
const CONTROLS = /\p{Cc}/u;

export interface Typed {
  readonly login: string;
  readonly password: string;
}

/** What is worth asking about. Nothing else leaves this machine: far ends take an empty password for none, or for all. */
export function readTyped({ login = '', password = '' }: Readonly<Record<string, string>>): Typed | undefined {
  const isName = login !== '' && login.length <= LONGEST_LOGIN && !CONTROLS.test(login) && login.isWellFormed();
  return isName && isSecret(password) ? { login, password } : undefined;
}

export const isSecret = (secret: string): boolean =>
  secret !== '' && Buffer.byteLength(secret) <= LONGEST_SECRET && !CONTROLS.test(secret) && secret.isWellFormed();

/** `Basic` divides at the first colon: a name that has one is another name there (RFC 7617 §2). */
export const basicOf = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Addresses that a definition gives, with a name that stands for everybody's. */
export const anybodysUrl = (template: string): string => fillUrl(template, { login: 'latchkey-nobody' }) ?? template;
