import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKerberosEdge, type KerberosEdge } from '../support/legacy-servers/kerberos-edge.ts';
import { startNginxEdge, type NginxEdge } from '../support/legacy-servers/nginx-edge.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { runTool } from '../support/legacy-servers/run-tool.ts';

// Behind both edges stands a service that shows the headers it was sent.
let upstream: Server;
let upstreamUrl: string;
beforeAll(async () => {
  upstream = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const address = upstream.address();
  upstreamUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => upstream.close());

describe('nginx with client certificates', () => {
  let server: NginxEdge;
  beforeAll(async () => {
    server = await startNginxEdge({ upstream: upstreamUrl, forwardFailures: true });
  });
  afterAll(() => server.stop());

  const get = async (person?: keyof NginxEdge['people']): Promise<unknown> => {
    const card = person && server.people[person];
    const shown = card ? ['--cert', card.certificateFile, '--key', card.keyFile] : [];
    // What a citizen claims by themselves must not reach the service.
    const forged = ['-H', 'ssl-client-verify: SUCCESS', '-H', 'ssl-client-cert: forged'];
    const { output } = await runTool('curl', ['-s', '--cacert', server.caFile, ...shown, ...forged, server.url]);
    return JSON.parse(output);
  };

  it('names anna to its upstream', async () => {
    expect(await get('anna')).toMatchObject({
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-cert': encodeURIComponent(server.people.anna.certificate),
      'ssl-client-subject': 'CN=Anna Example,OU=staff,O=Department of Old Cards,C=GB',
      'x-edge-secret': server.edgeSecret,
    });
  });

  it.each([
    ['revoked', 'FAILED:certificate revoked'],
    ['expired', 'FAILED:certificate has expired'],
    ['otherAuthority', 'FAILED:unable to verify the first certificate'],
    [undefined, 'NONE'],
  ] as const)('says of %s: %s', async (person, verdict) => {
    expect(await get(person)).toMatchObject({ 'ssl-client-verify': verdict });
  });
});

describe('apache with kerberos', () => {
  let server: KerberosEdge;
  beforeAll(async () => {
    server = await startKerberosEdge({ upstream: upstreamUrl });
  });
  afterAll(() => server.stop());

  const get = async (env: Record<string, string>): Promise<string> => {
    const { output } = await runTool('curl', ['-s', '--negotiate', '-u', ':', '-H', 'X-Remote-User: eve', server.url], {
      env,
    });
    return output;
  };

  it('names anna to its upstream by her ticket', async () => {
    const { ok, env } = await server.signIn(server.people.anna);
    expect(ok).toBe(true);
    expect(JSON.parse(await get(env))).toMatchObject({
      'x-remote-user': `anna@${server.realm}`,
      'x-edge-secret': server.edgeSecret,
    });
  });

  it('lets nobody through without a ticket', async () => {
    const { ok, env } = await server.signIn({ name: 'anna', password: 'wrong' });
    expect(ok).toBe(false);
    expect(await get(env)).toContain('401 Unauthorized');
  });

  it.each([
    ['disabled-dan', 'credentials have been revoked'],
    ['expired-ed', 'Password expired'],
  ])('gives %s no ticket: %s', async (name, said) => {
    expect((await server.signIn({ name, password: PASSWORD })).output).toContain(said);
  });
});
