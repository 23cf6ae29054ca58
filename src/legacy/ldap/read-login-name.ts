import { escapeFilter } from 'ldapts';
import type { ActiveDirectorySettings, LdapSettings, SimpleBindSettings } from './settings.ts';

/** Where to look for a person, and under what name they can bind without having been found. */
export interface Sought {
  readonly filter: string;
  readonly bindName: string | undefined;
}

const LONGEST = 256;

/** What somebody typed as their name, made safe. Undefined: nobody is called that. */
export function readLoginName(settings: LdapSettings, typed: string): Sought | undefined {
  const login = typed.trim().normalize('NFC');
  if (login === '' || login.length > LONGEST || /\p{Cc}/u.test(login)) return undefined;
  return settings.method === 'M13' ? byTemplate(settings, login) : byWindowsName(settings, login);
}

function byTemplate({ filter, bindDn }: SimpleBindSettings, login: string): Sought {
  return {
    filter: filter.replaceAll('{login}', () => escapeFilter`${login}`),
    bindName: bindDn?.replaceAll('{login}', () => escapeDn(login)),
  };
}

/** `DOMAIN\name`, `name@suffix` or `name`: each is looked for where it belongs, so that one cannot pass for another. */
function byWindowsName(settings: ActiveDirectorySettings, login: string): Sought | undefined {
  const { domain, upnSuffixes, mailSignIn = false } = settings;
  const at = login.lastIndexOf('@');
  if (at > 0) {
    const isUpn = upnSuffixes.some((suffix) => suffix.toLowerCase() === login.slice(at + 1).toLowerCase());
    const byMail = mailSignIn ? escapeFilter`(mail=${login})` : '';
    const byUpn = isUpn ? escapeFilter`(userPrincipalName=${login})` : '';
    if (byMail + byUpn === '') return undefined;
    return { filter: person(`(|${byUpn}${byMail})`), bindName: isUpn ? login : undefined };
  }
  const slash = login.indexOf('\\');
  if (slash >= 0 && login.slice(0, slash).toLowerCase() !== domain.toLowerCase()) return undefined;
  const account = login.slice(slash + 1);
  if (account === '' || /["/\\[\]:;|=,+*?<>@]/.test(account)) return undefined;
  return { filter: person(escapeFilter`(sAMAccountName=${account})`), bindName: `${domain}\\${account}` };
}

const person = (condition: string): string => `(&(objectCategory=person)(objectClass=user)${condition})`;

/** A value of a DN. ldapts puts quotes around some, which RFC 4514 has dropped, and lets NUL through. */
function escapeDn(value: string): string {
  return value
    .replaceAll(/[\\"+,;<=>#]/g, (character) => `\\${character}`)
    .replace(/^ | $/g, '\\ ')
    .replaceAll('\0', '\\00');
}
