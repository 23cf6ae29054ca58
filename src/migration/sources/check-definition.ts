import { Value } from 'typebox/value';
import { checkPolicy } from './check-policy.ts';
import { type Problem, SourceDefinition } from './definition.ts';
import { allowedProofs } from './proof-policy.ts';

type Checked =
  | { readonly outcome: 'valid'; readonly definition: SourceDefinition }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

/** Judges a definition: every problem at once, nothing repaired. */
export function checkDefinition(input: unknown): Checked {
  if (!Value.Check(SourceDefinition, input)) return { outcome: 'invalid', problems: shapeProblems(input) };
  const problems = [...rules.flatMap((rule) => rule(input) ?? []), ...checkPolicy(input.policy)];
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'valid', definition: input };
}

function shapeProblems(input: unknown): Problem[] {
  return Value.Errors(SourceDefinition, input)
    .filter((error) => error.keyword !== 'additionalProperties')
    .map((error) => ({
      field: error.instancePath.replaceAll('/', '.').slice(1) || '(whole)',
      code: error.keyword === 'boolean' ? 'unknown_key' : `shape_${error.keyword.toLowerCase()}`,
      message: error.keyword === 'boolean' ? 'There is no such key.' : sentence(error.message, error.params),
    }));
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
  function saltNamed({ file, scheme }) {
    if ((file.columns.salt === undefined) !== (file.saltOrder === undefined))
      return {
        field: 'file.saltOrder',
        code: 'salt_incomplete',
        message: 'Give both file.columns.salt and file.saltOrder, or neither.',
      };
    if (file.columns.salt === undefined || scheme === 'salted-sha512') return undefined;
    return {
      field: 'file.columns.salt',
      code: 'salt_unused',
      message: 'A salt column belongs to scheme salted-sha512 only: the other schemes hold their salt.',
    };
  },
  function delimiterOfCsv({ file }) {
    if (file.format === 'csv' || file.delimiter === undefined) return undefined;
    return { field: 'file.delimiter', code: 'delimiter_unused', message: 'Only a CSV file has a delimiter.' };
  },
  function columnsDiffer({ file }) {
    const names = Object.entries(file.columns)
      .filter(([role]) => !['login', 'subject', 'email'].includes(role))
      .map(([, name]) => name);
    if (new Set(names).size === names.length) return undefined;
    return {
      field: 'file.columns',
      code: 'column_twice',
      message: 'Two columns have the same name. Only login, subject and email may repeat another column.',
    };
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
  function sectorsOfInherited({ subjects, sectors }) {
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
