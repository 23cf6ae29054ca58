import type { House } from '../../src/house.ts';
import { rentPortal } from './legacy-estate.ts';

const DEPARTMENTS = [
  'Department for Housing',
  'Department for Transport',
  'Revenue Office',
  'Department for Work',
  'Home Department',
  'Department for Farming',
  'Justice Department',
  'Land Registry',
  'Student Finance',
  'Business Department',
  'Health Department',
];
const WORDS = ['Portal', 'Register', 'Permits', 'Licences', 'Returns', 'Claims', 'Grants', 'Bookings', 'Appeals'];
const DAY_MS = 24 * 3600 * 1000;

/** As many old systems as the yardstick has, and what would have been counted of them on each of `days` days. */
export async function manySystems(
  { db, migration, now }: Pick<House, 'db' | 'migration' | 'now'>,
  { systems = 190, days = 60 }: { readonly systems?: number; readonly days?: number } = {},
): Promise<void> {
  // There is no account of theirs: whoever counted would say so.
  await db.query({ text: "UPDATE count_turns SET due_at = 'infinity'" });
  for (let index = 0; index < systems; index += 1) {
    const department = DEPARTMENTS[(index * 7 + (index % 3)) % DEPARTMENTS.length] ?? '';
    const name = `${department.replace(/Department( for)? ?|Office|Registry/g, '').trim() || 'Public'} ${WORDS[index % WORDS.length] ?? ''} ${index + 1}`;
    const source = `system-${String(index + 1).padStart(3, '0')}`;
    const added = await migration.sources.add(
      rentPortal({ source, name: { en: name, cy: `${name} (cy)` }, department }),
      {
        actor: 'operator:test',
      },
    );
    if (added.outcome === 'invalid') throw new Error(JSON.stringify(added));
    await addDays(db, { source, index, days, until: now() });
  }
}

async function addDays(
  db: House['db'],
  { source, index, days, until }: { source: string; index: number; days: number; until: Date },
): Promise<void> {
  if (index % 5 === 4) return;
  const total = 400 + ((index * 7919) % 97) * 3_100;
  const isDone = index % 7 === 3;
  const floor = isDone ? 0 : total * (0.08 + (index % 6) * 0.05);
  const halfLife = isDone ? 3 : 6 + (index % 9) * 3;
  const rows = Array.from({ length: days }, (_, day) => {
    const wobble = 1 + 0.014 * Math.sin(day * 0.7 + index);
    const left = floor + (total - floor) * 0.5 ** (day / halfLife);
    const waiting = isDone && day === days - 1 ? 0 : Math.round(Math.min(total, left * wobble));
    const at = new Date(until.getTime() - (days - 1 - day) * DAY_MS);
    const other = Math.round((total - waiting) * 0.03);
    return { day: at.toISOString().slice(0, 10), waiting, adopted: total - waiting - other, other, at };
  });
  await db.query({
    text: `INSERT INTO source_progress (source, day, waiting, adopted, other, counted_at)
           SELECT $1, * FROM unnest($2::date[], $3::int[], $4::int[], $5::int[], $6::timestamptz[])`,
    values: [
      source,
      rows.map(({ day }) => day),
      rows.map(({ waiting }) => waiting),
      rows.map(({ adopted }) => adopted),
      rows.map(({ other }) => other),
      rows.map(({ at }) => at),
    ],
  });
}
