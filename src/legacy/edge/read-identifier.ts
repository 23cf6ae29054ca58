import type { LegacyRefusal } from '../answer.ts';
import { decodeHeader, type Encoding } from './decode-header.ts';
import type { Spoken } from './gateway.ts';

type Read =
  | { readonly outcome: 'identifier'; readonly identifier: string }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

const LONGEST = 255;
const NOBODY: readonly string[] = ['unauthenticated', 'anonymous', 'guest', '(null)', 'null', '-'];
const no = (reason: LegacyRefusal): Read => ({ outcome: 'refused', reason });

/** Who a header names. Gateways write words there for somebody who has not signed in: nobody is called that. */
export function readIdentifier(
  said: Spoken,
  { encoding, nobody = [] }: { readonly encoding?: Encoding | undefined; readonly nobody?: readonly string[] } = {},
): Read {
  if (said.outcome !== 'said') return no(said.outcome === 'forged' ? 'forged' : 'unsigned');
  // A proxy may join a header that came twice: one id holds no comma (RFC 9110 §5.3).
  if (said.value.includes(',')) return no('forged');
  const identifier = decodeHeader(said.value, encoding);
  if (identifier === undefined || identifier.length > LONGEST) return no('misshapen');
  const isNobody = [...NOBODY, ...nobody].some((word) => word.toLowerCase() === identifier.toLowerCase());
  return identifier === '' || isNobody ? no('identifier-missing') : { outcome: 'identifier', identifier };
}
