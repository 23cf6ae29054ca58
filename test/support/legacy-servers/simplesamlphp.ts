import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { makeAuthority, type Certificate } from './certificates.ts';
import { listens, onFreePorts, startDaemon } from './daemon.ts';
import { PEOPLE } from './people.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface SamlService {
  readonly entityId: string;
  readonly acsUrl: string;
  /** PEM. Needed for encrypted assertions and for signed requests. */
  readonly certificate?: string;
  readonly encryptAssertions?: boolean;
  readonly signResponse?: boolean;
  readonly signAssertion?: boolean;
  readonly requestsMustBeSigned?: boolean;
  /** How it says that it signed somebody in; and attributes that everybody has, as an identity hub would send them. */
  readonly context?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

export interface FederationService {
  /** The `wtrealm`. */
  readonly realm: string;
  readonly replyUrl: string;
}

export interface Simplesamlphp {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly metadataUrl: string;
  /** WS-Federation's passive endpoint, and who it says it is. */
  readonly federationUrl: string;
  readonly federationIssuer: string;
  /** Signs the responses and assertions of both protocols. */
  readonly signingCertificate: string;
  /** Those with a state of their own are not here: its users file knows no states. */
  readonly people: Pick<typeof PEOPLE, 'anna' | 'zoe'>;
  /** Takes effect with the next request. */
  registerService: (service: SamlService) => Promise<void>;
  registerFederationService: (service: FederationService) => Promise<void>;
  stop: () => Promise<void>;
}

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

/** A SimpleSAMLphp under PHP's own web server: a SAML 2.0 identity provider, and WS-Federation by its adfs module. */
export function startSimplesamlphp(): Promise<Simplesamlphp> {
  return onFreePorts(start);
}

