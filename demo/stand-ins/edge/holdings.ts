import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { type CardAuthority, cardAuthority } from './card-authority.ts';

export type Method = 'M15' | 'M24' | 'M40' | 'M41';

export const CARD_POLICY = '1.3.6.1.4.1.99999.41';
const POLICY_BYTES = Buffer.from('2b06010401868d1f29', 'hex');
/** Serial of a lost card. */
export const REVOKED = 13;

export interface Holding {
  readonly name: string;
  readonly text: string;
  readonly headers: (handle: string) => Promise<Readonly<Record<string, string>>>;
}

const ticket = (name: string, text: string, principal: string): Holding => ({
  name,
  text,
  headers: async () => ({ 'x-remote-user': principal }),
});

const certificate = (name: string, text: string, pem: string): Holding => ({
  name,
  text,
  headers: async () => ({ 'ssl-client-verify': 'SUCCESS', 'ssl-client-cert': encodeURIComponent(pem) }),
});

/** What visitors may say they hold: what lets them in, and what does not. */
export function holdingsOf(authority: CardAuthority, key: string): Readonly<Record<Method, readonly Holding[]>> {
  const token = (name: string, text: string, claims: Readonly<Record<string, string>>): Holding => ({
    name,
    text,
    headers: async (nonce) => ({ 'x-gateway-token': await signed({ nonce, ...claims }, key) }),
  });
  const anna = authority.issue({ person: 'Anna Hughes', serial: 11 });
  const card = authority.issue({ person: 'Anna Hughes', serial: 12, policy: POLICY_BYTES });
  const lost = authority.issue({ person: 'Rita Rees', serial: REVOKED, policy: POLICY_BYTES });
  const foreign = cardAuthority('Another office').issue({ person: 'Anna Hughes', serial: 11 });
  return {
    M15: [
      ticket('anna', 'The ticket of anna', 'anna@OLD.DEMO'),
      ticket('other', 'A ticket of another realm (refused)', 'anna@OTHER.DEMO'),
    ],
    M24: [
      token('anna', 'Anna, who is signed in at the gateway', { sub: 'anna-4711' }),
      token('other', 'A token that was made for another journey (refused)', { sub: 'anna-4711', nonce: 'another' }),
    ],
    M40: [
      certificate('anna', 'Anna’s certificate', anna),
      certificate('lost', 'A certificate that was revoked (refused)', lost),
      certificate('other', 'A certificate of another office (refused)', foreign),
    ],
    M41: [
      certificate('anna', 'Anna’s card', card),
      certificate('soft', 'Anna’s certificate in a file (refused)', anna),
      certificate('lost', 'A lost card (refused)', lost),
    ],
  };
}

const signed = (claims: Readonly<Record<string, string>>, key: string): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer('https://gateway.demo')
    .setAudience('latchkey')
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(createPrivateKey(key));
