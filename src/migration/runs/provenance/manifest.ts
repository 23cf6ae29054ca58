import { createHash, createPublicKey, verify } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Problem, SourceDefinition } from '../../sources/definition.ts';
import { openRows } from '../reading/open-rows.ts';

const Manifest = Type.Object(
  {
    source: Type.String({ maxLength: 63 }),
    fileName: Type.String({ minLength: 1, maxLength: 255 }),
    /** Of the bytes of the file, packed if it is. */
    sha256: Type.String({ pattern: '^[0-9a-fA-F]{64}$' }),
    rows: Type.Integer({ minimum: 0 }),
    /** When the old system was in this state. */
    asOf: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z)?$' }),
    /** Ed25519 over `[source, fileName, sha256, rows, asOf]` as JSON without blanks; base64url. */
    signature: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' })),
  },
  { additionalProperties: false },
);
type Manifest = Static<typeof Manifest>;

export interface JudgedManifest {
  readonly asOf: Date;
  readonly digest: Buffer;
}

export interface FileToJudge {
  readonly definition: SourceDefinition;
  readonly fileName: string;
  readonly reread: () => AsyncIterable<Uint8Array>;
  readonly now: Date;
}

const problem = (code: string, message: string): Problem => ({ field: 'manifest', code, message });

/** Judges what a file is said to be against what it is. Reads all of it, and nothing has been written yet. */
export async function judgeManifest(
  file: FileToJudge,
  given: unknown,
): Promise<JudgedManifest | { readonly problems: readonly Problem[] }> {
  if (!Value.Check(Manifest, given)) return { problems: [invalid] };
  const said = whatItSays(file, given);
  if (said.length > 0) return { problems: said };
  const { digest, rows } = await readThrough(file);
  const problems: Problem[] = [];
  if (digest.toString('hex') !== given.sha256.toLowerCase())
    problems.push(problem('manifest_checksum', 'The file has another checksum than its manifest says.'));
  else if (rows !== given.rows)
    problems.push(problem('manifest_rows', `The file has ${rows} rows, and its manifest says ${given.rows}.`));
  return problems.length > 0 ? { problems } : { asOf: new Date(given.asOf), digest };
}

const invalid = problem(
  'manifest_invalid',
  'A manifest is {"source", "fileName", "sha256", "rows", "asOf", "signature"?}; asOf is a date or a UTC time.',
);

const DAY_MS = 24 * 3600 * 1000;

function whatItSays({ definition, fileName, now }: FileToJudge, manifest: Manifest): readonly Problem[] {
  const asOf = new Date(manifest.asOf).getTime();
  const problems = [
    manifest.source !== definition.source &&
      problem('manifest_source', `The manifest is of a file of "${manifest.source}".`),
    manifest.fileName !== fileName && problem('manifest_file', `The manifest is of a file named ${manifest.fileName}.`),
    // One from the future would make every later file an older one.
    !(asOf <= now.getTime() + DAY_MS) && problem('manifest_as_of', 'asOf is no date, or one in the future.'),
    signatureProblem(definition.file.manifestKey, manifest),
  ];
  return problems.filter((one) => typeof one === 'object');
}

function signatureProblem(key: string | undefined, manifest: Manifest): Problem | undefined {
  const { signature, source, fileName, sha256, rows, asOf } = manifest;
  if (key === undefined && signature === undefined) return undefined;
  if (key === undefined)
    return problem('signature_unknown', 'It is signed, and the definition has no file.manifestKey to verify it with.');
  if (signature === undefined) return problem('signature_missing', 'Manifests of this source must be signed.');
  const text = JSON.stringify([source, fileName, sha256, rows, asOf]);
  return isSigned(text, signature, key) ? undefined : problem('signature_wrong', 'The signature does not verify.');
}

function isSigned(text: string, signature: string, key: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

async function readThrough({ definition, reread }: FileToJudge): Promise<{ digest: Buffer; rows: number }> {
  const digest = createHash('sha256');
  const stream = reread();
  async function* hashed() {
    for await (const chunk of stream) {
      digest.update(chunk);
      yield chunk;
    }
  }
  const opened = openRows(hashed(), definition.file);
  let rows = 0;
  for await (const block of opened.blocks) rows += block.length;
  // A file that is refused by its header is not read to its end; the import says so.
  return { digest: opened.refusal() ? await digestOf(reread()) : digest.digest(), rows };
}

export async function digestOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const digest = createHash('sha256');
  for await (const chunk of stream) digest.update(chunk);
  return digest.digest();
}
