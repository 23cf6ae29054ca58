import { readFileSync } from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads vitest's JSON report. A file that could not be loaded has no test that could fail, and an error outside of any
 * test neither: each counts as one failure, and so does a report that is not there.
 */
export function countTests(reportFile: string, ok: boolean): Counts {
  const report = readReport(reportFile);
  const statuses = report.flatMap((file) => (file.assertionResults ?? []).map((test) => test.status));
  const count = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length;

  const passed = count('passed');
  const broken = report.filter(
    (file) => file.status === 'failed' && !(file.assertionResults ?? []).some((test) => test.status === 'failed'),
  );
  const failed = count('failed') + broken.length;
  return { passed, failed: ok ? failed : Math.max(failed, 1), skipped: statuses.length - passed - count('failed') };
}

interface FileReport {
  readonly status: string;
  readonly assertionResults?: readonly { readonly status: string }[];
}

function readReport(reportFile: string): readonly FileReport[] {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return [];
  }
  if (typeof report !== 'object' || report === null || !('testResults' in report)) return [];
  return Array.isArray(report.testResults) ? report.testResults.filter(isFileReport) : [];
}

function isFileReport(value: unknown): value is FileReport {
  return typeof value === 'object' && value !== null && 'status' in value && 'assertionResults' in value;
}
