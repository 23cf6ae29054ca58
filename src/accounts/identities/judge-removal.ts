import type { ListedContact } from './contacts.ts';

type Facts = Omit<ListedContact, 'removal'>;

const stays = ({ leavesAt }: Facts): boolean => leavesAt === undefined;

/** The table: the first row whose condition holds is the answer. */
const table: readonly (readonly [
  when: (one: Facts, all: readonly Facts[]) => boolean,
  then: ListedContact['removal'],
])[] = [
  [(one) => !stays(one), 'already-leaving'],
  [(_one, all) => all.filter(stays).length <= 1, 'last'],
  [(one) => one.primary, 'primary'],
  [(one) => one.lockedUntil !== undefined, 'locked'],
];

/** Whether an address may be removed. Pure. */
export function judgeRemoval(one: Facts, all: readonly Facts[]): ListedContact['removal'] {
  return table.find(([when]) => when(one, all))?.[1] ?? 'possible';
}
