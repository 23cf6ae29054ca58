import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needTool } from './run-tool.ts';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** File name, and common name unless `subject` says otherwise. */
  readonly name: string;
  /** As openssl writes it: `/C=GB/O=Department/CN=Anna`. */
  readonly subject?: string;
  /** As openssl writes it: `IP:127.0.0.1,DNS:localhost`. */
  readonly alternativeNames?: string;
  readonly use: 'serverAuth' | 'clientAuth';
  /** More of them, as openssl writes them: `certificatePolicies = 1.2.3`. */
  readonly extensions?: readonly string[];
  /** Its time is over already. */
  readonly expired?: boolean;
  /** XML signature libraries of old want RSA; everything else gets a P-256 key. */
  readonly rsa?: boolean;
}

/** A certification authority that lives in a folder and is trusted by nobody else. */
export interface Authority {
  readonly caFile: string;
  readonly ca: string;
  readonly crlFile: string;
  issue: (request: CertificateRequest) => Promise<Certificate>;
  /** Writes the revocation into `crlFile`. */
  revoke: (certificate: Certificate) => Promise<void>;
}

const CONFIGURATION = `
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = issued
certificate = ca.pem
private_key = ca.key
rand_serial = yes
default_md = sha256
default_days = 2
default_crl_days = 2
policy = anything
unique_subject = no
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
serialNumber = optional
emailAddress = optional
[req]
distinguished_name = nothing
[nothing]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
`;

export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const home = join(folder, name);
  await mkdir(join(home, 'issued'), { recursive: true });
  await writeFile(join(home, 'index.txt'), '');
  await writeFile(join(home, 'openssl.cnf'), CONFIGURATION);
  const openssl = (...args: string[]): Promise<string> => needTool('openssl', args, { cwd: home });
  const self = [
    '-x509',
    '-extensions',
    'root',
    '-days',
    '2',
    '-out',
    'ca.pem',
    '-subj',
    `/O=Latchkey tests/CN=${name}`,
  ];
  await openssl('req', '-config', 'openssl.cnf', '-utf8', '-nodes', ...EC_KEY, '-keyout', 'ca.key', ...self);
  const writeCrl = (): Promise<string> => openssl('ca', '-config', 'openssl.cnf', '-gencrl', '-out', 'crl.pem');
  await writeCrl();

  return {
    caFile: join(home, 'ca.pem'),
    ca: await readFile(join(home, 'ca.pem'), 'utf8'),
    crlFile: join(home, 'crl.pem'),
    issue: (request) => issue(home, request, openssl),
    async revoke(certificate) {
      await openssl('ca', '-config', 'openssl.cnf', '-revoke', certificate.certificateFile);
      await writeCrl();
    },
  };
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

async function issue(
  home: string,
  request: CertificateRequest,
  openssl: (...args: string[]) => Promise<string>,
): Promise<Certificate> {
  const { name } = request;
  const extensions = [
    'basicConstraints = critical,CA:false',
    `keyUsage = critical,digitalSignature${request.rsa === true ? ',keyEncipherment' : ''}`,
    `extendedKeyUsage = ${request.use}`,
    ...(request.alternativeNames === undefined ? [] : [`subjectAltName = ${request.alternativeNames}`]),
    ...(request.extensions ?? []),
  ];
  await writeFile(join(home, `${name}.ext`), `${extensions.join('\n')}\n`);
  const key = request.rsa === true ? ['-newkey', 'rsa:2048'] : EC_KEY;
  const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', request.subject ?? `/CN=${name}`];
  await openssl('req', '-config', 'openssl.cnf', '-utf8', '-new', '-nodes', ...key, ...files);
  const past = request.expired === true ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : [];
  const sign = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, ...past];
  await openssl('ca', '-config', 'openssl.cnf', '-utf8', '-batch', '-notext', ...sign);

  const certificateFile = join(home, `${name}.pem`);
  const keyFile = join(home, `${name}.key`);
  const [certificate, privateKey] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { certificateFile, keyFile, certificate, key: privateKey };
}
