import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTests } from './vitest-counts.ts';

describe('counting what vitest reports', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-counts-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const count = async (testResults: unknown, ok: boolean) => {
    const file = join(folder, 'report.json');
    await writeFile(file, JSON.stringify({ testResults }));
    return countTests(file, ok);
  };
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  });

  it('counts each test once, and everything that did not run as skipped', async () => {
    const report = [file('passed', 'passed', 'skipped', 'todo'), file('failed', 'passed', 'failed')];
    expect(await count(report, false)).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded as one failure', async () => {
    expect(await count([file('passed', 'passed'), file('failed')], false)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts an error outside of any test as one failure', async () => {
    expect(await count([file('passed', 'passed')], false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a run that left no report as one failure', () => {
    expect(countTests(join(folder, 'none.json'), false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
