import type { BalanceSheet, OutcomeCounts } from '../../migration/index.ts';
import { count } from '../progress.ts';
import { table } from '../terminal.ts';

const HEAD = [
  'SOURCE',
  'READ',
  'NEW',
  'CHANGED',
  'SAME',
  'LINKED',
  'PROOF',
  'REJECTED',
  'OUTSIDE',
  'NOT RUN',
  'WRITTEN',
  'IN LEDGER',
];

export function balanceTable(sheet: BalanceSheet): string {
  const { parts, total, balanced } = sheet;
  const rows = parts.map(({ source, read, outcomes, notRun, written, inLedger }) => [
    source,
    ...cells(read, outcomes, notRun),
    count(written),
    count(inLedger),
  ]);
  const sum = (key: 'written' | 'inLedger'): string => count(parts.reduce((all, part) => all + part[key], 0));
  const together = ['together', ...cells(total.read, total.outcomes, total.notRun), sum('written'), sum('inLedger')];
  return [
    `${sheet.title}: ${sheet.state}\n`,
    `planned by ${sheet.plannedBy}, approved by ${sheet.approvedBy || 'nobody'}; sheet made ${sheet.madeAt}\n\n`,
    table([HEAD, ...rows, ...(rows.length > 1 ? [together] : [])]),
    balanced ? '\nBalanced: every row has one outcome, and the ledger has what was written.\n' : '\nNOT BALANCED.\n',
  ].join('');
}

const cells = (read: number, outcomes: OutcomeCounts, notRun: number): string[] =>
  [
    read,
    outcomes.new,
    outcomes.changed,
    outcomes.unchanged,
    outcomes.linked,
    outcomes['needs-proof'],
    outcomes.rejected,
    outcomes.outside,
    notRun,
  ].map(count);
