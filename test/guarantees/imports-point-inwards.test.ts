import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

// Who may import whom (README, "Layout"), as the linter keeps it: every arrow there can be, allowed or not, is written
// into a generated tree, and the linter reads it with the project's own rules.

const ROOT = join(import.meta.dirname, '../..');

const FOLDERS = [
  'journeys',
  'departments',
  'operators',
  'oidc',
  'migration',
  'accounts',
  'relying-parties',
  'legacy',
  'audit',
] as const;
type Folder = (typeof FOLDERS)[number];

const MAY_IMPORT: Record<Folder, readonly Folder[]> = {
  journeys: ['migration', 'accounts', 'legacy', 'relying-parties', 'audit'],
  departments: ['migration', 'relying-parties', 'audit'],
  operators: ['migration', 'accounts', 'legacy', 'relying-parties', 'audit'],
  oidc: ['accounts', 'relying-parties', 'audit'],
  migration: ['accounts', 'legacy', 'audit'],
  accounts: ['audit'],
  'relying-parties': ['audit'],
  legacy: [],
  audit: [],
};

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly allowed: boolean;
}

const inside = (folder: string): string => `src/${folder}/part/file.ts`;
const face = (folder: string): string => `src/${folder}/index.ts`;
const PLATFORM = 'src/platform/crypto/file.ts';
const TOP = ['src/app.ts', 'src/main.js', 'src/cli/command.ts'];

function* arrows(): Generator<Arrow> {
  for (const from of FOLDERS) {
    for (const to of FOLDERS.filter((folder) => folder !== from)) {
      yield { from: inside(from), to: face(to), allowed: MAY_IMPORT[from].includes(to) };
      yield { from: inside(from), to: inside(to), allowed: false };
    }
    yield { from: inside(from), to: `src/${from}/other/file.ts`, allowed: true };
    yield { from: inside(from), to: PLATFORM, allowed: true };
    yield { from: PLATFORM, to: face(from), allowed: false };
    for (const top of TOP) {
      yield { from: inside(from), to: top, allowed: false };
      yield { from: top, to: face(from), allowed: true };
      yield { from: top, to: inside(from), allowed: false };
    }
  }
  for (const from of ['src/platform/http/file.ts', ...FOLDERS.map(inside), ...TOP]) {
    yield { from, to: 'demo/start.ts', allowed: false };
    yield { from, to: 'oidc-provider', allowed: from === inside('oidc') };
    yield { from, to: 'pg', allowed: true };
  }
}

const ALL = [...arrows()].map((arrow) => ({ ...arrow, name: `${arrow.from} → ${arrow.to}` }));

describe('imports point inwards', () => {
  let refused: ReadonlySet<string> = new Set();
  beforeAll(() => {
    refused = lint(ALL);
  });

  it.each(ALL.filter((arrow) => !arrow.allowed))('refuses $name', ({ name }) => {
    expect(refused).toContain(name);
  });
  it.each(ALL.filter((arrow) => arrow.allowed))('allows $name', ({ name }) => {
    expect(refused).not.toContain(name);
  });
});

/** Writes a tree with one file for each `from` and one line for each arrow; returns the names of those refused. */
function lint(all: readonly (Arrow & { readonly name: string })[]): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-imports-'));
  try {
    const files = Map.groupBy(all, (arrow) => arrow.from);
    for (const [from, lines] of files) {
      mkdirSync(dirname(join(folder, from)), { recursive: true });
      writeFileSync(join(folder, from), lines.map((arrow) => `import '${specifier(arrow)}';\n`).join(''));
    }
    const found = runLinter(folder).filter(({ code }) => code === 'eslint(no-restricted-imports)');
    return new Set(found.map(({ filename, labels }) => files.get(filename)![labels[0]!.span.line - 1]!.name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function specifier({ from, to }: Arrow): string {
  if (!to.includes('/')) return to;
  const path = relative(dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

function runLinter(folder: string): Diagnostic[] {
  const rules: { options: unknown } = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8'));
  // Types are no part of this question, and the files that are imported here do not exist.
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify({ ...rules, options: {} }));
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', '.'], { cwd: folder, encoding: 'utf8' });
  const report: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
  return report.diagnostics;
}
