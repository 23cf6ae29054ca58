import type { SystemProgress, SystemState } from '../../../migration/index.ts';
import type { Language } from '../../../platform/pages/translations.ts';

export const SORTS = ['department', 'name', 'moved', 'waiting'] as const;
export type Sort = (typeof SORTS)[number];

/** What an operator asked to see; everything when left out. */
export interface SystemsAsked {
  readonly search: string;
  readonly department: string;
  readonly method: string;
  readonly state: SystemState | '';
  readonly sort: Sort;
}

const STATES: readonly string[] = ['waiting', 'moving', 'done'] satisfies readonly SystemState[];
const isState = (text: string): text is SystemState => STATES.includes(text);
const isSort = (text: string): text is Sort => SORTS.some((sort) => sort === text);

/** From the query of a page: what makes no sense asks for nothing. */
export function readSystemsAsked(query: Readonly<Record<string, string | undefined>>): SystemsAsked {
  const { search = '', department = '', method = '', state = '', sort = '' } = query;
  return {
    search: search.trim().slice(0, 100),
    department: department.slice(0, 120),
    method: method.slice(0, 16),
    state: isState(state) ? state : '',
    sort: isSort(sort) ? sort : 'department',
  };
}

/** What is asked for where no method is: only an imported password is checked. */
export const NO_METHOD = 'none';

export function chooseSystems(
  systems: readonly SystemProgress[],
  { search, department, method, state, sort }: SystemsAsked,
  language: Language,
): readonly SystemProgress[] {
  const wanted = search.toLocaleLowerCase();
  const isFound = (one: SystemProgress): boolean =>
    [one.source, one.name.en, one.name.cy ?? ''].some((text) => text.toLocaleLowerCase().includes(wanted));
  return systems
    .filter((one) => isFound(one))
    .filter((one) => department === '' || one.department === department)
    .filter((one) => method === '' || (one.method ?? NO_METHOD) === method)
    .filter((one) => state === '' || one.state === state)
    .toSorted(ORDER[sort](language));
}

type Order = (one: SystemProgress, other: SystemProgress) => number;

export const nameOf = ({ name }: Pick<SystemProgress, 'name'>, language: Language): string => name[language] ?? name.en;

export const totalOf = ({ waiting, adopted, other }: Pick<SystemProgress, 'waiting' | 'adopted' | 'other'>): number =>
  waiting + adopted + other;

/** 0 to 1: of the accounts that have come in, those that nobody waits for any more. */
export const movedShare = (one: SystemProgress): number =>
  totalOf(one) === 0 ? 0 : (one.adopted + one.other) / totalOf(one);

const byName = (language: Language): Order => {
  const { compare } = new Intl.Collator(language, { numeric: true });
  return (one, other) => compare(nameOf(one, language), nameOf(other, language));
};

const ORDER: Readonly<Record<Sort, (language: Language) => Order>> = {
  name: byName,
  department: (language) => (one, other) =>
    one.department.localeCompare(other.department, language) || byName(language)(one, other),
  moved: (language) => (one, other) => movedShare(other) - movedShare(one) || byName(language)(one, other),
  waiting: (language) => (one, other) => other.waiting - one.waiting || byName(language)(one, other),
};
