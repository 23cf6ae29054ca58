import { randomBytes } from 'node:crypto';
import { type Html, html as xml } from '../../services/html.ts';
import { type Asked, isAnna, isOnThisMachine, type Reply, signInPage, startSmallServer } from '../small-server.ts';

export interface CasStandIn {
  /** For the `adapter` of a source. */
  readonly settings: {
    readonly family: 'ticket';
    readonly method: 'M23';
    readonly baseUrl: string;
    readonly identifier: { readonly claim: string };
    readonly attributes: { readonly name: 'name'; readonly claim: string }[];
  };
  stop: () => Promise<void>;
}

const TITLE = 'Old college';

/** A server of CAS 3 that knows one person (M23). Nobody stays signed in: each ticket needs a password. */
export async function startCasStandIn({ port = 0 }: { port?: number } = {}): Promise<CasStandIn> {
  const tickets = new Map<string, string>();

  const signIn = ({ form }: Asked): Reply => {
    const service = form.get('service') ?? '';
    if (!isOnThisMachine(service)) return { status: 400 };
    if (!isAnna(form)) return signInPage(TITLE, { service }, true);
    const ticket = `ST-${randomBytes(24).toString('hex')}`;
    tickets.set(ticket, service);
    const url = new URL(service);
    url.searchParams.set('ticket', ticket);
    return { location: url.href };
  };

  const validate = ({ query }: Asked): Reply => {
    const ticket = query.get('ticket') ?? '';
    const service = tickets.get(ticket);
    tickets.delete(ticket);
    if (service === undefined) return failure('INVALID_TICKET');
    return service === query.get('service') ? success : failure('INVALID_SERVICE');
  };

  const server = await startSmallServer(port, (asked) => {
    const service = asked.query.get('service');
    if (asked.path === '/cas/login') return service === null ? { body: TITLE } : signInPage(TITLE, { service });
    if (asked.path === '/sign-in') return signIn(asked);
    return asked.path === '/cas/p3/serviceValidate' ? validate(asked) : { status: 404 };
  });
  return {
    settings: {
      family: 'ticket',
      method: 'M23',
      baseUrl: `${server.baseUrl}/cas`,
      identifier: { claim: 'studentNumber' },
      attributes: [{ name: 'name', claim: 'displayName' }],
    },
    stop: () => server.stop(),
  };
}

const answer = (content: Html): Reply => ({
  type: 'application/xml; charset=utf-8',
  body: xml`<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">${content}</cas:serviceResponse>`.html,
});

const failure = (code: string): Reply =>
  answer(xml`<cas:authenticationFailure code="${code}">No.</cas:authenticationFailure>`);

const success = answer(xml`<cas:authenticationSuccess>
  <cas:user>anna</cas:user>
  <cas:attributes>
    <cas:isFromNewLogin>true</cas:isFromNewLogin>
    <cas:studentNumber>1984-0229</cas:studentNumber>
    <cas:displayName>Anna Hughes</cas:displayName>
  </cas:attributes>
</cas:authenticationSuccess>`);
