export interface Principal {
  /** As written, with its escapes: two names are never written alike. */
  readonly name: string;
  readonly realm: string;
}

export type Read =
  | { readonly outcome: 'person'; readonly principal: Principal }
  /** Of a service, a host or a machine. */
  | { readonly outcome: 'no-person' }
  /** `DOMAIN\name` of NTLM, a name without its realm, several of them. */
  | { readonly outcome: 'misshapen' };

const LONGEST = 255;
// One part, or several with `/` between them; `\` stands before what would end a part.
const PRINCIPAL = /^((?:[^\\/@,\s]|\\[\\/@nt0b])+)((?:\/(?:[^\\/@\s]|\\[\\/@nt0b])*)*)@([A-Za-z0-9.:_-]+)$/u;

/** @see RFC 1964 §2.1.1 */
export function readPrincipal(text: string): Read {
  const parts = text.length <= LONGEST ? PRINCIPAL.exec(text) : null;
  if (!parts) return { outcome: 'misshapen' };
  const [, name = '', instance = '', realm = ''] = parts;
  // A machine of Active Directory ends in $.
  if (instance !== '' || name.endsWith('$') || name.toLowerCase() === 'krbtgt') return { outcome: 'no-person' };
  return { outcome: 'person', principal: { name, realm } };
}
