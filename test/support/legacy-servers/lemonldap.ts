import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { makeAuthority, type Certificate } from './certificates.ts';
import { onFreePorts, startDaemon } from './daemon.ts';
import { PEOPLE } from './people.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface LemonldapOptions {
  /** The URLs of services that may ask for tickets; a ticket is good for exactly the URL it was asked for. */
  readonly casServices?: readonly string[];
  readonly oidcClients?: readonly {
    readonly id: string;
    readonly secret: string;
    readonly redirectUri: string;
    readonly requirePkce?: boolean;
  }[];
}

export interface Lemonldap {
  /** OpenID Connect: discovery is below it. */
  readonly issuer: string;
  /** CAS: `login`, `validate`, `serviceValidate` and `p3/serviceValidate` are below it. */
  readonly casUrl: string;
  /** User names are ASCII here; passwords and names of people need not be. */
  readonly people: typeof PORTAL_PEOPLE;
  stop: () => Promise<void>;
}

const PORTAL_PEOPLE = {
  anna: { ...PEOPLE.anna, fullName: 'Anna Example' },
  zoe: { name: 'zoe', password: PEOPLE.zoe.password, fullName: 'Zoë Exämple' },
} as const;

const STARMAN = ['-s', 'Starman', '-E', 'deployment', '--disable-keepalive'];

/** A LemonLDAP::NG portal as a CAS server and an OpenID Connect issuer. */
export function startLemonldap(options: LemonldapOptions = {}): Promise<Lemonldap> {
  return onFreePorts(() => start(options));
}

