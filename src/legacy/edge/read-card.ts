import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, Arrival } from '../adapter.ts';
import { type Answered, type Attribute, type LegacyRefusal, type Warning, refused } from '../answer.ts';
import { readLevel } from '../assertions/read-level.ts';
import { cardKey, isIdentifying } from './card-key.ts';
import {
  type Certificate,
  hasUnknownCritical,
  isReadable,
  KEY_USE,
  mailAddressesOf,
  mayUseKey,
  policiesOf,
  readBundle,
  readHeader,
} from './certificate.ts';
import { createRevocationCheck } from './check-revocation.ts';
import type { Reader } from './create-edge-adapter.ts';
import { decodeHeader } from './decode-header.ts';
import { isNameOf, typeOf } from './distinguished-name.ts';
import { findChain, hasPolicy } from './find-chain.ts';
import type { Gateway, Spoken } from './gateway.ts';
import type { CardSettings } from './card-settings.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const WARN_DAYS = 30;
const DAY = 86_400_000;
const LONGEST = 500;

/** M40, M41: the gateway has seen the key used; what the certificate is worth is judged here again. */
export function createCardReader(settings: CardSettings, context: AdapterContext): Reader {
  const bundle = readAuthorities(settings, context.source);
  const { revocation, certificate, verdict, subjectHeader } = settings;
  const lists = revocation.by === 'lists' ? createRevocationCheck(revocation, context) : undefined;
  return {
    headers: [certificate.header, verdict?.header, subjectHeader].filter((name) => name !== undefined),
    async read({ headers, signal }, hear) {
      const heard = hearCard(headers, hear, settings);
      if (heard.outcome === 'refused') return heard;
      const { card } = heard;
      const judged = judge(card, { settings, bundle, now: context.now() });
      if (judged.outcome === 'refused') return judged;
      if ((await lists?.isRevoked(judged.chain, signal)) === true) return refused('disabled');
      return identify(card, settings, context);
    },
    health: lists && ((signal) => lists.health(signal)),
  };
}

