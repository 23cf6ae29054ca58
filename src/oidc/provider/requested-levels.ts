import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { isRecord, parseRecord } from '../storage/sealed-json.ts';
import { isLevel, type Level, parseVectors } from './levels.ts';

/** The levels that our journeys can reach today. A second factor will add `Cl.Cm`. */
export const REACHABLE: readonly Level[] = ['Cl'];

/** Levels a service may ask for, from its registration; weakest first. */
export function allowedLevels(client: Client): readonly Level[] {
  const { levels } = client;
  const allowed = Array.isArray(levels) ? levels.filter(isLevel) : [];
  return allowed.length > 0 ? allowed : ['Cl'];
}

/**
 * The levels that satisfy a request, weakest first: `vtr`, else an essential `acr` claim, else `acr_values`, else the
 * service's own.
 * @throws errors.InvalidRequest for a malformed `vtr` or a level that the service may not ask for;
 * errors.UnmetAuthenticationRequirements when no sign-in here can reach any of them.
 */
export function requestedLevels(ctx: KoaContextWithOIDC): readonly Level[] {
  const { client, params } = ctx.oidc;
  if (!client) return ['Cl'];
  const allowed = allowedLevels(client);
  const { vtr, acr_values: acrValues, claims } = params ?? {};
  const asked = typeof vtr === 'string' ? fromVectors(vtr) : (fromEssentialAcr(claims) ?? fromAcr(acrValues));
  if (asked.length === 0) return onlyReachable(allowed);
  const refused = asked.find((level) => !allowed.includes(level));
  if (refused !== undefined) throw new errors.InvalidRequest(`this service may not ask for ${refused}`);
  return onlyReachable(asked);
}

function fromVectors(vtr: string): readonly Level[] {
  const parsed = parseVectors(vtr);
  if (parsed.outcome === 'malformed') throw new errors.InvalidRequest(parsed.problem);
  if (parsed.outcome === 'unmet') throw new errors.UnmetAuthenticationRequirements(parsed.problem);
  return parsed.levels;
}

/** `acr_values` is a wish (OpenID Core §3.1.2.1): values that are not known are passed over. */
function fromAcr(acrValues: unknown): readonly Level[] {
  return typeof acrValues === 'string' ? acrValues.split(' ').filter(isLevel) : [];
}

/**
 * An essential `acr` must be met or refused (OpenID Core §5.5.1.1): a value that no sign-in can reach would send the
 * citizen round in a circle.
 */
function fromEssentialAcr(claims: unknown): readonly Level[] | undefined {
  const acr = typeof claims === 'string' ? acrClaimOf(claims) : undefined;
  if (!acr || acr['essential'] !== true) return undefined;
  const { value, values } = acr;
  const wanted: unknown[] = Array.isArray(values) ? values : value === undefined ? [] : [value];
  if (wanted.length === 0) return undefined;
  const levels = wanted.filter(isLevel);
  if (levels.length > 0) return levels;
  throw new errors.UnmetAuthenticationRequirements('none of the requested acr values is known here');
}

/** The library has checked that `claims` is a JSON object. */
function acrClaimOf(claims: string): Record<string, unknown> | undefined {
  const { id_token: idToken } = parseRecord(claims);
  const acr = isRecord(idToken) ? idToken['acr'] : undefined;
  return isRecord(acr) ? acr : undefined;
}

function onlyReachable(levels: readonly Level[]): readonly Level[] {
  const reachable = levels.filter((level) => REACHABLE.includes(level));
  if (reachable.length > 0) return reachable;
  throw new errors.UnmetAuthenticationRequirements('the requested level cannot be reached yet');
}
