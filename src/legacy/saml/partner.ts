import type { KeyObject } from 'node:crypto';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';
import { configuredKeys } from '../assertions/signing-keys.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { readMetadata } from './read-metadata.ts';
import type { SamlSettings } from './settings.ts';

/** What must be known of whoever signs people in. */
export interface Partner {
  readonly signInUrl: string;
  readonly keys: readonly KeyObject[];
  /** What may stand behind @ in what it says. */
  readonly scopes: readonly string[];
}

export interface PartnerBook {
  /** @throws LegacyFault when nothing is known and nothing can be learnt */
  current(): Promise<Partner>;
  /** Read anew, for a signature that no key fits; undefined when that was done a moment ago. */
  refreshed(): Promise<Partner | undefined>;
  /** @throws LegacyFault */
  probe(signal: AbortSignal): Promise<void>;
}

/** Metadata that cannot be read anew is used for so long, and never beyond its own end. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
const PAUSE_MS = 60_000;
const TIMEOUT_MS = 3500;

export function openPartnerBook(settings: SamlSettings, context: AdapterContext): PartnerBook {
  const { metadata, signInUrl, certificates, scopes = [] } = settings;
  if (metadata) return followMetadata(settings, metadata, context);
  if (signInUrl === undefined || !certificates)
    throw new LatchkeyError(
      'config_invalid',
      `The source ${context.source} needs signInUrl and certificates, or metadata.`,
    );
  const partner = { signInUrl, keys: configuredKeys(context.source, certificates), scopes };
  return {
    current: async () => partner,
    refreshed: async () => undefined,
    async probe(signal) {
      const { status } = await askHttp(context.egress, { url: signInUrl, signal, maxBytes: 1_048_576 });
      if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
    },
  };
}

interface Known {
  readonly partner: Partner;
  readonly readAt: number;
  readonly until: number;
}

function followMetadata(
  settings: SamlSettings,
  metadata: NonNullable<SamlSettings['metadata']>,
  context: AdapterContext,
): PartnerBook {
  const signers = configuredKeys(context.source, metadata.certificates);
  const url = metadata.url.replace('{entity}', encodeURIComponent(settings.entityId));
  const maxBytes = metadata.maxBytes ?? 1_048_576;
  let known: Known | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Partner> | undefined;
  const now = (): number => context.now().getTime();

  const read = async (signal: AbortSignal): Promise<Partner> => {
    const { status, body } = await askHttp(context.egress, { url, signal, maxBytes });
    if (status !== 200) throw new LegacyFault('server-error', `metadata: status ${status}`);
    const found = readMetadata(body, { settings, signers, maxBytes, now: context.now() });
    if (found.outcome === 'unusable') throw new LegacyFault('garbage', `metadata: ${found.reason}`);
    const readAt = now();
    known = { partner: found.partner, readAt, until: Math.min(found.validUntil ?? Infinity, readAt + KEPT_MS) };
    return found.partner;
  };
  // One at a time, whoever waits for it; its time is its own, not that of whoever was first.
  const readOnce = (): Promise<Partner> => {
    triedAt = now();
    reading ??= read(AbortSignal.timeout(TIMEOUT_MS)).finally(() => (reading = undefined));
    return reading;
  };

  return {
    async current() {
      if (!known || known.until <= now()) return readOnce();
      const isOld = known.readAt + (metadata.refreshMinutes ?? 60) * 60_000 <= now();
      // Nobody waits for a refresh: what is known is good until it ends.
      if (isOld && triedAt + PAUSE_MS <= now()) readOnce().catch(() => {});
      return known.partner;
    },
    async refreshed() {
      return triedAt + PAUSE_MS <= now() ? readOnce() : undefined;
    },
    async probe(signal) {
      await read(signal);
    },
  };
}
