import type { AdapterSettings } from '../../../src/legacy/index.ts';

// `adapter` of a definition, one for each stand-in of this folder.

type Http = Extract<AdapterSettings, { family: 'http' }>;
type Rest = Exclude<Extract<Http, { method: 'M09' }>, { grant: 'password' }>;
type Soap = Exclude<Extract<Http, { method: 'M10' }>, { envelope: 'govtalk' }>;
type FormPage = Extract<Http, { method: 'M11' }>;
type Gateway = Extract<Http, { method: 'M12' }>;

export const restSettings = (baseUrl: string): Rest => ({
  family: 'http',
  method: 'M09',
  url: `${baseUrl}/log-in`,
  question: { as: 'json', body: { login: '{login}', password: '{password}' } },
  success: [{ status: [200], path: 'result', equals: 'ok' }],
  refusals: [
    { status: [401], path: 'error', equals: 'wrong', as: 'wrong-secret' },
    { path: 'error', equals: 'closed', as: 'disabled' },
    { path: 'error', equals: 'locked', as: 'locked' },
    { path: 'error', equals: 'expired', as: 'expired' },
    { path: 'error', equals: 'new-password', as: 'must-change-password' },
  ],
  key: { path: 'person.id' },
  attributes: [
    { name: 'name', path: 'person.name' },
    { name: 'email', path: 'person.email' },
  ],
  asOfPath: 'asOf',
});

export const soapSettings = (baseUrl: string): Soap => ({
  family: 'http',
  method: 'M10',
  url: `${baseUrl}/soap`,
  envelope: 'soap-1.1',
  action: 'urn:old:people#LogIn',
  token: { of: 'person', password: 'digest' },
  body: '<o:LogIn xmlns:o="urn:old:people"/>',
  namespaces: { o: 'urn:old:people' },
  success: [{ path: 'o:LogInResponse/o:Result/@state', equals: 'ok' }],
  refusals: [
    { path: 'soap:Fault/faultcode', contains: 'FailedAuthentication', as: 'wrong-secret' },
    { path: 'o:LogInResponse/o:Result/@state', equals: 'closed', as: 'disabled' },
    { path: 'o:LogInResponse/o:Result/@state', equals: 'locked', as: 'locked' },
    { path: 'o:LogInResponse/o:Result/@state', equals: 'expired', as: 'expired' },
    { path: 'o:LogInResponse/o:Result/@state', equals: 'new-password', as: 'must-change-password' },
  ],
  key: { path: 'o:LogInResponse/o:Result/o:Number' },
  attributes: [{ name: 'name', path: 'o:LogInResponse/o:Result/o:Name' }],
});

export const formSettings = (baseUrl: string): FormPage => ({
  family: 'http',
  method: 'M11',
  pageUrl: `${baseUrl}/sign-in`,
  form: {
    action: '/sign-in',
    fields: ['csrf', 'user', 'pass', 'go'],
    shape: 'sha256:U2Ops9ShQlmxDVssbqZrNnDfQwcCpUiG2vURCWq91Cc',
    login: 'user',
    password: 'pass',
  },
  success: { redirectTo: '/account', elementId: 'member-number' },
  refusals: [
    { text: 'The user name or password is not right', as: 'wrong-secret' },
    { text: 'This account is closed', as: 'disabled' },
    { redirectTo: '/locked', as: 'locked' },
  ],
  key: { pageUrl: `${baseUrl}/account`, elementId: 'member-number' },
});

export const gatewaySettings = (baseUrl: string): Gateway => ({
  family: 'http',
  method: 'M12',
  url: `${baseUrl}/sign-in`,
  question: { as: 'json', body: { userId: '{login}', password: '{password}' } },
  success: [{ path: 'next', equals: 'none' }],
  refusals: [
    { path: 'error', equals: 'wrong', as: 'wrong-secret' },
    { path: 'error', equals: 'closed', as: 'disabled' },
  ],
  key: { path: 'credentialId' },
  attributes: [
    { name: 'name', path: 'name' },
    { name: 'affiliation', path: 'affinity' },
  ],
  warnings: [{ path: 'affinity', equals: 'Agent', as: 'acts-for-others' }],
  code: {
    when: [{ path: 'next', equals: 'access-code' }],
    sessionPath: 'session',
    url: `${baseUrl}/code`,
    question: { as: 'json', body: { session: '{session}', code: '{code}' } },
    success: [{ path: 'next', equals: 'none' }],
    refusals: [{ path: 'error', equals: 'expired', as: 'expired' }],
    wrong: [{ path: 'error', equals: 'wrong-code' }],
  },
});
