import { dirname, resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { readJsonFile } from '../read-json-file.ts';

const Path = Type.String({ minLength: 1, maxLength: 4096 });

const PlanFile = Type.Object(
  {
    title: Type.Optional(Type.String()),
    /** `5%`, as on the command line. */
    cohort: Type.Optional(Type.String()),
    files: Type.Array(
      Type.Object(
        {
          source: Type.String({ minLength: 1, maxLength: 63 }),
          file: Path,
          manifest: Type.Optional(Path),
          knownPairs: Type.Optional(Path),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
type PlanFile = Static<typeof PlanFile>;

/** A plan that was written down. Its paths are as seen from where it lies. @throws CommandFailure */
export async function readPlanFile(path: string): Promise<PlanFile> {
  const plan = await readJsonFile(path);
  if (!Value.Check(PlanFile, plan)) {
    const [first] = Value.Errors(PlanFile, plan);
    const where = first ? ` (${first.instancePath || 'the whole'}: ${first.message})` : '';
    throw new CommandFailure(
      EXIT.usage,
      `${path} is no plan${where}. A plan is {"title"?, "cohort"?, "files": [{"source", "file", "manifest"?, "knownPairs"?}, …]}.`,
    );
  }
  const near = (file: string): string => resolve(dirname(path), file);
  return {
    ...plan,
    files: plan.files.map(({ source, file, manifest, knownPairs }) => ({
      source,
      file: near(file),
      ...(manifest !== undefined && { manifest: near(manifest) }),
      ...(knownPairs !== undefined && { knownPairs: near(knownPairs) }),
    })),
  };
}
