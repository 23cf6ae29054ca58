import { type Static, Type } from 'typebox';
import type { PlannedFile, Problem, Source } from '../../../migration/index.ts';
import type { RunFolder } from '../files/run-folder.ts';

export const PlanFields = Type.Object(
  {
    title: Type.String({ maxLength: 200 }),
    /** A line for each file: its source, blanks, its name in the folder. */
    files: Type.String({ maxLength: 60_000 }),
    /** Of a hundred. */
    cohort: Type.String({ maxLength: 10 }),
    confirmed: Type.Optional(Type.Literal('yes')),
  },
  { additionalProperties: false },
);
export type PlanFields = Static<typeof PlanFields>;

export interface FileLine {
  readonly source: string;
  readonly name: string;
}

export const readLines = (text: string): readonly FileLine[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [source = '', ...name] = line.split(/[\s=:]+/);
      return { source, name: name.join(' ') };
    });

/** The source whose key the name of a file begins with; the longest, when several do. */
export function guessSource(name: string, sources: readonly Pick<Source, 'source'>[]): string | undefined {
  const fitting = sources.filter(({ source }) => name.startsWith(source) && /^[._-]/.test(name.slice(source.length)));
  return fitting.map(({ source }) => source).toSorted((one, other) => other.length - one.length)[0];
}

/** Files of the folder as a plan names them, each with the manifest that lies beside it. */
export async function filesOf(
  folder: RunFolder,
  lines: readonly FileLine[],
): Promise<{ readonly files: readonly PlannedFile[]; readonly problems: readonly Problem[] }> {
  const files: PlannedFile[] = [];
  const problems: Problem[] = [];
  for (const { source, name } of lines) {
    const place = await folder.find(name);
    if (place === undefined) {
      const message = `There is no file "${name.slice(0, 200)}" in the folder.`;
      problems.push({ field: source.slice(0, 63), code: 'file_missing', message });
      continue;
    }
    const manifest = await readManifest(folder, name);
    if (manifest === 'broken')
      problems.push({ field: source, code: 'manifest_invalid', message: `The manifest of ${name} is not JSON.` });
    else files.push({ source, fileName: name, place, ...(manifest !== undefined && { manifest }) });
  }
  return { files, problems };
}

async function readManifest(folder: RunFolder, name: string): Promise<unknown> {
  try {
    return await folder.manifestOf(name);
  } catch (error) {
    if (error instanceof SyntaxError) return 'broken';
    throw error;
  }
}

/** 12.5 → 1,250 of 10,000; undefined when it is no share. */
export function cohortOf(percent: string): number | undefined {
  const share = percent.trim() === '' ? 100 : Number(percent.trim().replace(/\s*%$/, '').replace(',', '.'));
  const cohort = Math.round(share * 100);
  return cohort >= 1 && cohort <= 10_000 ? cohort : undefined;
}
