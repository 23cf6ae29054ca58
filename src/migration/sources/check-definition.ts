import { Value } from 'typebox/value';
import { holderProblems, isSeenBySectors } from './check-holder.ts';
import { fileProblems } from './check-file.ts';
import { checkPolicy } from './check-policy.ts';
import { formatOf, formatProblems } from './column-reading.ts';
import { type Problem, SourceDefinition } from './definition.ts';
import { allowedProofs } from './proof-policy.ts';

type Checked =
  | { readonly outcome: 'valid'; readonly definition: SourceDefinition }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

/** Judges a definition: every problem at once, nothing repaired. */
export function checkDefinition(input: unknown): Checked {
  if (!Value.Check(SourceDefinition, input)) return { outcome: 'invalid', problems: shapeProblems(input) };
  const problems = [
    ...rules.flatMap((rule) => rule(input) ?? []),
    ...fileProblems(input.file),
    ...formatProblems(input),
    ...holderProblems(input),
    ...checkPolicy(input.policy),
  ];
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'valid', definition: input };
}

function shapeProblems(input: unknown): Problem[] {
  const problems = Value.Errors(SourceDefinition, input)
    .filter((error) => error.keyword !== 'additionalProperties')
    .map((error) => ({
      field: error.instancePath.replaceAll('/', '.').slice(1) || '(whole)',
      code: error.keyword === 'boolean' ? 'unknown_key' : `shape_${error.keyword.toLowerCase()}`,
      message: error.keyword === 'boolean' ? 'There is no such key.' : sentence(error.message, error.params),
    }));
  return withoutBranches(problems);
}

/** A value that is neither a known name nor a format fails in two ways; said once, without the names of all schemes. */
function withoutBranches(problems: readonly Problem[]): Problem[] {
  const others = problems.filter(({ field }) => field !== 'scheme');
  if (others.length === problems.length || others.some(({ field }) => field.startsWith('scheme.'))) return others;
  const message =
    'There is no such scheme. `latchkey sources detect FILE --column NAME` names the scheme of a column; "detect" takes ' +
    'each value by its shape, "none" is for exports without passwords, { "recipe": "…" } for home-made digests.';
  return [...others, { field: 'scheme', code: 'scheme_unknown', message }];
}

function sentence(message: string, params: object): string {
  const allowed = 'allowedValues' in params && Array.isArray(params.allowedValues) ? params.allowedValues : [];
  return allowed.length > 0 ? `${message}: ${allowed.join(', ')}` : message;
}

type Rule = (definition: SourceDefinition) => Problem | undefined;

const rules: readonly Rule[] = [
  function oneCase({ identifier: { normalise } }) {
    if (!normalise.includes('lower-case') || !normalise.includes('upper-case')) return undefined;
    return {
      field: 'identifier.normalise',
      code: 'two_cases',
      message: 'Choose lower-case or upper-case, not both.',
    };
  },
  function linearPattern({ identifier: { pattern } }) {
    if (pattern === undefined || isLinearPattern(pattern)) return undefined;
    return {
      field: 'identifier.pattern',
      code: 'pattern_unsafe',
      message: 'Use a valid pattern without repeated groups, back-references or look-around.',
    };
  },
  function statusesNamed({ file }) {
    if ((file.columns.status === undefined) === (file.statuses === undefined)) return undefined;
    return {
      field: 'file.statuses',
      code: 'statuses_incomplete',
      message: 'Give both file.columns.status and file.statuses, or neither.',
    };
  },
  function saltOrdered({ file, scheme }) {
    const { saltOrder } = file;
    if (saltOrder !== undefined && scheme !== 'salted-sha512')
      return {
        field: 'file.saltOrder',
        code: 'salt_order_unused',
        message:
          'saltOrder belongs to scheme salted-sha512. Others name it themselves, or are a recipe: md5(salt.pass).',
      };
    if (scheme !== 'salted-sha512' || (file.columns.salt === undefined) === (saltOrder === undefined)) return undefined;
    return {
      field: 'file.saltOrder',
      code: 'salt_incomplete',
      message: 'Give both file.columns.salt and file.saltOrder, or neither.',
    };
  },
  function besideOfWhat({ file: { columns }, scheme }) {
    const beside = (['salt', 'user', 'realm', 'iterations'] as const).find((column) => columns[column] !== undefined);
    if (beside === undefined || (scheme !== 'detect' && scheme !== 'none')) return undefined;
    return {
      field: `file.columns.${beside}`,
      code: 'column_unused',
      message: `With scheme "${scheme}" nothing reads this column. Name the scheme that it belongs to.`,
    };
  },
  function hashNamed({ file: { columns }, scheme }) {
    if ((columns.hash === undefined) === (scheme === 'none')) return undefined;
    return scheme === 'none'
      ? { field: 'file.columns.hash', code: 'hash_unused', message: 'With scheme "none" no password is read.' }
      : { field: 'file.columns.hash', code: 'hash_column_missing', message: 'Name the column, or say scheme "none".' };
  },
  function pairsOfPasswords({ knownPairs, scheme }) {
    if (knownPairs === undefined || scheme !== 'none') return undefined;
    return { field: 'knownPairs', code: 'pairs_without_passwords', message: 'With scheme "none" there are no pairs.' };
  },
  function onlyReadableIsDecoded(definition) {
    const { scheme, decode } = formatOf(definition);
    if (decode === undefined || scheme === 'plaintext') return undefined;
    return { field: 'scheme.decode', code: 'decode_unused', message: 'Only scheme plaintext is decoded first.' };
  },
  function factsHaveColumns({ policy, file: { columns } }) {
    const facts = allowedProofs(policy).flatMap((proof) => proof.facts);
    const columnOf = { name: columns.name, 'birth-date': columns.birthDate, postcode: columns.postcode };
    const missing = facts.filter((fact) => columnOf[fact] === undefined);
    if (missing.length === 0) return undefined;
    return {
      field: 'policy.proofs',
      code: 'fact_without_column',
      message: `No column of the file holds: ${missing.join(', ')}.`,
    };
  },
  function sectorsOfInherited({ holder, subjects, sectors }) {
    if (isSeenBySectors(holder) && subjects === 'none') return undefined;
    if ((subjects === 'inherit') === sectors.length > 0) return undefined;
    return {
      field: 'sectors',
      code: 'sectors_mismatch',
      message: 'Name the sectors whose services knew people by this id when subjects is "inherit", and none otherwise.',
    };
  },
];

/** Only patterns whose work grows at most with a small power of 255 characters: no repeated group, no reference. */
function isLinearPattern(pattern: string): boolean {
  if (/\)[*+?{]|\\[1-9k]|\(\?[^:]/.test(pattern)) return false;
  try {
    return new RegExp(pattern, 'u').source.length > 0;
  } catch {
    return false;
  }
}
