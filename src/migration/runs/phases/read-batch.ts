import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { readCopy } from '../../../platform/postgres/copy-binary.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { ROW_OUTCOMES } from '../desk/run-types.ts';
import { type BatchPlace, unpackKeys } from './batch-keys.ts';
import { unpackEmailKeys } from './email-keys.ts';
import type { Foreseen } from './expect-outcomes.ts';
import { HaltedError } from './lease.ts';
import type { OutcomeGroup } from './outcome-groups.ts';
import type { Writing } from './write-batch.ts';

type Column = 'keys' | 'staged' | 'email_keys' | 'expected::text';

/** What a run applies. @throws HaltedError when somebody else has applied it. */
export async function readBatch(
  db: Database,
  place: BatchPlace,
): Promise<Pick<Writing, 'keys' | 'staged' | 'expected'>> {
  const [keys, staged, expected] = await readColumns(db, place, ['keys', 'staged', 'expected::text']);
  return { keys: unpackKeys(keys), staged, expected: readGroups(expected) };
}

/** What is known before a batch is staged. @throws HaltedError when somebody else has staged it. */
export async function readForeseen(db: Database, place: BatchPlace): Promise<Foreseen> {
  return foreseen(...(await readColumns(db, place, FORESEEN)));
}

const FORESEEN = ['keys', 'email_keys', 'expected::text'] as const satisfies readonly Column[];

const foreseen = (keys: Buffer, emailKeys: Buffer, decided: Buffer): Foreseen => ({
  keys: unpackKeys(keys),
  emailKeys: unpackEmailKeys(emailKeys),
  decided: readGroups(decided),
});

/** The same, and the rows themselves. */
export async function readUnstaged(db: Database, place: BatchPlace): Promise<Foreseen & Pick<Writing, 'staged'>> {
  const [keys, emailKeys, decided, staged] = await readColumns(db, place, [...FORESEEN, 'staged']);
  return { ...foreseen(keys, emailKeys, decided), staged };
}

type Fields<C extends readonly Column[]> = { readonly [K in keyof C]: Buffer };

/** By COPY, which sends bytes as they are. The values are ours, a uuid and two numbers: COPY takes no parameters. */
async function readColumns<const C extends readonly Column[]>(
  db: Database,
  { runId, part, batch }: BatchPlace,
  columns: C,
): Promise<Fields<C>> {
  const [row] = readCopy(
    await db.copyOut(
      `COPY (SELECT ${columns.join(', ')} FROM run_batches
             WHERE run_id = '${runId}' AND part = ${part} AND batch = ${batch}) TO STDOUT (FORMAT binary)`,
    ),
  );
  const fields = row?.fields ?? [];
  if (!isFull(fields, columns)) throw new HaltedError();
  return fields;
}

const isFull = <C extends readonly Column[]>(fields: readonly (Buffer | null)[], { length }: C): fields is Fields<C> =>
  fields.length === length && !fields.includes(null);

const Groups = Type.Array(
  Type.Object({
    outcome: Type.Enum([...ROW_OUTCOMES]),
    code: Type.Optional(Type.String()),
    effect: Type.Enum(['insert', 'change', 'none']),
    lines: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
  }),
);
const readGroups = (json: Buffer): readonly OutcomeGroup[] => Value.Parse(Groups, JSON.parse(json.toString()));
