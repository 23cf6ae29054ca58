import { BindRequest, FilterParser, PasswordPolicyControl, SearchRequest } from 'ldapts';
import type { Egress } from '../egress/egress.ts';
import { type FaultReason, LegacyFault } from '../legacy-fault.ts';
import { dial } from './dial.ts';
import { faultOfResult } from './judge-bind.ts';
import type { Entry, Message, Result } from './messages.ts';
import type { LdapSettings } from './settings.ts';

/** One server of the directory, ready to be asked. */
export interface Directory {
  /** Who is found: two when there are more than one. `only`: no entry but that one. @throws LegacyFault */
  find(filter: string, attributes: readonly string[], only?: string): Promise<readonly Entry[]>;
  bind(name: string, password: string): Promise<Result>;
  close(): void;
}

export interface Directories {
  /** The first server that can be asked, with the reader signed in. @throws LegacyFault of the last one */
  open(signal: AbortSignal): Promise<Directory>;
}

export interface Reader {
  readonly dn: string;
  readonly password: string;
}

const CONNECT_MS = 1000;
/** Faults of one server, after which another may do better. A reader that is refused would only be locked by the next. */
const PASSING: ReadonlySet<FaultReason> = new Set([
  'unreachable',
  'timed-out',
  'bad-certificate',
  'garbage',
  'server-error',
]);

export function createDirectories(settings: LdapSettings, reader: Reader | undefined, egress: Egress): Directories {
  // The one that answered last is asked first: a dead one costs its time once, not at every sign-in.
  let urls = settings.urls;

  const openOne = async (url: string, signal: AbortSignal): Promise<Directory> => {
    const inTime = AbortSignal.timeout(settings.connectTimeoutMs ?? CONNECT_MS);
    const late = new AbortController();
    const giveUp = (): void => late.abort();
    inTime.addEventListener('abort', giveUp);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    const directory = directoryOn(await dial(url, settings, egress, late.signal), settings);
    try {
      if (reader) await signIn(directory, reader);
      inTime.removeEventListener('abort', giveUp);
      return directory;
    } catch (error) {
      directory.close();
      throw error;
    }
  };

  return {
    async open(signal) {
      let last = new LegacyFault('misconfigured', 'no server');
      for (const url of urls) {
        try {
          const directory = await openOne(url, signal);
          urls = [url, ...settings.urls.filter((other) => other !== url)];
          return directory;
        } catch (error) {
          if (!(error instanceof LegacyFault) || !PASSING.has(error.reason) || signal.aborted) throw error;
          last = error;
        }
      }
      throw last;
    },
  };
}

async function signIn(directory: Directory, reader: Reader): Promise<void> {
  const { code } = await directory.bind(reader.dn, reader.password);
  if (code === 0) return;
  throw [49, 48, 32].includes(code) ? new LegacyFault('refused-us', 'the reader was refused') : faultOfResult(code);
}

function directoryOn(wire: Awaited<ReturnType<typeof dial>>, { base, scope = 'sub' }: LdapSettings): Directory {
  return {
    async find(filter, attributes, only) {
      const answer = await wire.ask(
        (messageId) =>
          new SearchRequest({
            messageId,
            baseDN: only ?? base,
            scope: only === undefined ? scope : 'base',
            derefAliases: 'never',
            // The second one is proof enough that a name is not one person's.
            sizeLimit: 2,
            timeLimit: 4,
            filter: FilterParser.parseString(filter),
            attributes: [...attributes],
          }),
      );
      const entries = answer.flatMap((message) => (message.kind === 'entry' ? [message.entry] : []));
      const { code } = resultOf(answer, 'found-all');
      // 4: there are more than two. References to other servers are not followed, wherever they lead.
      if (code !== 0 && !(code === 4 && entries.length > 1)) throw faultOfResult(code);
      if (entries.some(({ dn }) => dn === '')) throw new LegacyFault('garbage', 'an entry without a name');
      return entries;
    },
    async bind(dn, password) {
      // Both would succeed for anybody: an anonymous bind, and an unauthenticated one (RFC 4513 §5.1).
      if (dn === '' || password === '') throw new LegacyFault('misconfigured', 'a bind that proves nothing');
      const controls = [new PasswordPolicyControl()];
      return resultOf(await wire.ask((messageId) => new BindRequest({ messageId, dn, password, controls })), 'bound');
    },
    close: () => wire.close(),
  };
}

function resultOf(answer: readonly Message[], kind: 'bound' | 'found-all'): Result {
  const last = answer.at(-1);
  if (last?.kind !== kind) throw new LegacyFault('garbage', 'an answer to another question');
  return last.result;
}
