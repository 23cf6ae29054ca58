import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { type Config, ConfigSchema } from './config-schema.ts';
import { crossProblems, schemaProblems } from './find-problems.ts';
import { listSettings } from './list-settings.ts';
import { type Environment, readEnvironment, unknownVariables } from './read-environment.ts';

export interface ConfigSources {
  /** `process.env` when left out. */
  readonly env?: Environment;
  /** Folder of `default.json` and the files named after environments; the project's `config/` when left out. */
  readonly folder?: string;
}

type Tree = Record<string, unknown>;

const PROJECT_FOLDER = join(import.meta.dirname, '../../../config');

/**
 * Reads `default.json`, then the file of the environment, then the environment variables, each over the one before, and
 * checks the whole. @throws LatchkeyError `config_invalid`, whose message names every key that is wrong, all at once, and
 * no value of any.
 */
export function loadConfig({ env = process.env, folder = PROJECT_FOLDER }: ConfigSources = {}): Config {
  const settings = listSettings(ConfigSchema);
  const tree = readJson(folder, 'default');
  const environment = env['LATCHKEY_ENVIRONMENT'] || tree['environment'];
  if (typeof environment === 'string' && /^[a-z]+$/.test(environment)) merge(tree, readJson(folder, environment));
  for (const [path, value] of readEnvironment(env, settings)) setAt(tree, path, value);

  const problems = unknownVariables(env, settings).map((name) => `${name} is not a variable we know`);
  const candidate: unknown = Value.Default(ConfigSchema, tree);
  problems.push(...schemaProblems(candidate, settings));
  if (Value.Check(ConfigSchema, candidate)) {
    problems.push(...crossProblems(candidate, developmentSecrets()));
    if (problems.length === 0) return deepFreeze(candidate);
  }
  throw new LatchkeyError('config_invalid', `The configuration is not valid:\n- ${problems.join('\n- ')}`);
}

/** From the project's own file, whatever folder is read: these are the ones that are published. */
function developmentSecrets(): ReadonlySet<string> {
  const secrets = readJson(PROJECT_FOLDER, 'development')['secrets'];
  const values: unknown[] = typeof secrets === 'object' && secrets !== null ? Object.values(secrets).flat() : [];
  return new Set(values.filter((value) => typeof value === 'string'));
}

function readJson(folder: string, name: string): Tree {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) return {};
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isTree(content)) return content;
  } catch {
    // The parser's message would quote the file, which may hold a secret.
  }
  throw new LatchkeyError('config_invalid', `${path} is not a JSON object`);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const present = into[key];
    if (isTree(present) && isTree(value)) merge(present, value);
    else into[key] = value;
  }
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const name of path.slice(0, -1)) {
    const child = node[name];
    if (isTree(child)) {
      node = child;
    } else {
      const made: Tree = {};
      node[name] = made;
      node = made;
    }
  }
  const last = path.at(-1);
  if (last !== undefined) node[last] = value;
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
