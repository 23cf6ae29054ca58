import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { type Html, html } from '../../services/html.ts';
import { type Asked, page, type Reply, startSmallServer } from '../small-server.ts';
import { cardAuthority } from './card-authority.ts';
import { CARD_POLICY, type Holding, holdingsOf, type Method, REVOKED } from './holdings.ts';

interface Common<M extends Method> {
  readonly family: 'edge';
  readonly method: M;
  readonly entryUrl: string;
  readonly peers: { networks: string[]; secret: { header: string; names: string[] } }[];
}

interface Card<M extends Method> extends Common<M> {
  readonly certificate: { header: string; format: 'escaped-pem' };
  readonly verdict: { header: string; value: string };
  readonly ca: string;
  readonly identifier: { by: 'subject-issuer' };
  readonly revocation: { by: 'lists'; urls: string[] };
}

/** For the `adapter` of a source, by method. */
export interface EdgeSettings {
  readonly M15: Common<'M15'> & { principalHeader: string; realms: { realm: string; as: string }[] };
  readonly M24: Common<'M24'> & {
    readonly statement: 'jwt';
    readonly tokenHeader: string;
    readonly issuer: string;
    readonly audience: string;
    readonly algorithms: 'ES256'[];
    readonly keys: { pem: string[] };
    readonly handleClaim: string;
  };
  readonly M40: Card<'M40'>;
  readonly M41: Card<'M41'> & { policies: string[] };
}

export interface EdgeStandIn {
  readonly settings: EdgeSettings;
  /** By the names that the settings use. */
  readonly secrets: Readonly<Record<string, string>>;
  stop: () => Promise<void>;
}

/**
 * A gateway as nginx or Apache would be, that believes whatever its visitor says they hold: one for all four methods.
 * `issuer`: where Latchkey is; it answers under no other name, so that requests go on under that one.
 */
export async function startEdgeStandIn({
  port = 0,
  issuer,
  secret = randomBytes(24).toString('hex'),
  sourceOf = (method) => method.toLowerCase(),
}: {
  port?: number;
  issuer: string;
  secret?: string;
  sourceOf?: (method: Method) => string;
}): Promise<EdgeStandIn> {
  const authority = cardAuthority('Old card office');
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const holdings = holdingsOf(authority, keys.privateKey);
  const server = await startSmallServer(port, async ({ path, query, form, method }: Asked): Promise<Reply> => {
    if (path === '/people.crl') return { type: 'application/pkix-crl', body: pemList(authority.list([REVOKED])) };
    const wanted = METHODS.find((one) => path === `/${one}/enter`);
    if (!wanted) return { status: 404 };
    const handle = (method === 'POST' ? form : query).get('handle') ?? '';
    const held = holdings[wanted].find(({ name }) => name === form.get('held'));
    if (!held) return { body: choicePage(wanted, handle, holdings[wanted]) };
    const url = `/old-sign-in/${sourceOf(wanted)}/enter?handle=${encodeURIComponent(handle)}`;
    const headers = { ...(await held.headers(handle)), 'x-edge-secret': secret };
    return { location: await passOn(new URL(url, issuer), headers) };
  });
  return {
    settings: settingsAt(server.baseUrl, { ca: authority.certificate, key: keys.publicKey }),
    secrets: { 'edge-gateway': secret },
    stop: () => server.stop(),
  };
}

function settingsAt(baseUrl: string, { ca, key }: { readonly ca: string; readonly key: string }): EdgeSettings {
  const common = <M extends Method>(method: M): Common<M> => ({
    family: 'edge',
    method,
    entryUrl: `${baseUrl}/${method}/enter`,
    peers: [{ networks: ['127.0.0.1', '::1'], secret: { header: 'x-edge-secret', names: ['edge-gateway'] } }],
  });
  const card = <M extends Method>(method: M): Card<M> => ({
    ...common(method),
    certificate: { header: 'ssl-client-cert', format: 'escaped-pem' },
    verdict: { header: 'ssl-client-verify', value: 'SUCCESS' },
    ca,
    identifier: { by: 'subject-issuer' },
    revocation: { by: 'lists', urls: [`${baseUrl}/people.crl`] },
  });
  return {
    M15: { ...common('M15'), principalHeader: 'x-remote-user', realms: [{ realm: 'OLD.DEMO', as: 'old.demo' }] },
    M24: {
      ...common('M24'),
      statement: 'jwt',
      tokenHeader: 'x-gateway-token',
      issuer: 'https://gateway.demo',
      audience: 'latchkey',
      algorithms: ['ES256'],
      keys: { pem: [key] },
      handleClaim: 'nonce',
    },
    M40: card('M40'),
    M41: { ...card('M41'), policies: [CARD_POLICY] },
  };
}

const METHODS = ['M15', 'M24', 'M40', 'M41'] as const;

/** As a proxy: the browser's answer is the answer of Latchkey. */
function passOn(url: URL, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers: { ...headers, host: url.host } }, (answer) => {
      answer.resume();
      resolve(answer.headers.location ?? new URL('/', url).href);
    });
    outgoing.on('error', reject).end();
  });
}

const choicePage = (method: Method, handle: string, holdings: readonly Holding[]): string =>
  page(
    TITLES[method],
    html`<form method="post" action="/${method}/enter">
      <input type="hidden" name="handle" value="${handle}" />
      <fieldset>
        <legend>What do you hold?</legend>
        ${holdings.map(
          ({ name, text }, at): Html =>
            html`<p>
              <label><input type="radio" name="held" value="${name}" ${at === 0 && html`checked`} /> ${text}</label>
            </p>`,
        )}
      </fieldset>
      <p><button>Continue</button></p>
    </form>`,
  );

const TITLES = {
  M15: 'Old intranet',
  M24: 'Old gateway',
  M40: 'Old certificate sign-in',
  M41: 'Old card sign-in',
} as const satisfies Record<Method, string>;

const pemList = (der: Buffer): string =>
  `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
