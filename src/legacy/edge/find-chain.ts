import { type Certificate, depthOf, hasUnknownCritical, isInDate, policiesOf } from './certificate.ts';

const MOST_STEPS = 6;
/** MD5, SHA-1: a second certificate with the same signature can be made. */
const BROKEN = new Set([
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
  '1.3.14.3.2.29',
]);
const FEWEST_BITS = 2048;

/**
 * From a person's certificate up to a root of the bundle, itself first; undefined where none leads there. OpenSSL in the
 * gateway has done that before; here it is done for a gateway that has not. @throws RangeError
 */
export function findChain(
  leaf: Certificate,
  bundle: readonly Certificate[],
  now: Date,
): readonly Certificate[] | undefined {
  const climb = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = path.at(-1);
    if (!last || path.length > MOST_STEPS || isWeak(last)) return undefined;
    for (const authority of bundle) {
      if (path.includes(authority) || !mayIssue(authority, path.length - 1, now) || !hasIssued(authority, last))
        continue;
      const longer = [...path, authority];
      if (hasIssued(authority, authority)) return longer;
      const found = climb(longer);
      if (found) return found;
    }
    return undefined;
  };
  return climb([leaf]);
}

/** Names, the use of the authority's key, and its signature. */
const hasIssued = (authority: Certificate, { x509 }: Certificate): boolean =>
  x509.checkIssued(authority.x509) && x509.verify(authority.x509.publicKey);

const mayIssue = (authority: Certificate, below: number, now: Date): boolean =>
  authority.x509.ca && depthOf(authority) >= below && isInDate(authority, now) && !hasUnknownCritical(authority);

function isWeak({ x509 }: Certificate): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = x509.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? FEWEST_BITS;
  return BROKEN.has(x509.signatureAlgorithmOid) || asymmetricKeyType === 'dsa' || bits < FEWEST_BITS;
}

const ANY_POLICY = '2.5.29.32.0';

/** Whether it was issued by one of these policies, by authorities that may issue by it. @throws RangeError */
export function hasPolicy(chain: readonly Certificate[], wanted: readonly string[]): boolean {
  const [leaf, ...authorities] = chain.slice(0, -1).map(policiesOf);
  return wanted.some(
    (policy) =>
      leaf?.includes(policy) === true &&
      authorities.every((policies) => policies.includes(policy) || policies.includes(ANY_POLICY)),
  );
}
