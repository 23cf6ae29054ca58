import { takesTyped } from '../cutover/sides.ts';
import { isSharedAccount } from '../ledger/is-shared.ts';
import { answerByRoute } from './answer-by-route.ts';
import { findLive } from './live-source.ts';
import { isEnough } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import type { Source } from '../sources/definition.ts';
import { asks, type OwnWay, type ProvingDependencies, withoutPassword } from './own-way.ts';
import { proveByContact } from './prove-by-contact.ts';
import { createOldSystemProof } from './prove-by-old-system.ts';
import { proveByReference } from './prove-by-reference.ts';
import type { OldWay, Proving, ProvingAnswer, ProvingAttempt, ProvingResult } from './proving.ts';
import { waysOfSource } from './ways-of-source.ts';

const ownWays: Readonly<Record<Exclude<OldWay, 'old-system'>, OwnWay>> = {
  'old-password': {
    ask: ({ definition }) =>
      asks([
        { name: 'login', kind: 'text', label: definition.identifier.label },
        { name: 'password', kind: 'secret', label: { key: 'password' } },
      ]),
    async answer(deps, { source }, { fields, ip, place }) {
      const { login = '', password = '' } = fields;
      const checked = await deps.checkOldPassword({ source, login, password, ip, ...place });
      return checked.outcome === 'match' ? { ...checked, carriesPassword: true } : checked;
    },
  },
  'contact-code': proveByContact,
  'reference-and-fact': proveByReference,
  'code-in-hand': {
    ask: () => asks([{ name: 'code', kind: 'code', label: { key: 'code' }, length: 19 }]),
    async answer(deps, { source }, { fields, ip, place }) {
      return withoutPassword(await deps.proofs.redeemCode({ source, code: fields['code'] ?? '', ip, ...place }));
    },
  },
};

export function createProving(deps: ProvingDependencies): Proving {
  const oldSystem = createOldSystemProof(deps);
  const waysNow = async (source: Source): Promise<readonly OldWay[]> => {
    const { policy } = source.definition;
    const isAskable = source.definition.adapter && (await findLive(deps.db, source));
    // A finalised source has the ways of one that never had a system to ask.
    return waysOfSource(isAskable ? source.definition : { policy });
  };
  const open = async ({ source: key, way }: ProvingAttempt): Promise<Source | undefined> => {
    const source = await findSource(deps.db, key);
    return source?.status === 'open' && (await waysNow(source)).includes(way) ? source : undefined;
  };
  const answerBy = async (source: Source, answer: ProvingAnswer): Promise<ProvingResult> => {
    const { way } = answer;
    return way === 'old-system' ? oldSystem.answer(answer) : ownWays[way].answer(deps, source, answer);
  };
  /** A password that several people know becomes nobody's own: an account that is made beside it needs another (M43). */
  const withoutSharedPassword = async (result: ProvingResult): Promise<ProvingResult> => {
    if (result.outcome !== 'match' || !result.carriesPassword) return result;
    const shared = await isSharedAccount(deps.db, Buffer.from(result.legacyKey, 'hex'));
    return { ...result, carriesPassword: !shared };
  };
  return {
    async ways(key) {
      const source = await findSource(deps.db, key);
      return source ? offered(source, await waysNow(source)) : [];
    },
    async isEnough(key, kinds) {
      const source = await findSource(deps.db, key);
      return source !== undefined && isEnough(source.definition.policy, kinds);
    },
    async start(attempt) {
      const source = await open(attempt);
      if (!source) return { outcome: 'unavailable' };
      return attempt.way === 'old-system' ? oldSystem.start(attempt) : ownWays[attempt.way].ask(source);
    },
    async answer(answer) {
      const source = await open(answer);
      if (!source) return { outcome: 'unavailable' };
      return withoutSharedPassword(await answerByRoute(deps, source, answer, answerBy));
    },
    handleOf: (key, parameters) => oldSystem.handleOf(key, parameters),
    returned: (back) => oldSystem.returned(back),
    sift: (key, came) => oldSystem.sift(key, came),
    arrived: (browser) => oldSystem.arrived(browser),
  };
}

/**
 * One choice fewer where two would ask for the same name and password: by the old password the old system is asked as well,
 * and either proof is enough.
 */
function offered({ definition }: Source, ways: readonly OldWay[]): readonly OldWay[] {
  const isEither = (['old-password', 'old-sign-in'] as const).every((kind) => isEnough(definition.policy, [kind]));
  if (!isEither || !takesTyped(definition) || !ways.includes('old-password')) return ways;
  return ways.filter((way) => way !== 'old-system');
}
