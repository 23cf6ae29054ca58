import type { Service } from '../../relying-parties/index.ts';
import { isLevel, type Level, parseVectors } from '../provider/levels.ts';

/** What the pages need to know of a request; the shape of `journeys/engine/interaction-port`'s Interaction. */
export interface InteractionView {
  readonly uid: string;
  readonly prompt: 'login' | 'consent' | 'select_account';
  readonly sessionAccountId: string | undefined;
  readonly clientId: string;
  readonly service: {
    readonly name: { readonly en: string; readonly cy: string };
    readonly logoUrl: string | undefined;
    readonly policyUrl: string | undefined;
    readonly termsUrl: string | undefined;
    readonly homeUrl: string | undefined;
    readonly redirectOrigin: string;
    readonly sources: readonly string[];
  };
  readonly uiLocales: readonly string[];
  readonly loginHint: string | undefined;
  /** The old source whose account is to be brought along, when the service asked for that and is registered with it. */
  readonly oldSource?: string | undefined;
  readonly levels: readonly Level[];
  readonly expiresAt: Date;
}

interface StoredInteraction {
  readonly uid: string;
  readonly prompt: { readonly name: string };
  readonly params: Readonly<Record<string, unknown>>;
  readonly session?: { readonly accountId?: string };
  readonly exp: number;
}

export function describeInteraction(
  { uid, prompt, params, session, exp }: StoredInteraction,
  { clientId, version, metadata }: Service,
  reachable: readonly Level[],
): InteractionView {
  return {
    uid,
    prompt: prompt.name === 'consent' || prompt.name === 'select_account' ? prompt.name : 'login',
    sessionAccountId: session?.accountId,
    clientId,
    service: {
      name: { en: metadata.name.en, cy: metadata.name.cy ?? metadata.name.en },
      // Of our own origin (D18); the version is for caches.
      logoUrl: metadata.logoUrl && `/service-logos/${clientId}?v=${version}`,
      policyUrl: metadata.policyUrl,
      termsUrl: metadata.termsUrl,
      homeUrl: metadata.homeUrl,
      redirectOrigin: new URL(String(params['redirect_uri'])).origin,
      sources: metadata.sources,
    },
    uiLocales: typeof params['ui_locales'] === 'string' ? params['ui_locales'].split(' ') : [],
    loginHint: typeof params['login_hint'] === 'string' ? params['login_hint'] : undefined,
    oldSource: metadata.sources.find((source) => source === params['old_source']),
    levels: levelsOf(params, metadata.levels).filter((level) => reachable.includes(level)),
    expiresAt: new Date(exp * 1000),
  };
}

/** The request was checked when it came in; here its levels are only read again. */
function levelsOf(
  { vtr, acr_values: acrValues }: Readonly<Record<string, unknown>>,
  registered: readonly Level[],
): readonly Level[] {
  if (typeof vtr === 'string') {
    const parsed = parseVectors(vtr);
    return parsed.outcome === 'parsed' ? parsed.levels : registered;
  }
  const asked = typeof acrValues === 'string' ? acrValues.split(' ').filter(isLevel) : [];
  return asked.length > 0 ? asked : registered;
}
