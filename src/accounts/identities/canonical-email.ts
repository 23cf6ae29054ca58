import { domainToASCII } from 'node:url';

/**
 * The one rule by which two spellings are the same address: trimmed, NFC, domain in lower-case ASCII (punycode), local
 * part compared without regard to case. Nothing else is folded: dots, plus tags and look-alike letters stay different,
 * since only the mail host knows what it does with them (L12). Never throws; what is no address stays as it is.
 */
export function canonicalEmail(address: string): string {
  if (PLAIN.test(address)) return address.toLowerCase();
  const { local, domain } = split(address);
  const ascii = domain === undefined ? undefined : domainToASCII(domain);
  if (local === undefined || !ascii) return tidy(address).toLowerCase().normalize('NFC');
  return `${local.toLowerCase().normalize('NFC')}@${ascii}`;
}

/** Nearly every address there is: nothing to trim or fold, and labels that are what they are in ASCII. An import reads millions. */
const PLAIN = /^[\w.+-]+@(?:(?!..--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!..--)[a-z][a-z0-9-]*[a-z0-9]$/i;

/** What the citizen typed, as it is kept and shown: trimmed and NFC. */
export function tidy(address: string): string {
  return address.trim().normalize('NFC');
}

const LOCAL = /^(?!\.)(?!.*\.\.)(?!.*\.$)[^\s"(),:;<>@[\\\]\p{C}]{1,64}$/u;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/;

/** Whether mail could go there: one @, an unquoted local part, a domain with a dot. At most 254 bytes. */
export function isEmailAddress(address: string): boolean {
  if (address.length > 254 || Buffer.byteLength(tidy(address)) > 254) return false;
  const { local, domain } = split(address);
  if (local === undefined || domain === undefined) return false;
  return LOCAL.test(local) && Buffer.byteLength(local) <= 64 && DOMAIN.test(domainToASCII(domain));
}

function split(address: string): { local?: string; domain?: string } {
  const text = tidy(address);
  const at = text.lastIndexOf('@');
  return at < 1 ? {} : { local: text.slice(0, at), domain: text.slice(at + 1) };
}
