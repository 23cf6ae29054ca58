import { ROW_OUTCOMES, type OutcomesAsked } from '../../../migration/index.ts';

const UNDONE = ['restored', 'touched', 'superseded'] as const;

/** From the query of a page or a program: what makes no sense asks for nothing. */
export function readRowsAsked(
  runId: string,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): OutcomesAsked {
  const outcome = ROW_OUTCOMES.find((one) => one === query['outcome']);
  const undone = UNDONE.find((one) => one === query['undone']);
  const after = placeOf(query['after']);
  return {
    runId,
    pass: query['pass'] === 'rehearsal' ? 'rehearsal' : 'run',
    limit,
    ...(outcome && { outcome }),
    ...(undone && { undone }),
    ...(after && { after }),
  };
}

type Place = NonNullable<OutcomesAsked['after']>;

export const wordOf = ({ part, batch, line }: Place): string => `${part}.${batch}.${line}`;

function placeOf(word: string | undefined): Place | undefined {
  const [, part, batch, line] = /^(\d{1,4})\.(\d{1,8})\.(\d{1,12})$/.exec(word ?? '') ?? [];
  return line === undefined ? undefined : { part: Number(part), batch: Number(batch), line: Number(line) };
}