async function start(): Promise<Simplesamlphp> {
  const folder = await throwawayFolder('simplesamlphp');
  const authority = await makeAuthority(folder.path, 'authority');
  const signing = await authority.issue({ name: 'signing', use: 'serverAuth', rsa: true });
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}/`;
  const entityId = `${baseUrl}saml2/idp/metadata.php`;
  const federationIssuer = `${baseUrl}federation`;
  await writeSettings(folder.path, { baseUrl, entityId, federationIssuer, signing });

  const daemon = await startDaemon({
    command: 'php',
    args: ['-S', `127.0.0.1:${port}`, '-t', '/usr/share/simplesamlphp/www'],
    folder: folder.path,
    env: { SIMPLESAMLPHP_CONFIG_DIR: folder.path },
    isReady: () => listens(port),
  });

  const services: Record<string, unknown> = {};
  const federationServices: Record<string, unknown> = {};
  return {
    entityId,
    ssoUrl: `${baseUrl}saml2/idp/SSOService.php`,
    metadataUrl: entityId,
    federationUrl: `${baseUrl}module.php/adfs/idp/prp.php`,
    federationIssuer,
    signingCertificate: signing.certificate,
    people: { anna: PEOPLE.anna, zoe: PEOPLE.zoe },
    async registerService(service) {
      services[service.entityId] = samlService(service);
      await writeJson(folder.path, 'metadata/saml20-sp-remote', services);
    },
    async registerFederationService({ realm, replyUrl }) {
      federationServices[realm] = { prp: replyUrl, 'simplesaml.nameidattribute': 'eduPersonPrincipalName' };
      await writeJson(folder.path, 'metadata/adfs-sp-remote', federationServices);
    },
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

interface Settings {
  readonly baseUrl: string;
  readonly entityId: string;
  readonly federationIssuer: string;
  readonly signing: Certificate;
}

async function writeSettings(folder: string, settings: Settings): Promise<void> {
  for (const name of ['metadata', 'data', 'sessions', 'temporary']) await mkdir(join(folder, name));
  const files: Record<string, [variable: string, content: unknown]> = {
    config: ['config', configuration(folder, settings.baseUrl)],
    authsources: ['config', { people: { 0: 'exampleauth:UserPass', ...users() } }],
    'metadata/saml20-idp-hosted': ['metadata', { [settings.entityId]: samlProvider(settings.signing) }],
    'metadata/saml20-sp-remote': ['metadata', {}],
    'metadata/adfs-idp-hosted': ['metadata', { [settings.federationIssuer]: federationProvider(settings.signing) }],
    'metadata/adfs-sp-remote': ['metadata', {}],
  };
  for (const [name, [variable, content]] of Object.entries(files)) {
    await writeJson(folder, name, content);
    // PHP keeps what it has compiled for a while; a file that it reads as data is always fresh.
    const read = `json_decode(file_get_contents('${join(folder, name)}.json'), true)`;
    await writeFile(join(folder, `${name}.php`), `<?php\n$${variable} = ${read};\n`);
  }
}

function writeJson(folder: string, name: string, content: unknown): Promise<void> {
  return writeFile(join(folder, `${name}.json`), JSON.stringify(content));
}

function configuration(folder: string, baseUrl: string): unknown {
  return {
    baseurlpath: baseUrl,
    certdir: `${folder}/`,
    loggingdir: `${folder}/`,
    datadir: `${folder}/data/`,
    tempdir: `${folder}/temporary`,
    metadatadir: `${folder}/metadata/`,
    secretsalt: randomBytes(24).toString('hex'),
    'auth.adminpassword': randomBytes(24).toString('hex'),
    'admin.checkforupdates': false,
    timezone: 'UTC',
    'logging.handler': 'errorlog',
    'enable.saml20-idp': true,
    'enable.adfs-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true, adfs: true },
    'store.type': 'phpsession',
    'session.phpsession.savepath': `${folder}/sessions`,
    'session.cookie.secure': false,
    'language.default': 'en',
    'metadata.sources': [{ type: 'flatfile' }],
    'trusted.url.domains': null,
  };
}

function users(): Record<string, unknown> {
  const attributes = (uid: string, ascii: string): unknown => ({
    uid: [uid],
    cn: [`${uid} of the old university`],
    mail: [`${ascii}@legacy.test`],
    eduPersonAffiliation: ['member', 'student'],
    eduPersonScopedAffiliation: ['member@legacy.test', 'student@legacy.test'],
    eduPersonPrincipalName: [`${ascii}@legacy.test`],
  });
  return {
    [`${PEOPLE.anna.name}:${PEOPLE.anna.password}`]: attributes(PEOPLE.anna.name, 'anna'),
    [`${PEOPLE.zoe.name}:${PEOPLE.zoe.password}`]: attributes(PEOPLE.zoe.name, 'zoe'),
  };
}

function samlProvider(signing: Certificate): unknown {
  return {
    host: '__DEFAULT__',
    privatekey: signing.keyFile,
    certificate: signing.certificateFile,
    auth: 'people',
    'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    scope: ['legacy.test'],
    authproc: {
      3: { class: 'saml:PersistentNameID', attribute: 'uid' },
      // The names that federations use on the wire: urn:oid:… for each attribute.
      50: { class: 'core:AttributeMap', ...OIDS },
    },
    'attributes.NameFormat': 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
  };
}

const OIDS = {
  uid: 'urn:oid:0.9.2342.19200300.100.1.1',
  cn: 'urn:oid:2.5.4.3',
  mail: 'urn:oid:0.9.2342.19200300.100.1.3',
  eduPersonAffiliation: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.1',
  eduPersonScopedAffiliation: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.9',
  eduPersonPrincipalName: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
};

function federationProvider(signing: Certificate): unknown {
  return {
    host: '__DEFAULT__',
    privatekey: signing.keyFile,
    certificate: signing.certificateFile,
    auth: 'people',
    authproc: { 50: { class: 'core:AttributeMap', mail: `${CLAIMS}/emailaddress`, uid: `${CLAIMS}/name` } },
  };
}

function samlService(service: SamlService): unknown {
  // SimpleSAMLphp wants the bare base64 of the certificate.
  const certData = service.certificate?.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  return {
    AssertionConsumerService: service.acsUrl,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'saml20.sign.response': service.signResponse ?? true,
    'saml20.sign.assertion': service.signAssertion ?? true,
    'assertion.encryption': service.encryptAssertions ?? false,
    'validate.authnrequest': service.requestsMustBeSigned ?? false,
    authproc: {
      ...(service.context !== undefined && {
        60: { class: 'saml:AuthnContextClassRef', AuthnContextClassRef: service.context },
      }),
      ...(service.attributes && { 61: { class: 'core:AttributeAdd', ...service.attributes } }),
    },
    ...(certData === undefined ? {} : { certData }),
  };
}
