import type { RadiusSettings } from './settings.ts';

const LONGEST = 253;

/** The name that the server is asked about. Undefined: nobody is called that, or it is for another realm to say. */
export function readUserName({ realm, keepCase }: RadiusSettings, typed: string): string | undefined {
  const trimmed = typed.trim().normalize('NFC');
  const login = keepCase === true ? trimmed : trimmed.toLowerCase();
  const name = realm === undefined ? login : withRealm(login, realm);
  const isUsable = name !== undefined && name !== '' && !/\p{Cc}/u.test(name) && Buffer.byteLength(name) <= LONGEST;
  return isUsable ? name : undefined;
}

/** Servers pass names of other realms on to other organisations, which then say who is let in here. */
function withRealm(login: string, realm: string): string | undefined {
  const isOurs = login.toLowerCase().endsWith(realm.toLowerCase());
  const name = isOurs ? login.slice(0, -realm.length) : login;
  return name === '' || /[@\\/%!]/.test(name) ? undefined : name + realm;
}
