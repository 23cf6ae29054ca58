import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';
import { type Answered, type LegacyIdentity, type LegacyRefusal, refused } from '../answer.ts';
import { readLevel } from '../assertions/read-level.ts';
import type { Reader } from './create-edge-adapter.ts';
import { decodeHeader } from './decode-header.ts';
import { readIdentifier } from './read-identifier.ts';
import { type Principal, readPrincipal } from './read-principal.ts';
import type { KerberosSettings } from './settings.ts';

/** M15: whose ticket the gateway has taken. @throws LatchkeyError `config_invalid` */
export function createTicketReader(settings: KerberosSettings, { source }: Pick<AdapterContext, 'source'>): Reader {
  const { principalHeader, mechanism, identifierHeader } = settings;
  const names = settings.realms.map(({ realm, as = realm }) => fold(as, settings));
  if (new Set(names).size < names.length)
    throw new LatchkeyError('config_invalid', `The source ${source} takes two realms for one: whose name is whose?`);
  return {
    headers: [principalHeader, mechanism?.header, identifierHeader].filter((name) => name !== undefined),
    async read({ headers }, hear) {
      if (mechanism) {
        const how = hear(headers, mechanism.header);
        if (how.outcome === 'forged') return refused('forged');
        // NTLM, where the gateway would take it, proves a hash of a password to whoever relays it.
        if (how.outcome === 'silent' || !mechanism.values.includes(how.value)) return refused('not-allowed');
      }
      const said = hear(headers, principalHeader);
      if (said.outcome !== 'said') return refused(said.outcome === 'forged' ? 'forged' : 'unsigned');
      const judged = judge(decodeHeader(said.value) ?? '', settings);
      if (judged.outcome === 'refused') return judged;
      if (identifierHeader === undefined) return identified(judged.key, settings);
      const own = readIdentifier(hear(headers, identifierHeader));
      return own.outcome === 'identifier' ? identified(own.identifier, settings) : refused(own.reason);
    },
  };
}

type Judged =
  | { readonly outcome: 'key'; readonly key: string }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

function judge(text: string, settings: KerberosSettings): Judged {
  const read = readPrincipal(text);
  if (read.outcome === 'misshapen') return { outcome: 'refused', reason: 'misshapen' };
  if (read.outcome === 'no-person') return { outcome: 'refused', reason: 'not-allowed' };
  const { name, realm } = read.principal;
  const known = settings.realms.find((one) => one.realm === realm);
  if (!known) return { outcome: 'refused', reason: 'wrong-issuer' };
  const barred = settings.refuse ?? [];
  if (barred.some((one) => one.toLowerCase() === name.toLowerCase()))
    return { outcome: 'refused', reason: 'not-allowed' };
  return { outcome: 'key', key: keyOf({ name, realm: known.as ?? realm }, settings) };
}

const keyOf = ({ name, realm }: Principal, settings: KerberosSettings): string =>
  fold(realm === '' ? name : `${name}@${realm}`, settings);

const fold = (text: string, { ignoreCase }: KerberosSettings): string =>
  ignoreCase === true ? text.toLowerCase() : text;

function identified(accountKey: string, settings: KerberosSettings): Answered {
  const { level, warnings } = readLevel([], { table: [], otherwise: 'Cl', most: settings.mostLevel ?? 'Cl.Cm' });
  // Names of people are given to others when they leave, ids of a directory are not.
  const isName = settings.identifierHeader === undefined && settings.principalMayBeReassigned !== false;
  const identity: LegacyIdentity = {
    accountKey,
    evidence: 'assertion',
    proved: ['kerberos-ticket'],
    level,
    attributes: [],
    warnings: [...(isName ? (['identifier-may-be-reassigned'] as const) : []), ...warnings],
  };
  return { outcome: 'identified', identity };
}
