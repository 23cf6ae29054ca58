import type { DemoMethod } from './demo-method.ts';

const TELL = 'On the page of the old system: user name anna, her usual password.';

type Redirected = Pick<DemoMethod, 'id' | 'method' | 'family' | 'level' | 'name' | 'adapter'>;

const methods: readonly Redirected[] = [
  {
    id: 'M17',
    method: 'SAML hub with a matching data set, encrypted',
    family: 'F5 saml',
    level: 'Cl.Cm',
    name: { en: 'Identity Hub', cy: 'Hwb Hunaniaeth' },
    adapter: ({ hub }) => hub.settings,
  },
  {
    id: 'M18',
    method: 'Shibboleth and eduGAIN (SAML)',
    family: 'F5 saml',
    level: 'Cl',
    name: { en: 'University', cy: 'Prifysgol' },
    adapter: ({ university }) => university.settings,
  },
  {
    id: 'M19',
    method: 'WS-Federation (as AD FS)',
    family: 'F7 ticket',
    level: 'Cl',
    name: { en: 'Staff Intranet', cy: 'Mewnrwyd Staff' },
    adapter: ({ federation }) => federation.settings,
  },
  {
    id: 'M20',
    method: 'OpenID Connect issuer',
    family: 'F6 oidc',
    level: 'Cl',
    name: { en: 'Health Login', cy: 'Mewngofnodi Iechyd' },
    adapter: ({ issuer }) => ({
      family: 'oidc',
      method: 'M20',
      issuer: issuer.issuer,
      clientId: issuer.clientId,
      authentication: { kind: 'client_secret_post', secret: 'partner-secret' },
      levels: [{ context: 'password', level: 'Cl' }],
      attributes: [{ name: 'name', claim: 'name' }],
    }),
  },
  {
    id: 'M21',
    method: 'OAuth 2 and a profile call',
    family: 'F6 oidc',
    level: 'Cl',
    name: { en: 'Social Sign-in', cy: 'Mewngofnodi Cymdeithasol' },
    adapter: ({ social: { baseUrl, clientId } }) => ({
      family: 'oidc',
      method: 'M21',
      clientId,
      authorizationUrl: `${baseUrl}/authorize`,
      tokenUrl: `${baseUrl}/token`,
      secret: 'partner-secret',
      audience: { url: `${baseUrl}/introspect`, clientPath: 'client_id' },
      profileUrl: `${baseUrl}/profile`,
      identifierPath: 'id',
      attributes: [{ name: 'name', claim: 'name' }],
    }),
  },
  {
    id: 'M22',
    method: 'OAuth 1.0a',
    family: 'F6 oidc',
    level: 'Cl',
    name: { en: 'Photo Archive', cy: 'Archif Luniau' },
    adapter: ({ social: { baseUrl, clientId } }) => ({
      family: 'oidc',
      method: 'M22',
      clientId,
      secret: 'partner-secret',
      requestTokenUrl: `${baseUrl}/oauth1/request-token`,
      authorizationUrl: `${baseUrl}/authorize`,
      accessTokenUrl: `${baseUrl}/oauth1/access-token`,
      profileUrl: `${baseUrl}/profile`,
      identifierPath: 'id',
    }),
  },
  {
    id: 'M23',
    method: 'CAS ticket',
    family: 'F7 ticket',
    level: 'Cl',
    name: { en: 'College', cy: 'Coleg' },
    adapter: ({ cas }) => cas.settings,
  },
];

/** M17 to M23: the browser goes to the old system and comes back with a signed statement. */
export const redirected: readonly DemoMethod[] = methods.map((method) => ({
  ...method,
  tell: TELL,
  proofs: ['redirect-assertion'],
}));
