import {
  type ColumnRecipe,
  type KnownPair,
  type LegacyVerifiers,
  type SideInput,
  checkKnownPairs,
  encodeWithSide,
  parseLegacyHash,
} from '../../accounts/index.ts';
import { type ColumnReading, formatFor } from '../sources/column-reading.ts';
import type { Problem, SourceDefinition } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { createStoredReader, hashRejects } from './read-hash.ts';
import type { LoginAndPassword } from './read-known-pairs.ts';
import { openRows } from './reading/open-rows.ts';
import type { RowFields } from './reading/row-reader.ts';

/** Passwords that their owners gave, and the file once more: the gate reads it before the import does. */
export interface KnownPairs {
  readonly pairs: readonly LoginAndPassword[];
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface Gate {
  readonly definition: SourceDefinition;
  readonly reading: ColumnReading;
  readonly verifiers: LegacyVerifiers;
}

const MAX_HINTS = 5;

/** Refuses an import until every pair verifies against its row of the file. Nothing of a pair is in what it says. */
export async function passGate(gate: Gate, known: KnownPairs | undefined): Promise<readonly Problem[] | undefined> {
  const { definition, reading, verifiers } = gate;
  const useless = whyUseless(definition, known);
  if (useless || !known) return useless;
  const found = await findRows(gate, known);
  if ('problems' in found) return found.problems;
  const reasons = [...found.unusable];
  const hints: Problem[] = [];
  for (const [scheme, pairs] of Map.groupBy(found.pairs, (pair) => pair.scheme)) {
    const answer = await checkKnownPairs(verifiers, { scheme, side: reading.side }, pairs);
    if (answer.outcome !== 'some-fail') continue;
    reasons.push(...answer.failed.map(({ reason }) => reason));
    hints.push(...answer.wouldVerify.map((recipe) => wouldVerify(definition, recipe)));
  }
  return reasons.length === 0 ? undefined : [failure(known.pairs.length, reasons), ...hints.slice(0, MAX_HINTS)];
}

const problem = (code: string, message: string): Problem => ({ field: 'known pairs', code, message });

/** Undefined: there is something to do, or nothing is asked for. */
function whyUseless(
  { knownPairs, scheme, identifier }: SourceDefinition,
  known: KnownPairs | undefined,
): readonly Problem[] | undefined {
  if (!known && knownPairs !== 'required') return undefined;
  if (!known || known.pairs.length === 0)
    return [problem('known_pairs_missing', 'Give at least one known pair of login and password: --known-pairs FILE.')];
  if (scheme === 'none') return [problem('known_pairs_useless', 'This source has no passwords to verify.')];
  const form = loginForm(identifier);
  const logins = new Set(known.pairs.map(({ login }) => form.normalise(login)));
  if (logins.size === known.pairs.length) return undefined;
  return [problem('known_pairs_twice', 'Two known pairs have the same login.')];
}

function failure(pairs: number, reasons: readonly string[]): Problem {
  const counts = [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => `${reason} ${all.length}`);
  return problem(
    'known_pairs_fail',
    `${reasons.length} of ${pairs} do not verify (${counts.join(', ')}). Nothing was imported.`,
  );
}

const wouldVerify = (definition: SourceDefinition, recipe: ColumnRecipe): Problem =>
  problem(
    'would_verify',
    `Of those found, all would verify with "scheme": ${JSON.stringify(formatFor(definition, recipe))}`,
  );

type FoundPair = KnownPair & { readonly scheme: ColumnRecipe['scheme'] };
interface Found {
  readonly pairs: readonly FoundPair[];
  /** Why there is nothing to verify: one word for each pair. */
  readonly unusable: readonly string[];
}

/** Reads the file up to the last login that is looked for. */
async function findRows(
  { definition, reading }: Gate,
  { pairs, stream }: KnownPairs,
): Promise<Found | { readonly problems: readonly Problem[] }> {
  const form = loginForm(definition.identifier);
  const readPair = createPairReader(definition, reading);
  const waiting = new Map(pairs.map(({ login, password }) => [form.normalise(login), password]));
  const found: (FoundPair | string)[] = [];
  const rows = openRows(stream, definition.file);
  const take = (fields: RowFields): void => {
    const login = form.normalise(fields.login ?? fields.id ?? '');
    const password = waiting.get(login);
    if (password === undefined) return;
    waiting.delete(login);
    found.push(readPair(fields, password));
  };
  for await (const block of rows.blocks) {
    for (const row of block) if ('fields' in row) take(row.fields);
    if (waiting.size === 0) break;
  }
  const problems = rows.refusal();
  if (problems) return { problems };
  const usable = found.filter((pair) => typeof pair !== 'string');
  const unusable = found.filter((pair) => typeof pair === 'string');
  return { pairs: usable, unusable: [...unusable, ...Array.from(waiting, () => 'not-in-file')] };
}

/** Only what differs by row: the rest is what other readings are tried in place of. */
function ofRow(side: SideInput): SideInput {
  const own = (['salt', 'user', 'realm', 'iterations'] as const).filter((name) => side[name] !== undefined);
  return Object.fromEntries(own.map((name) => [name, side[name]]));
}

function createPairReader(definition: SourceDefinition, reading: ColumnReading) {
  const readStored = createStoredReader(definition, reading);
  return (fields: RowFields, password: string): FoundPair | string => {
    const read = readStored(fields);
    if (!('stored' in read)) return 'reject' in read ? read.reject : 'note' in read ? read.note : 'none';
    const parsed = parseLegacyHash(encodeWithSide(read.stored, read.side), reading.scheme);
    // With a scheme that is stated other readings are tried; what no shape knows has none.
    const scheme = 'problem' in parsed ? reading.scheme : parsed.scheme;
    if (scheme !== undefined) return { stored: read.stored, side: ofRow(read.side), password, scheme };
    return 'problem' in parsed ? hashRejects[parsed.problem] : 'hash_unknown';
  };
}
