import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { makeAuthority, type Authority, type Certificate, type CertificateRequest } from './certificates.ts';
import { listens, onFreePorts, startDaemon } from './daemon.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface NginxEdgeOptions {
  /** Where requests go on: `http://127.0.0.1:1234`, or https. */
  readonly upstream: string;
  /** Under what name requests go on; left out: under that by which nginx was asked. */
  readonly host?: string;
  /** Sends requests on, and says why it failed, even where the person's certificate is not good; else they end in 400. */
  readonly forwardFailures?: boolean;
}

export interface NginxEdge {
  readonly url: string;
  /** Signed the certificate that nginx shows to browsers. */
  readonly caFile: string;
  readonly ca: string;
  /** What nginx shows to an upstream of https. */
  readonly edgeCertificate: Certificate;
  /** What nginx says to its upstream in `x-edge-secret`. */
  readonly edgeSecret: string;
  /** Signed the certificates of people. */
  readonly peopleCa: string;
  readonly peopleCrlFile: string;
  /** `carl` has a card, as its policy says. */
  readonly people: Record<'anna' | 'zoe' | 'carl' | 'revoked' | 'expired' | 'otherAuthority', Certificate>;
  stop: () => Promise<void>;
}

export const CARD_POLICY = '1.3.6.1.4.1.99999.41';
const SECRET = 'edge-secret-of-the-tests';

/**
 * An nginx that asks people for a certificate and tells its upstream about it: `ssl-client-verify`, `ssl-client-cert`
 * (PEM, percent-encoded) and `ssl-client-subject`.
 */
export function startNginxEdge(options: NginxEdgeOptions): Promise<NginxEdge> {
  return onFreePorts(() => start(options));
}

async function start(options: NginxEdgeOptions): Promise<NginxEdge> {
  const folder = await throwawayFolder('nginx');
  const [servers, staff] = await Promise.all([
    makeAuthority(folder.path, 'servers'),
    makeAuthority(folder.path, 'staff'),
  ]);
  const alternativeNames = 'IP:127.0.0.1,DNS:localhost';
  const server = await servers.issue({ name: 'server', alternativeNames, use: 'serverAuth' });
  const edgeCertificate = await servers.issue({ name: 'edge', use: 'clientAuth' });
  const people = await issueCards(folder.path, staff);
  const port = await freePort();

  await mkdir(join(folder.path, 'temporary'));
  const files = { server, edgeCertificate, servers, staff };
  await writeFile(join(folder.path, 'nginx.conf'), configuration(folder.path, port, options, files));
  const daemon = await startDaemon({
    command: 'nginx',
    args: ['-p', folder.path, '-c', join(folder.path, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
    folder: folder.path,
    isReady: () => listens(port),
  });
  return {
    url: `https://127.0.0.1:${port}`,
    caFile: servers.caFile,
    ca: servers.ca,
    edgeCertificate,
    edgeSecret: SECRET,
    peopleCa: staff.ca,
    peopleCrlFile: staff.crlFile,
    people,
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

async function issueCards(folder: string, staff: Authority): Promise<NginxEdge['people']> {
  const other = await makeAuthority(folder, 'other-authority');
  const card = (
    authority: Authority,
    name: string,
    person: string,
    more: Pick<CertificateRequest, 'expired' | 'extensions'> = {},
  ): Promise<Certificate> =>
    authority.issue({
      ...more,
      name,
      subject: `/C=GB/O=Department of Old Cards/OU=staff/CN=${person}`,
      // As on a card for Windows: the address, and the principal name under Microsoft's own number.
      alternativeNames: `email:${name}@legacy.test,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:${name}@legacy.test`,
      use: 'clientAuth',
    });
  const anna = await card(staff, 'anna', 'Anna Example');
  const zoe = await card(staff, 'zoe', 'Zoë Exämple');
  const revoked = await card(staff, 'revoked', 'Rita Revoked');
  const expired = await card(staff, 'expired', 'Ed Expired', { expired: true });
  const carl = await card(staff, 'carl', 'Carl Card', { extensions: [`certificatePolicies = ${CARD_POLICY}`] });
  const otherAuthority = await card(other, 'anna', 'Anna Example');
  await staff.revoke(revoked);
  return { anna, zoe, carl, revoked, expired, otherAuthority };
}

interface Files {
  readonly server: Certificate;
  readonly edgeCertificate: Certificate;
  readonly servers: Authority;
  readonly staff: Authority;
}

function configuration(folder: string, port: number, options: NginxEdgeOptions, files: Files): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
events {
}
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/temporary/${name};`).join('\n  ')}
  access_log off;
  # A certificate of a person with a long chain, escaped, is a long header.
  proxy_buffer_size 32k;
  proxy_buffers 4 32k;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${files.server.certificateFile};
    ssl_certificate_key ${files.server.keyFile};
    ssl_verify_client optional;
    ssl_verify_depth 2;
    ssl_client_certificate ${files.staff.caFile};
    ssl_crl ${files.staff.crlFile};
    ${options.forwardFailures === true ? 'error_page 495 496 = @upstream;' : ''}
    location / {
      ${proxy(options, files)}
    }
    location @upstream {
      ${proxy(options, files)}
    }
  }
}
`;
}

function proxy({ upstream, host }: NginxEdgeOptions, { edgeCertificate }: Files): string {
  return `
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_set_header host ${host ?? '$http_host'};
      proxy_set_header x-forwarded-for $remote_addr;
      proxy_set_header x-forwarded-proto https;
      proxy_set_header x-edge-secret ${SECRET};
      proxy_set_header ssl-client-verify $ssl_client_verify;
      proxy_set_header ssl-client-cert $ssl_client_escaped_cert;
      proxy_set_header ssl-client-subject $ssl_client_s_dn;
      proxy_ssl_certificate ${edgeCertificate.certificateFile};
      proxy_ssl_certificate_key ${edgeCertificate.keyFile};
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;`;
}
