/**
 * Old sign-in methods that still run, or that are checked against what they exported: one folder per adapter family, one
 * interface (`adapter.ts`), one result (`LegacyIdentity`), one guard in front of all of them (`guard/`), one way out to
 * the network (`egress/`). It owns no table and writes none. It does not decide who may link what: an identity that it
 * gives is evidence, which `migration` makes into a proof, or not.
 *
 * A question: `adapterOf(source)` finds the adapter of the source's configuration; the guard reserves an attempt, looks
 * at the breaker and the budget, asks with a time limit, keeps the floor on time, counts, and answers with an identity, a
 * further question to the citizen, a refusal from a closed list, or `unavailable`.
 */
export {
  createLegacy,
  type GuardedAdapter,
  type Legacy,
  type LegacyDependencies,
  type LiveSource,
} from './create-legacy.ts';
export { AdapterSettings, answeredBy } from './families.ts';
export type { Binding, Came, Channel, Delivery, LegacyRecord, LegacyRecords, Replays, Sifted } from './adapter.ts';
export {
  type Answered,
  type Attribute,
  type Evidence,
  type Field,
  type LegacyIdentity,
  type LegacyRefusal,
  type Level,
  type Notice,
  type Prompt,
  type Right,
  type Words,
} from './answer.ts';
export type { SourceHealth, Unavailable } from './guard/guard.ts';
export { floorOf } from './guard/limits.ts';
export type { KnownPerson } from './conformance/cases.ts';
export { checkConformance, type Finding } from './conformance/check-conformance.ts';
/** A date as people type it or exports hold it, as YYYY-MM-DD. */
export { readDate } from './records/read-date.ts';
