import type { CheckOutcome } from '../migration/index.ts';
import { count } from './progress.ts';
import { table } from './terminal.ts';

type Checked = Exclude<CheckOutcome, { outcome: 'refused' }>;

/** What `import --check` found: how many rows of what, and where the first of them stand. */
export function checkSheet(file: string, { read, good, rejected, problems, notes, seconds }: Checked): string {
  const rows = [
    ...Object.entries(problems),
    ...Object.entries(notes).map(([code, found]) => [`note ${code}`, found] as const),
  ];
  const lines = rows.map(([code, found]) => [
    code,
    count(found.rows),
    `${found.lines.join(', ')}${found.rows > found.lines.length ? ', …' : ''}`,
  ]);
  return [
    `Checked ${file} in ${seconds.toFixed(1)} s, nothing was written to the database.\n`,
    `${count(read)} rows: ${count(good)} good, ${count(rejected)} would be rejected.\n`,
    lines.length > 0 ? `\n${table([['CODE', 'ROWS', 'LINES'], ...lines])}` : '',
  ].join('');
}
