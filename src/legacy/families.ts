import { type Static, Type } from 'typebox';
import type { AdapterContext, Family, LegacyAdapter } from './adapter.ts';
import { CodeSettings } from './code/settings.ts';
import { EdgeSettings } from './edge/settings.ts';
import { HttpSettings } from './http/settings.ts';
import { SamlSettings } from './saml/settings.ts';
import { TicketSettings } from './ticket/settings.ts';
import { LdapSettings } from './ldap/settings.ts';
import { RadiusSettings } from './radius/settings.ts';
import { KnowledgeSettings } from './knowledge/settings.ts';
import { OidcSettings } from './openid/settings.ts';
import { OtpSettings } from './otp/settings.ts';

/** The settings of every family: what `adapter` in a file of `config/sources` may say. */
export const AdapterSettings = Type.Union([
  HttpSettings,
  SamlSettings,
  TicketSettings,
  LdapSettings,
  RadiusSettings,
  KnowledgeSettings,
  CodeSettings,
  OtpSettings,
  OidcSettings,
  EdgeSettings,
]);
export type AdapterSettings = Static<typeof AdapterSettings>;

/**
 * Who answers, and to what. `password`: the old system, to a name and a password typed on our page, at once. `rounds`: it may
 * ask for more first. `sent`: browsers are sent to it. `export`: only what it exported is looked at.
 */
type AnsweredBy = 'password' | 'rounds' | 'sent' | 'export';

const ANSWERED_BY = {
  http: 'password',
  ldap: 'password',
  radius: 'rounds',
  saml: 'sent',
  oidc: 'sent',
  ticket: 'sent',
  edge: 'sent',
  knowledge: 'export',
  code: 'export',
  otp: 'export',
} as const satisfies Record<Family, AnsweredBy>;

/** Whether an old system has to run for this adapter to work, and how it is asked. */
export const answeredBy = ({ family, method }: AdapterSettings): AnsweredBy =>
  method === 'M12' ? 'rounds' : ANSWERED_BY[family];

/**
 * Makes the adapter of a source. A family's code is loaded when its first source is asked: a process that has none of
 * them does not pay for their libraries.
 */
export async function createAdapter(settings: AdapterSettings, context: AdapterContext): Promise<LegacyAdapter> {
  switch (settings.family) {
    case 'http':
      return (await import('./http/create-http-adapter.ts')).createHttpAdapter(settings, context);
    case 'ldap':
      return (await import('./ldap/create-ldap-adapter.ts')).createLdapAdapter(settings, context);
    case 'saml':
      return (await import('./saml/create-saml-adapter.ts')).createSamlAdapter(settings, context);
    case 'ticket':
      return (await import('./ticket/create-ticket-adapter.ts')).createTicketAdapter(settings, context);
    case 'knowledge':
      return (await import('./knowledge/create-knowledge-adapter.ts')).createKnowledgeAdapter(settings, context);
    case 'code':
      return (await import('./code/create-code-adapter.ts')).createCodeAdapter(settings, context);
    case 'otp':
      return (await import('./otp/create-otp-adapter.ts')).createOtpAdapter(settings, context);
    case 'oidc':
      return (await import('./openid/create-oidc-adapter.ts')).createOidcAdapter(settings, context);
    case 'edge':
      return (await import('./edge/create-edge-adapter.ts')).createEdgeAdapter(settings, context);
    case 'radius':
      return (await import('./radius/create-radius-adapter.ts')).createRadiusAdapter(settings, context);
    default:
      throw new Error('no such family');
  }
}
