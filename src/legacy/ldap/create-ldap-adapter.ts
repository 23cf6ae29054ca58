import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, PasswordAdapter, Round } from '../adapter.ts';
import { type Answered, refused, type Warning } from '../answer.ts';
import { createDirectories, type Directory } from './directory.ts';
import { judgeBind } from './judge-bind.ts';
import type { Entry } from './messages.ts';
import { attributesOf, keyOf, keyOfEntry, stateOf, wantedAttributes } from './read-entry.ts';
import { readLoginName, type Sought } from './read-login-name.ts';
import type { LdapSettings } from './settings.ts';

const LONGEST_SECRET = 1024;
/** Names of people, not of records: they change, and are given to others. */
const NO_KEYS =
  /^(dn|entryDN|distinguishedName|uid|cn|sn|mail|displayName|sAMAccountName|userPrincipalName|telephoneNumber|mobile)$/i;

/** F3: a directory says whether the password is right, by being asked to let the person in. */
export function createLdapAdapter(settings: LdapSettings, context: AdapterContext): PasswordAdapter {
  checkSettings(settings, context.source);
  const { reader } = settings;
  const account = reader && { dn: reader.dn, password: context.secret(reader.passwordSecret) };
  const directories = createDirectories(settings, account, context.egress);
  return {
    kind: 'password',
    family: 'ldap',
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
    async answer({ fields, signal }: Round) {
      const { login = '', password = '' } = fields;
      // An empty password makes any bind succeed: it must not get as far as the server (RFC 4513 §5.1.2).
      if (password === '' || Buffer.byteLength(password) > LONGEST_SECRET) return refused('misshapen');
      const sought = readLoginName(settings, login);
      if (sought === undefined) return refused('misshapen');
      const directory = await directories.open(signal);
      try {
        return await (reader ? searchThenBind : bindThenSearch)({ directory, settings, context, sought, password });
      } finally {
        directory.close();
      }
    },
    async health(signal) {
      const directory = await directories.open(signal);
      directory.close();
    },
    close: async () => {},
  };
}

interface Attempt {
  readonly directory: Directory;
  readonly settings: LdapSettings;
  readonly context: AdapterContext;
  readonly sought: Sought;
  readonly password: string;
}

async function searchThenBind({ directory, settings, context, sought, password }: Attempt): Promise<Answered> {
  const found = await directory.find(sought.filter, wantedAttributes(settings));
  const [entry] = found;
  if (entry === undefined || found.length > 1) {
    // Nobody of that name: the same steps all the same, with a name that leads nowhere.
    await directory.bind(`cn=latchkey-nobody,${settings.base}`, password);
    return refused(entry === undefined ? 'unknown-person' : 'ambiguous');
  }
  const judged = judgeBind(await directory.bind(entry.dn, password), settings.stalePassword);
  return judged.outcome === 'refused' ? judged : identify(entry, settings, context, judged.warnings);
}

async function bindThenSearch({ directory, settings, context, sought, password }: Attempt): Promise<Answered> {
  if (sought.bindName === undefined) return refused('misshapen');
  const bound = await directory.bind(sought.bindName, password);
  // 34: no DN by the syntax of its attributes, such as an address with an accent. Nobody may close the source with that.
  if (bound.code === 34 && /[^\x20-\x7e]/.test(sought.bindName)) return refused('misshapen');
  const judged = judgeBind(bound);
  if (judged.outcome === 'refused') return judged;
  // A DN is one entry: nobody else that the filter might find can be meant.
  const only = settings.method === 'M13' ? sought.bindName : undefined;
  const found = await directory.find(sought.filter, wantedAttributes(settings), only);
  const [entry] = found;
  if (entry === undefined) return refused('identifier-missing');
  return found.length > 1 ? refused('ambiguous') : identify(entry, settings, context, judged.warnings);
}

function identify(
  entry: Entry,
  settings: LdapSettings,
  { source, now }: AdapterContext,
  warnings: readonly Warning[],
): Answered {
  const state = stateOf(entry, settings);
  if (state !== undefined) return refused(state);
  const accountKey = keyOfEntry(entry, settings);
  if (accountKey === undefined) return refused('identifier-missing');
  return {
    outcome: 'identified',
    identity: {
      accountKey,
      evidence: 'sign-in',
      proved: ['password'],
      level: settings.level ?? 'Cl',
      attributes: attributesOf(entry, settings, source, now()),
      warnings,
    },
  };
}

/** What a schema cannot say. */
function checkSettings(settings: LdapSettings, source: string): void {
  const wrong = (what: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source}: ${what}.`);
  const { attribute } = keyOf(settings);
  if (NO_KEYS.test(attribute)) throw wrong(`${attribute} may be given to somebody else and cannot be the key`);
  if (settings.reader) return;
  if (settings.method === 'M13' && settings.bindDn === undefined) throw wrong('a reader or bindDn is needed');
  if (settings.method === 'M14' && settings.mailSignIn === true) throw wrong('mailSignIn needs a reader');
}
