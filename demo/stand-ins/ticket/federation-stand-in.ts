import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Asked,
  handOverPage,
  isAnna,
  isOnThisMachine,
  type Reply,
  signInPage,
  startSmallServer,
} from '../small-server.ts';
import { makeTokenResponse, signToken } from './make-token.ts';

export interface FederationStandIn {
  /** For the `adapter` of a source. */
  readonly settings: {
    readonly family: 'ticket';
    readonly method: 'M19';
    readonly passiveUrl: string;
    readonly issuer: string;
    readonly realm: string;
    readonly certificates: string[];
    readonly identifier: { readonly claim: string };
    readonly attributes: { readonly name: 'name'; readonly claim: string }[];
  };
  stop: () => Promise<void>;
}

const TITLE = 'Old staff directory';
const REALM = 'urn:latchkey:demo';
const IMMUTABLE_ID = 'http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID';
const NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';

/** A WS-Federation server that knows one person, as AD FS would be in front of a directory (M19). */
export async function startFederationStandIn({ port = 0 }: { port?: number } = {}): Promise<FederationStandIn> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const signIn = ({ form }: Asked): Reply => {
    const { wreply = '', wctx = '' } = Object.fromEntries(form);
    if (!isOnThisMachine(wreply)) return { status: 400 };
    if (!isAnna(form)) return signInPage(TITLE, { wreply, wctx }, true);
    const response = makeTokenResponse({
      issuer: server.baseUrl,
      realm: REALM,
      method: 'urn:oasis:names:tc:SAML:1.0:am:password',
      nameId: { format: 'http://schemas.xmlsoap.org/claims/UPN', value: 'anna@staff.demo' },
      claims: { [IMMUTABLE_ID]: 'kDSxU2lzQkGqYHz1pYvM0w==', [NAME]: 'Anna Hughes' },
      now: new Date(),
    });
    return handOverPage(TITLE, wreply, { wa: 'wsignin1.0', wresult: signToken(response, privateKey), wctx });
  };
  const server = await startSmallServer(port, (asked) => {
    if (asked.path === '/sign-in') return signIn(asked);
    const { wa, wtrealm, wreply = '', wctx = '' } = Object.fromEntries(asked.query);
    if (asked.path !== '/adfs/ls') return { status: 404 };
    if (wa === undefined) return { body: TITLE };
    const isKnown = wa === 'wsignin1.0' && wtrealm === REALM && isOnThisMachine(wreply);
    return isKnown ? signInPage(TITLE, { wreply, wctx }) : { status: 400 };
  });
  return {
    settings: {
      family: 'ticket',
      method: 'M19',
      passiveUrl: `${server.baseUrl}/adfs/ls`,
      issuer: server.baseUrl,
      realm: REALM,
      certificates: [publicKey],
      identifier: { claim: IMMUTABLE_ID },
      attributes: [{ name: 'name', claim: NAME }],
    },
    stop: () => server.stop(),
  };
}
