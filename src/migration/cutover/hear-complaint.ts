import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AttemptRequest } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { networkOf } from '../../platform/http/network-of.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import type { SidesDependencies } from './change-sides.ts';
import type { Route } from './choose-route.ts';
import { complain } from './complain.ts';

/** What a citizen's complaint would be about: one attempt, at one step, of one name. */
const Refusal = Type.Object({
  source: Type.String(),
  /** When the step began; empty: none has. */
  since: Type.String(),
  name: Type.String(),
  isMoved: Type.Boolean(),
});
type Refusal = Static<typeof Refusal>;

/**
 * What an attempt leaves behind for the case that it is refused and somebody complains. The same for every name and for
 * either side: nothing that a page does may depend on what it says (A11).
 */
export const refusalOf = (keyRing: KeyRing, { sides, moved }: Route, login: string): string =>
  JSON.stringify({
    source: sides.source,
    since: sides.stepSince?.toISOString() ?? '',
    name: loginKeyOf(keyRing, sides.source, login).toString('base64url'),
    isMoved: moved,
  } satisfies Refusal);

export interface Complainer {
  readonly ip: string;
  readonly correlationId: string;
}

export interface HearsComplaints extends Pick<SidesDependencies, 'db' | 'accounts' | 'now'> {
  readonly onFault: (fault: unknown) => void;
}

/**
 * Hears somebody who says that their details are right. Whoever answers them does not wait for it: neither words nor time
 * tell which side served them. What cannot be counted is a fault, and no answer of anybody's.
 */
export async function hearComplaint(deps: HearsComplaints, refusal: string, from: Complainer): Promise<void> {
  try {
    const about: unknown = JSON.parse(refusal);
    if (Value.Check(Refusal, about) && about.isMoved) await count(deps, about, from);
  } catch (error) {
    deps.onFault(error);
  }
}

async function count(deps: HearsComplaints, about: Refusal, { ip, correlationId }: Complainer): Promise<void> {
  for (const counter of countersOf(about, ip)) if (!(await deps.accounts.attempts.take(counter)).allowed) return;
  await complain(deps, about.source, { actor: 'citizen', correlationId }, new Date(about.since));
}

const DAY = 86_400;
const LONGEST_STEP = 90 * DAY;

/**
 * Networks first: one that has had its say must not use up that of a name. The one of a day holds over all steps: whoever
 * sent a cut-over one step back must not send it back the next one a minute later.
 */
function countersOf({ source, since, name }: Refusal, ip: string): readonly AttemptRequest[] {
  const once = { what: 'cutover-complaint', limit: 1, windowSeconds: LONGEST_STEP } as const;
  const network = networkOf(ip);
  return [
    { ...once, who: `${source} ${network}`, windowSeconds: DAY },
    { ...once, who: `${source} ${since} ${network}` },
    { ...once, who: `${source} ${since} wide ${networkOf(ip, 'wide')}`, limit: 2 },
    { ...once, who: `${source} ${since} name ${name}` },
  ];
}
