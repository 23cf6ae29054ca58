import { chooseRoute, type Route } from '../cutover/choose-route.ts';
import { type AnswerKind, countAnswer } from '../cutover/count-answers.ts';
import { refusalOf } from '../cutover/hear-complaint.ts';
import type { Source } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import type { OldSystemDependencies } from './old-system.ts';
import type { ProvingAnswer, ProvingResult } from './proving.ts';

const MAX_TYPED = 1024;

type AnswerBy = (source: Source, answer: ProvingAnswer) => Promise<ProvingResult>;

/**
 * The one place where a cut-over decides who serves somebody: whoever types a name and a password for the old system, and
 * whom the cut-over has reached, is served by what was imported. Journeys need not know. How it went is counted, for both
 * sides, as long as there is a plan.
 */
export async function answerByRoute(
  deps: OldSystemDependencies,
  source: Source,
  answer: ProvingAnswer,
  answerBy: AnswerBy,
): Promise<ProvingResult> {
  const route = await routeFor(deps, source, answer);
  if (!route) return answerBy(source, answer);
  const way = route.served === 'old' ? answer.way : 'old-password';
  if (!route.sides.plan) return answerBy(source, { ...answer, way });
  const began = deps.clock();
  const result = await answerBy(source, { ...answer, way });
  const kind = kindOf(result);
  if (kind)
    await note(deps, { source: source.source, side: route.moved ? 'new' : 'old', kind, ms: deps.clock() - began });
  if (result.outcome !== 'mismatch' && result.outcome !== 'match') return result;
  return { ...result, refusal: refusalOf(deps.keyRing, route, route.login) };
}

/** Undefined for everything but a name and a password of somebody: later rounds stay where they began. */
async function routeFor(
  deps: OldSystemDependencies,
  source: Source,
  { way, fields }: ProvingAnswer,
): Promise<(Route & { readonly login: string }) | undefined> {
  const { login: typed, password } = fields;
  if ((way !== 'old-system' && way !== 'old-password') || typed === undefined || password === undefined)
    return undefined;
  const form = loginForm(source.definition.identifier);
  const login = form.normalise(typed.slice(0, MAX_TYPED));
  const route = await chooseRoute(deps, { source, login, way });
  return route && { ...route, login };
}

/** Too many tries say nothing of either side. */
function kindOf({ outcome }: ProvingResult): AnswerKind | undefined {
  if (outcome === 'too-many') return undefined;
  if (outcome === 'unavailable') return 'away';
  return outcome === 'mismatch' ? 'failed' : 'good';
}

/** A count that fails keeps nobody out. */
async function note(deps: OldSystemDependencies, counted: Parameters<typeof countAnswer>[1]): Promise<void> {
  try {
    await countAnswer(deps, counted);
  } catch (error) {
    deps.oldSystems.onFault(error);
  }
}
