import { isOverlong } from '../../accounts/index.ts';
import type { GuardedAdapter } from '../../legacy/index.ts';
import type { OldPasswordVerifier, Verified } from '../adoption/verify-old-password.ts';
import { readSides } from '../cutover/side-rows.ts';
import type { Source } from '../sources/definition.ts';
import { wordOf } from './ask-again.ts';
import { noteComparison, type ShadowDependencies } from './note-comparison.ts';

type Typed = Extract<GuardedAdapter, { kind: 'password' }>;
type Answer = Awaited<ReturnType<Typed['answer']>>;
type Reserve = Parameters<Typed['answer']>[1];

export interface Shadowed {
  readonly source: Source;
  readonly login: string;
  readonly password: string;
  readonly reserve: Reserve;
}

export interface Shadow {
  /** Takes the attempt, and only then begins to look at what was imported. */
  readonly reserve: Reserve;
  /** Given what the old system answered. The citizen gets that answer, whatever comes of this. */
  compare(answer: Answer): Promise<void>;
}

/** Looks at what was imported beside a question to the old system, where the source is in shadow mode. */
export type BeginShadow = (shadowed: Shadowed) => Promise<Shadow>;

export function createShadow(deps: ShadowDependencies, verifier: OldPasswordVerifier): BeginShadow {
  return async (shadowed) => {
    const { source, password, reserve } = shadowed;
    const isTyped = password !== '' && !isOverlong(password);
    const sides = isTyped ? await readSides(deps.db, source) : undefined;
    if (!sides?.shadowSince) return { reserve, compare: async () => {} };
    let looking: Promise<Verified> | undefined;
    return {
      async reserve() {
        const wait = await reserve();
        if (wait === undefined) looking = look(deps, verifier, shadowed);
        return wait;
      },
      async compare(answer) {
        const verified = await looking;
        // A further question is no answer yet: it says nothing of the password alone.
        if (!verified || answer.outcome === 'asks' || answer.outcome === 'too-many') return;
        await noteComparison(deps, { source: source.source, verified, said: wordOf(answer) });
      },
    };
  };
}

async function look(
  { oldSystems }: ShadowDependencies,
  verifier: OldPasswordVerifier,
  { source, login, password }: Shadowed,
): Promise<Verified> {
  try {
    return await verifier.verify(await verifier.readName(source.source, login), password, 'old-sign-in');
  } catch (error) {
    // A full queue is our own outage, not a wrong password.
    oldSystems.onFault(error);
    return { reason: 'unverifiable' };
  }
}
