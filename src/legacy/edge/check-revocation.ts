import type { AdapterContext } from '../adapter.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { Certificate } from './certificate.ts';
import { isListOf, readRevocationList, type RevocationList } from './revocation-list.ts';
import type { CardSettings } from './card-settings.ts';

type Lists = Extract<CardSettings['revocation'], { by: 'lists' }>;

export interface RevocationCheck {
  /** Of everything below the root. @throws LegacyFault where no list can tell: nobody is let in on no news. */
  isRevoked(chain: readonly Certificate[], signal: AbortSignal): Promise<boolean>;
  health(signal: AbortSignal): Promise<void>;
}

interface Held {
  readonly list: RevocationList;
  readonly askAgainAt: number;
}

const MOST_BYTES = 4 * 1024 * 1024;
const REFRESH_SECONDS = 3600;

/** Lists at the addresses of the settings: one that a certificate names could be anybody's (R20). */
export function createRevocationCheck(
  settings: Lists,
  { egress, now }: Pick<AdapterContext, 'egress' | 'now'>,
): RevocationCheck {
  const held = new Map<string, Held>();
  const underWay = new Map<string, Promise<RevocationList>>();

  const fetch = async (url: string, signal: AbortSignal): Promise<RevocationList> => {
    const tls = settings.ca === undefined ? undefined : { ca: settings.ca };
    const { status, body } = await askHttp(egress, { url, signal, tls, maxBytes: settings.maxBytes ?? MOST_BYTES });
    if (status >= 300 && status < 400) throw new LegacyFault('redirected', 'revocation list');
    if (status !== 200) throw new LegacyFault('server-error', `revocation list: status ${status}`);
    const list = readRevocationList(body);
    if (!list) throw new LegacyFault('garbage', 'revocation list');
    const askAgainAt = now().getTime() + (settings.refreshSeconds ?? REFRESH_SECONDS) * 1000;
    held.set(url, { list, askAgainAt });
    return list;
  };

  const load = async (url: string, signal: AbortSignal): Promise<RevocationList> => {
    const known = held.get(url);
    const at = now();
    if (known && known.askAgainAt > at.getTime() && isInDate(known.list, at)) return known.list;
    const asked = underWay.get(url) ?? fetch(url, signal).finally(() => underWay.delete(url));
    underWay.set(url, asked);
    try {
      return await asked;
    } catch (error) {
      // What is in date still tells: its authority has said how long.
      if (known && isInDate(known.list, at)) return known.list;
      throw error;
    }
  };

  return {
    async isRevoked(chain, signal) {
      const lists = await Promise.all(settings.urls.map((url) => load(url, signal)));
      const steps = chain.slice(0, -1).map((one, at) => ({ one, authority: chain[at + 1] }));
      return steps.map((step, at) => isOnList(step, { lists, isNeeded: at === 0, now: now() })).includes(true);
    },
    async health(signal) {
      const lists = await Promise.all(settings.urls.map((url) => load(url, signal)));
      if (!lists.every((list) => isInDate(list, now())))
        throw new LegacyFault('garbage', 'revocation list out of date');
    },
  };
}

const isInDate = ({ from, until }: RevocationList, at: Date): boolean => from <= at && at < until;

function isOnList(
  { one, authority }: { readonly one: Certificate; readonly authority: Certificate | undefined },
  {
    lists,
    isNeeded,
    now,
  }: { readonly lists: readonly RevocationList[]; readonly isNeeded: boolean; readonly now: Date },
): boolean {
  const own = authority ? lists.filter((list) => list.issuer.equals(authority.subjectBytes)) : [];
  const good = own.filter((list) => authority && isInDate(list, now) && isListOf(list, authority));
  // Authorities above may publish none; the one that issues to people must.
  if (good.length === 0 && (isNeeded || own.length > 0))
    throw new LegacyFault('garbage', own.length > 0 ? 'revocation list that is false or out of date' : 'no list of it');
  return good.some(({ revoked }) => revoked.has(one.serial));
}
