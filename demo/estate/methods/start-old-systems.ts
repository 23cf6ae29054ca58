import { type EdgeStandIn, startEdgeStandIn } from '../../stand-ins/edge/edge-stand-in.ts';
import { type FormStandIn, startFormStandIn } from '../../stand-ins/http/form-stand-in.ts';
import { type GatewayStandIn, startGatewayStandIn } from '../../stand-ins/http/gateway-stand-in.ts';
import { type RestStandIn, startRestStandIn } from '../../stand-ins/http/rest-stand-in.ts';
import { type SoapStandIn, startSoapStandIn } from '../../stand-ins/http/soap-stand-in.ts';
import { type LdapStandIn, startLdapStandIn } from '../../stand-ins/ldap/ldap-stand-in.ts';
import { type IssuerStandIn, startIssuerStandIn } from '../../stand-ins/oidc/issuer-stand-in.ts';
import { type OAuthStandIn, startOAuthStandIn } from '../../stand-ins/oidc/oauth-stand-in.ts';
import { type RadiusStandIn, startRadiusStandIn } from '../../stand-ins/radius/radius-stand-in.ts';
import { type SamlStandIn, startSamlStandIn } from '../../stand-ins/saml/saml-stand-in.ts';
import { type CasStandIn, startCasStandIn } from '../../stand-ins/ticket/cas-stand-in.ts';
import { type FederationStandIn, startFederationStandIn } from '../../stand-ins/ticket/federation-stand-in.ts';

/** The old systems of the demo that still run. */
export interface OldSystems {
  readonly rest: RestStandIn;
  readonly soap: SoapStandIn;
  readonly form: FormStandIn;
  readonly gateway: GatewayStandIn;
  readonly openLdap: LdapStandIn;
  readonly activeDirectory: LdapStandIn;
  readonly radius: RadiusStandIn;
  readonly token: RadiusStandIn;
  readonly hub: SamlStandIn;
  readonly university: SamlStandIn;
  readonly federation: FederationStandIn;
  readonly cas: CasStandIn;
  readonly issuer: IssuerStandIn;
  readonly social: OAuthStandIn;
  readonly edge: EdgeStandIn;
}

export interface StartOptions {
  readonly secrets: Readonly<Record<string, string>>;
  /** Where Latchkey is: the gateway passes browsers on to it. */
  readonly issuer: string;
}

/** All of them in this process, each on any free port of loopback. */
export async function startOldSystems({
  secrets,
  issuer,
}: StartOptions): Promise<{ readonly systems: OldSystems; readonly stop: () => Promise<void> }> {
  const sharedSecret = secrets['radius-shared'] ?? '';
  const decryptionKey = secrets['old-hub-decryption'] ?? '';
  const systems: OldSystems = {
    rest: await startRestStandIn(),
    soap: await startSoapStandIn(),
    form: await startFormStandIn(),
    gateway: await startGatewayStandIn(),
    openLdap: await startLdapStandIn(),
    activeDirectory: await startLdapStandIn({ like: 'active-directory' }),
    radius: await startRadiusStandIn({ sharedSecret }),
    token: await startRadiusStandIn({ sharedSecret, token: true }),
    hub: await startSamlStandIn({ method: 'M17', decryptionKey }),
    university: await startSamlStandIn({ method: 'M18' }),
    federation: await startFederationStandIn(),
    cas: await startCasStandIn(),
    issuer: await startIssuerStandIn(),
    social: await startOAuthStandIn(),
    edge: await startEdgeStandIn({ issuer, secret: secrets['edge-gateway'] ?? '' }),
  };
  const all: readonly { stop: () => Promise<void> }[] = Object.values(systems);
  return {
    systems,
    stop: async () => {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
