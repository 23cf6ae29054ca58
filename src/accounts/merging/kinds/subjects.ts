import { type AliasRow, entriesOf, type SubjectRow } from '../sides.ts';
import type { Continues, KindRule } from './kind-rule.ts';

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

  part({ survivor, absorbed }, entries, continues) {
    const hadSubject = matcher(
      entriesOf(entries, 'subject').map(({ from }) => from),
      continues,
    );
    const hadAlias = matcher(
      entriesOf(entries, 'alias').map(({ from }) => from),
      continues,
    );
    const isTheirs = (row: SubjectRow): boolean => hadSubject(row) || hadAlias(row);
    return {
      survivor: {
        ...survivor,
        subjects: survivor.subjects.filter((row) => !isTheirs(row)),
        aliases: survivor.aliases.filter((row) => !isTheirs(row)),
      },
      absorbed: {
        ...absorbed,
        subjects: [...absorbed.subjects, ...[...survivor.subjects, ...survivor.aliases].filter(hadSubject).map(plain)],
        aliases: [...absorbed.aliases, ...survivor.aliases.filter(hadAlias)],
      },
    };
  },
};

/** A sector that continues another one keeps both sub and first day: by them a subject is known again over there. */
function matcher(had: readonly SubjectRow[], continues: Continues): (row: SubjectRow) => boolean {
  const names = new Set(had.map((row) => nameOf(row.sector, row)));
  return (row) => {
    for (let sector: string | undefined = row.sector; sector !== undefined; sector = continues.get(sector))
      if (names.has(nameOf(sector, row))) return true;
    return false;
  };
}

const nameOf = (sector: string, { sub, createdAt }: SubjectRow): string => `${createdAt} ${sector} ${sub}`;

function plain({ sector, sub, origin, source, createdAt }: SubjectRow | AliasRow): SubjectRow {
  return { sector, sub, origin, source, createdAt };
}
