import { type AliasRow, entriesOf, type SubjectRow } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * Subjects move. Where a sector knows both accounts, the survivor's stays and the other becomes an alias of it.
 *
 * Undone, each goes back to the account that had it, also into a sector that took it over since. A subject that was first
 * written since stays with the survivor.
 */
export const subjects: KindRule = {
  join({ survivor, absorbed }, at) {
    const known = new Set(survivor.subjects.map(({ sector }) => sector));
    const moved = absorbed.subjects.filter(({ sector }) => !known.has(sector));
    const aliased = absorbed.subjects.filter(({ sector }) => known.has(sector));
    const aliases = [...absorbed.aliases, ...aliased.map((row) => ({ ...row, aliasedAt: at }))];
    return {
      pair: {
        survivor: {
          ...survivor,
          subjects: [...survivor.subjects, ...moved],
          aliases: [...survivor.aliases, ...aliases],
        },
        absorbed: { ...absorbed, subjects: [], aliases: [] },
      },
      entries: [
        ...moved.map((from) => ({ kind: 'subject', became: 'moved', from }) as const),
        ...aliased.map((from) => ({ kind: 'subject', became: 'aliased', from }) as const),
        ...absorbed.aliases.map((from) => ({ kind: 'alias', became: 'moved', from }) as const),
      ],
    };
  },

  part({ survivor, absorbed }, entries) {
    const hadSubjects = new Set(entriesOf(entries, 'subject').map(({ from }) => nameOf(from)));
    const hadAliases = new Set(entriesOf(entries, 'alias').map(({ from }) => nameOf(from)));
    const back = [...survivor.subjects, ...survivor.aliases].filter((row) => hadSubjects.has(nameOf(row)));
    const isTheirs = (row: SubjectRow): boolean => hadSubjects.has(nameOf(row)) || hadAliases.has(nameOf(row));
    return {
      survivor: {
        ...survivor,
        subjects: survivor.subjects.filter((row) => !isTheirs(row)),
        aliases: survivor.aliases.filter((row) => !isTheirs(row)),
      },
      absorbed: {
        ...absorbed,
        subjects: [...absorbed.subjects, ...back.map(plain)],
        aliases: [...absorbed.aliases, ...survivor.aliases.filter((row) => hadAliases.has(nameOf(row)))],
      },
    };
  },
};

/** A sector that continues another one keeps both sub and first day: by them a subject is known again over there. */
const nameOf = ({ sub, createdAt }: SubjectRow): string => `${createdAt} ${sub}`;

function plain({ sector, sub, origin, source, createdAt }: SubjectRow | AliasRow): SubjectRow {
  return { sector, sub, origin, source, createdAt };
}
