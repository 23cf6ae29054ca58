import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientSecretPost, type ClientAuth, PrivateKeyJwt } from 'openid-client';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type RelyingParties, secretMatches } from '../../src/relying-parties/index.ts';
import type { DemoService } from './service-setting.ts';

const OPERATOR = { actor: 'operator:demo' };

/**
 * Puts a demo service on record, as an operator would, and returns how it proves itself. Its private key or secret stays
 * in the demo's own folder, where a real service would have a vault.
 */
export async function registerService(
  relyingParties: RelyingParties,
  { service, origin, folder }: { readonly service: DemoService; readonly origin: string; readonly folder: string },
): Promise<ClientAuth> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return service.authMethod === 'private_key_jwt'
    ? registerWithKey(relyingParties, service, { origin, file: join(folder, `${service.clientId}.key.json`) })
    : registerWithSecret(relyingParties, service, { origin, file: join(folder, `${service.clientId}.secret`) });
}

interface Place {
  readonly origin: string;
  readonly file: string;
}

async function registerWithKey(
  relyingParties: RelyingParties,
  service: DemoService,
  { origin, file }: Place,
): Promise<ClientAuth> {
  if (!existsSync(file)) {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: `${service.clientId}-${Date.now()}`, alg: 'ES256' };
    writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  }
  const jwk = readJwk(file);
  const { d: _, ...publicJwk } = jwk;
  await submit(relyingParties, service, { ...metadataOf(service, origin), jwks: { keys: [publicJwk] } });
  const key = await importJWK(jwk, 'ES256');
  if (!(key instanceof CryptoKey)) throw new Error(`${file} holds no private key`);
  return PrivateKeyJwt({ key, kid: jwk.kid });
}

async function registerWithSecret(
  relyingParties: RelyingParties,
  service: DemoService,
  { origin, file }: Place,
): Promise<ClientAuth> {
  const fresh = await submit(relyingParties, service, metadataOf(service, origin));
  const kept = fresh ?? (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const onRecord = (await relyingParties.find(service.clientId))?.metadata.secretHash;
  // Another database, or the folder was emptied: a secret is never told twice, so a new one is asked for.
  const secret = secretMatches(onRecord, kept) ? kept : await relyingParties.newSecret(service.clientId, OPERATOR);
  writeFileSync(file, secret, { mode: 0o600 });
  return ClientSecretPost(secret);
}

function metadataOf(service: DemoService, origin: string): object {
  return {
    name: service.name,
    logoUrl: `${origin}/logo.svg`,
    policyUrl: `${origin}/privacy`,
    termsUrl: `${origin}/terms`,
    homeUrl: `${origin}/`,
    redirectUris: [`${origin}/callback`],
    postLogoutRedirectUris: [`${origin}/signed-out`],
    backchannelLogoutUri: `${origin}/backchannel-logout`,
    authMethod: service.authMethod,
    idTokenAlg: service.idTokenAlg,
    sector: service.sector,
    scopes: service.scopes,
    claims: service.scopes.includes('profile') ? ['email', 'email_verified', 'name'] : ['email', 'email_verified'],
    sources: service.sources,
  };
}

/** Returns the secret when one was made. */
async function submit(
  relyingParties: RelyingParties,
  { clientId, department }: DemoService,
  metadata: object,
): Promise<string | undefined> {
  const result = await relyingParties.submit({ clientId, department, metadata }, OPERATOR);
  if (result.outcome === 'refused') {
    const problems = result.problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
    throw new Error(`the demo service ${clientId} was refused: ${problems}`);
  }
  return result.outcome === 'published' ? result.secret : undefined;
}

const PrivateJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.String(),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.String(),
  alg: Type.String(),
});

function readJwk(file: string): Static<typeof PrivateJwk> {
  return Value.Parse(PrivateJwk, JSON.parse(readFileSync(file, 'utf8')));
}