/** @throws LatchkeyError `config_invalid` */
function readAuthorities(
  { ca, identifier, revocation, verdict }: CardSettings,
  source: string,
): readonly Certificate[] {
  const bundle = readBundle(ca)
    .filter((one) => one !== undefined)
    .filter(isReadable);
  const wrong = (why: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source} ${why}.`);
  if (bundle.length === 0 || bundle.length < readBundle(ca).length) throw wrong('has an authority that cannot be read');
  if (!isIdentifying(identifier)) throw wrong('would know people by a name or an address');
  if (revocation.by === 'gateway' && !verdict) throw wrong('leaves revocation to a gateway that says nothing of it');
  return bundle;
}

type Refused = { readonly outcome: 'refused'; readonly reason: LegacyRefusal };
const no = (reason: LegacyRefusal): Refused => ({ outcome: 'refused', reason });

function hearCard(
  headers: Arrival['headers'],
  hear: Gateway['hear'],
  { certificate, verdict, subjectHeader }: CardSettings,
): Refused | { readonly outcome: 'card'; readonly card: Certificate } {
  const said = hear(headers, certificate.header);
  const found = verdict ? hear(headers, verdict.header) : undefined;
  const subject = subjectHeader === undefined ? undefined : hear(headers, subjectHeader);
  if ([said, found, subject].some((one) => one?.outcome === 'forged')) return no('forged');
  if (verdict && valueOf(found) !== verdict.value) return no(reasonOf(valueOf(found)));
  if (valueOf(said) === '') return no('unsigned');
  const card = readHeader(valueOf(said), certificate.format);
  if (!card) return no('misshapen');
  // Both headers are the gateway's: where they differ, one of them is not.
  if (subject && !isNameOf(decodeHeader(valueOf(subject)) ?? '', card.subject)) return no('forged');
  return { outcome: 'card', card };
}

const valueOf = (said: Spoken | undefined): string => (said?.outcome === 'said' ? said.value : '');

/** What nginx and its like say after `FAILED:`. */
function reasonOf(verdict: string): LegacyRefusal {
  if (/revoked/i.test(verdict)) return 'disabled';
  if (/expired/i.test(verdict)) return 'expired';
  return /^none$/i.test(verdict) || verdict === '' ? 'unsigned' : 'bad-signature';
}

interface Means {
  readonly settings: CardSettings;
  readonly bundle: readonly Certificate[];
  readonly now: Date;
}

type Judged = Refused | { readonly outcome: 'good'; readonly chain: readonly Certificate[] };

function judge(card: Certificate, means: Means): Judged {
  try {
    return check(card, means);
  } catch (error) {
    // An extension that is none: whoever issued it, nothing of it is sure.
    if (error instanceof RangeError) return no('misshapen');
    throw error;
  }
}

/** In this order; the first that is wrong is told to the operator. */
function check(card: Certificate, { settings, bundle, now }: Means): Judged {
  const { x509 } = card;
  if (now > x509.validToDate) return no('expired');
  if (now < x509.validFromDate) return no('stale');
  const chain = findChain(card, bundle, now);
  if (!chain) return no('wrong-issuer');
  const { issuers, policies } = settings;
  if (issuers && !issuers.some((name) => isNameOf(name, card.issuer))) return no('wrong-issuer');
  if (!isForPeople(card, settings)) return no('not-allowed');
  if (policies && !hasPolicy(chain, policies)) return no('level-too-low');
  return { outcome: 'good', chain };
}

/** An authority is nobody, and what signs mail or serves pages does not sign anybody in. */
function isForPeople(card: Certificate, { usages = [CLIENT_AUTH] }: CardSettings): boolean {
  const purposes: readonly string[] = card.x509.keyUsage ?? [];
  const isMeant = usages.some((usage) => purposes.includes(usage)) && mayUseKey(card, KEY_USE.digitalSignature);
  return isMeant && !card.x509.ca && !hasUnknownCritical(card);
}

function identify(card: Certificate, settings: CardSettings, { source, now }: AdapterContext): Answered {
  const accountKey = cardKey(card, settings.identifier);
  if (accountKey === undefined) return refused('identifier-missing');
  const { level, warnings } = readLevel([], { table: [], otherwise: 'Cl.Cm', most: settings.mostLevel ?? 'Cl.Cm' });
  const asOf = card.x509.validFromDate.toISOString();
  return {
    outcome: 'identified',
    identity: {
      accountKey,
      evidence: 'assertion',
      proved: [settings.method === 'M41' ? 'smartcard' : 'certificate'],
      level,
      attributes: readAttributes(card, settings, { from: source, asOf }),
      warnings: [...warningsOf(card, settings, now()), ...warnings],
    },
  };
}

function warningsOf(card: Certificate, settings: CardSettings, now: Date): readonly Warning[] {
  const { identifier, sharedPolicies = [], warnDays = WARN_DAYS } = settings;
  const ends = card.x509.validToDate.getTime() - now.getTime() < warnDays * DAY;
  const isShared = policiesOf(card).some((policy) => sharedPolicies.includes(policy));
  return [
    ...(ends ? (['certificate-expires'] as const) : []),
    ...(identifier.by === 'issuer-serial' ? (['identifier-may-change'] as const) : []),
    ...(isShared ? (['shared-account'] as const) : []),
  ];
}

/** Parts of the subject by name or number, and `rfc822Name`: true when the authority looked, and hints only. */
function readAttributes(
  card: Certificate,
  settings: CardSettings,
  said: Pick<Attribute, 'from' | 'asOf'>,
): readonly Attribute[] {
  return (settings.attributes ?? []).flatMap(({ name, claim, verified }) => {
    const values =
      claim === 'rfc822Name'
        ? mailAddressesOf(card)
        : card.subject.flat().flatMap(({ type, value }) => (type === typeOf(claim) ? [value] : []));
    return values.map((value) => ({
      name,
      value: value.slice(0, LONGEST),
      ...said,
      ...(verified === true && { verified }),
    }));
  });
}
