import type { AdapterContext, Arrival } from '../adapter.ts';
import { type Attribute, refused } from '../answer.ts';
import { readLevel } from '../assertions/read-level.ts';
import type { Reader } from './create-edge-adapter.ts';
import { decodeHeader } from './decode-header.ts';
import type { Gateway } from './gateway.ts';
import { readIdentifier } from './read-identifier.ts';
import type { HeaderSettings } from './settings.ts';

const LONGEST = 500;

/** M24, said openly: as good as the connection to the gateway, and as what the gateway cleans away. */
export function createHeaderReader(settings: HeaderSettings, context: Pick<AdapterContext, 'source' | 'now'>): Reader {
  const { identifierHeader, levelHeader, encoding, nobody, attributes = [] } = settings;
  const claims = attributes.map(({ claim }) => claim.toLowerCase());
  return {
    headers: [identifierHeader, ...claims, ...(levelHeader === undefined ? [] : [levelHeader])],
    async read({ headers }, hear) {
      const read = readIdentifier(hear(headers, identifierHeader), { encoding, ...(nobody && { nobody }) });
      if (read.outcome === 'refused') return read;
      const contexts = levelHeader === undefined ? undefined : hear(headers, levelHeader);
      const facts = readFacts(headers, hear, { settings, ...context });
      if (facts === 'forged' || contexts?.outcome === 'forged') return refused('forged');
      const { level, warnings } = readLevel(contexts?.outcome === 'said' ? [contexts.value] : [], {
        table: settings.levels ?? [],
        otherwise: 'Cl',
        most: settings.mostLevel ?? 'Cl.Cm',
      });
      return {
        outcome: 'identified',
        identity: {
          accountKey: read.identifier,
          evidence: 'assertion',
          proved: ['assertion'],
          level,
          attributes: facts,
          warnings: [
            ...(settings.identifierMayBeReassigned === true ? (['identifier-may-be-reassigned'] as const) : []),
            ...warnings,
          ],
        },
      };
    },
  };
}

interface Means extends Pick<AdapterContext, 'source' | 'now'> {
  readonly settings: HeaderSettings;
}

function readFacts(
  headers: Arrival['headers'],
  hear: Gateway['hear'],
  { settings, source, now }: Means,
): readonly Attribute[] | 'forged' {
  const found: Attribute[] = [];
  for (const { name, claim, verified } of settings.attributes ?? []) {
    const said = hear(headers, claim.toLowerCase());
    if (said.outcome === 'forged') return 'forged';
    const value = said.outcome === 'said' ? (decodeHeader(said.value, settings.encoding) ?? '').slice(0, LONGEST) : '';
    if (value === '') continue;
    found.push({ name, value, from: source, asOf: now().toISOString(), ...(verified === true && { verified }) });
  }
  return found;
}