async function start(options: LemonldapOptions): Promise<Lemonldap> {
  const folder = await throwawayFolder('lemonldap');
  const inside = (...names: string[]): string => join(folder.path, ...names);
  const authority = await makeAuthority(folder.path, 'authority');
  const signing = await authority.issue({ name: 'signing', use: 'serverAuth', rsa: true });
  const port = await freePort();
  const portal = `http://127.0.0.1:${port}/`;

  for (const name of ['conf', 'cache', 'sessions/lock', 'psessions/lock', 'captcha']) {
    await mkdir(inside(name), { recursive: true });
  }
  await writeFile(
    inside('conf', 'lmConf-1.json'),
    JSON.stringify(configuration(folder.path, portal, signing, options)),
  );
  await writeFile(inside('lemonldap-ng.ini'), settingsFile(folder.path));
  await writeFile(inside('people.json'), JSON.stringify(people()));
  await writeFile(inside('app.psgi'), application(inside('people.json')));

  const daemon = await startDaemon({
    command: 'plackup',
    // Without kept connections: it closes them after a second, just as the next question is on its way.
    args: [...STARMAN, '--workers', '2', '-o', '127.0.0.1', '-p', String(port), 'app.psgi'],
    folder: folder.path,
    env: { LLNG_DEFAULTCONFFILE: inside('lemonldap-ng.ini') },
    isReady: () => answers(`${portal}.well-known/openid-configuration`),
  });
  return {
    issuer: portal,
    casUrl: `${portal}cas/`,
    people: PORTAL_PEOPLE,
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function settingsFile(folder: string): string {
  return `
[all]
logLevel = error
[configuration]
type = File
dirName = ${folder}/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'configuration', 'cache_root' => '${folder}/cache', 'cache_depth' => 1 }
[portal]
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
staticPrefix = /static
[handler]
status = 0
`;
}

/** The portal as it comes, but its demonstration accounts are our people, with passwords of their own. */
function application(peopleFile: string): string {
  return `
use strict;
use warnings;
no warnings qw(once redefine);
use JSON ();
use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::Auth::Demo;
use Lemonldap::NG::Portal::UserDB::Demo;
open my $file, '<', '${peopleFile}' or die $!;
my $people = JSON::decode_json(do { local $/; <$file> });
# As its own backends have them: bytes, not characters.
utf8::encode( $_->{cn} ) for @$people;
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = map { $_->{uid} => $_ } @$people;
%Lemonldap::NG::Portal::UserDB::Demo::demoGroups = ();
BEGIN {
    package NoPictures;
    use Mouse;
    extends 'Lemonldap::NG::Common::Module';
    sub init { 1 }
    $INC{'NoPictures.pm'} = __FILE__;
}
my %password = map { $_->{uid} => delete $_->{password} } @$people;
*Lemonldap::NG::Portal::Auth::Demo::authenticate = sub {
    my ( $self, $req ) = @_;
    my $wanted = $password{ $req->{user} };
    my $typed = $req->data->{password};
    utf8::decode($typed);
    return 0 if defined $wanted && $wanted eq $typed;
    $self->setSecurity($req);
    return Lemonldap::NG::Portal::Main::Constants::PE_BADCREDENTIALS();
};
Lemonldap::NG::Portal::Main->run( {} );
`;
}

function people(): unknown {
  return Object.values(PORTAL_PEOPLE).map(({ name, password, fullName }) => ({
    uid: name,
    password,
    cn: fullName,
    mail: `${name}@legacy.test`,
  }));
}

function configuration(folder: string, portal: string, signing: Certificate, options: LemonldapOptions): unknown {
  const attributes = { uid: 'uid', cn: 'cn', mail: 'mail' };
  const files = (name: string): unknown => ({
    Directory: `${folder}/${name}`,
    LockDirectory: `${folder}/${name}/lock`,
    generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
  });
  const casServices = (options.casServices ?? []).map((url, index) => [`service${index}`, url] as const);
  const clients = (options.oidcClients ?? []).map((client, index) => [`client${index}`, client] as const);
  return {
    cfgNum: 1,
    cfgVersion: '2.16.1',
    cfgDate: 1,
    portal,
    domain: '127.0.0.1',
    cookieName: 'lemonldap',
    securedCookie: 0,
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Null',
    registerDB: 'Null',
    demoExportedVars: attributes,
    whatToTrace: 'uid',
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: files('sessions'),
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: files('psessions'),
    localSessionStorage: 'Cache::FileCache',
    localSessionStorageOptions: { namespace: 'sessions', cache_root: `${folder}/cache`, cache_depth: 1 },
    locationRules: { '127.0.0.1': { default: 'accept' } },
    // Loaded whether used or not, and the usual one wants an image library that is not installed.
    captcha: 'NoPictures',
    // The form's one-time token needs a page of its own first, as for a person in a browser.
    requireToken: 1,
    issuerDBCASActivation: 1,
    casAccessControlPolicy: 'error',
    casStrictMatching: 1,
    casAttr: 'uid',
    casAppMetaDataOptions: Object.fromEntries(
      casServices.map(([key, url]) => [key, { casAppMetaDataOptionsService: url }]),
    ),
    casAppMetaDataExportedVars: Object.fromEntries(casServices.map(([key]) => [key, attributes])),
    issuerDBOpenIDConnectActivation: 1,
    oidcServiceMetaDataIssuer: portal,
    oidcServicePrivateKeySig: signing.key,
    oidcServicePublicKeySig: signing.certificate,
    oidcServiceKeyIdSig: 'signing',
    oidcRPMetaDataOptions: Object.fromEntries(
      clients.map(([key, client]) => [
        key,
        {
          oidcRPMetaDataOptionsClientID: client.id,
          oidcRPMetaDataOptionsClientSecret: client.secret,
          oidcRPMetaDataOptionsRedirectUris: client.redirectUri,
          oidcRPMetaDataOptionsIDTokenSignAlg: 'RS256',
          oidcRPMetaDataOptionsBypassConsent: 1,
          oidcRPMetaDataOptionsRequirePKCE: client.requirePkce === true ? 1 : 0,
          oidcRPMetaDataOptionsUserIDAttr: 'uid',
        },
      ]),
    ),
    oidcRPMetaDataExportedVars: Object.fromEntries(
      clients.map(([key]) => [key, { email: 'mail', name: 'cn', preferred_username: 'uid' }]),
    ),
  };
}
