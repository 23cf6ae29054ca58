import type { Holder, Problem, SourceDefinition } from './definition.ts';
import { allowedProofs, type ProofKind } from './proof-policy.ts';

/** By post, by two people who saw the person, by a service that identified them; a mailbox only together with a fact. */
const OF_A_RECORD: ReadonlySet<ProofKind> = new Set([
  'posted-code',
  'two-operators',
  'service-attestation',
  'contact-code',
  'reference-and-fact',
]);

/** Whether services of the sectors are told of rights or of organisations that came from such accounts. */
export const isSeenBySectors = (holder: Holder | undefined): boolean => holder === 'agent' || holder === 'organisation';

type Rule = (definition: SourceDefinition) => Problem | undefined;

const rules: readonly Rule[] = [
  function nobodyIsTheOrganisation({ holder, subjects }) {
    if (holder !== 'organisation' || subjects === 'none') return undefined;
    return {
      field: 'subjects',
      code: 'shared_subject',
      message: 'Several people share these accounts: no service may know one of them by such an id. Say "none".',
    };
  },
  function seenBySomebody({ holder, sectors }) {
    if (!isSeenBySectors(holder) || sectors.length > 0) return undefined;
    return {
      field: 'sectors',
      code: 'sectors_missing',
      message: 'Name the sectors whose services are told of the rights, or of the organisations: no other is.',
    };
  },
  function recordHasNoPassword({ holder, scheme }) {
    if (holder !== 'record' || scheme === 'none') return undefined;
    return { field: 'scheme', code: 'record_with_password', message: 'Nobody signs in with a record: say "none".' };
  },
  function recordIsProvedOtherwise({ holder, policy }) {
    const other = allowedProofs(policy).filter(({ kind }) => !OF_A_RECORD.has(kind));
    if (holder !== 'record' || other.length === 0) return undefined;
    return {
      field: 'policy.proofs',
      code: 'record_proof',
      message: `A record is proved by ${[...OF_A_RECORD].join(', ')}; not by ${other.map(({ kind }) => kind).join(', ')}.`,
    };
  },
];

/** Judges what a definition says of the shape of its accounts against the rest of it. */
export const holderProblems = (definition: SourceDefinition): readonly Problem[] =>
  rules.flatMap((rule) => rule(definition) ?? []);
