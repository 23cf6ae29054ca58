import type { Pair, Side } from './sides.ts';

/** What a sector's services must hear of, since it concerns a sub that they have on record. */
export interface SubjectChange {
  readonly sector: string;
  /** `joined`: `from` stands for `to` now. `parted`: `from` is a person of its own again, and `to` is the same sub. */
  readonly change: 'joined' | 'parted';
  readonly from: string;
  readonly to: string;
}

/** Compares what each sub stood for before with what it stands for now. A sub that only changed its account is no news. */
export function subjectChanges(before: Pair, after: Pair): SubjectChange[] {
  const was = standing(before);
  return [...standing(after).values()].flatMap(({ sector, sub, target }) => {
    if (was.get(keyOf(sector, sub))?.target === target) return [];
    return [{ sector, change: sub === target ? 'parted' : 'joined', from: sub, to: target } as const];
  });
}

interface Standing {
  readonly sector: string;
  readonly sub: string;
  readonly target: string;
}

function standing({ survivor, absorbed }: Pair): Map<string, Standing> {
  return new Map([survivor, absorbed].flatMap(standingOf).map((one) => [keyOf(one.sector, one.sub), one]));
}

function standingOf({ subjects, aliases }: Side): Standing[] {
  const proper = new Map(subjects.map(({ sector, sub }) => [sector, sub]));
  return [...subjects, ...aliases].map(({ sector, sub }) => ({ sector, sub, target: proper.get(sector) ?? sub }));
}

const keyOf = (sector: string, sub: string): string => `${sector} ${sub}`;
