import type { Right } from '../answer.ts';
import type { Found, Reply } from './reply.ts';
import type { RightsSettings } from './shared-settings.ts';

/** More than one answer of an old system holds; a list that never ends is not read to its end. */
const MOST = 10_000;
const LONGEST = 255;

/** Whom somebody acts for, as an answer lists it. The clients themselves are not read: only their ids. */
export function readRights(reply: Reply, { list, subject, right, kind, from, until }: RightsSettings): Right[] {
  const rights: Right[] = [];
  for (let index = 0; index < MOST; index += 1) {
    const at = (path: string): string | undefined => asText(reply.read(`${list}.${index}.${path}`));
    const client = at(subject);
    if (client === undefined) return rights;
    const begins = from === undefined ? undefined : at(from);
    const ends = until === undefined ? undefined : at(until);
    rights.push({
      subject: client,
      right: ('path' in right ? at(right.path) : right.named) ?? '',
      kind: kind ?? 'client',
      ...(begins !== undefined && { from: begins }),
      ...(ends !== undefined && { until: ends }),
    });
  }
  return rights;
}

function asText(found: Found): string | undefined {
  if (found === undefined || typeof found === 'boolean') return undefined;
  const text = String(found);
  return text === '' || text.length > LONGEST ? undefined : text;
}
