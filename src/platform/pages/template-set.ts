import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import nunjucks from 'nunjucks';
import type { PagesFolder } from './translations.ts';

/** Renders a template by name with a context of plain values. */
export interface TemplateSet {
  render(name: string, context: object): string;
  /**
   * A GOV.UK macro as a function; what it returns is markup that Nunjucks does not escape again. Undefined when no
   * template uses it.
   */
  component(macro: string): Macro | undefined;
  /** Compiles what was not asked for yet, a template a turn. @throws Error for one that is wrong. */
  compileRest(): Promise<void>;
}

type Macro = (parameters?: object) => unknown;

const GOVUK = 'govuk';

/**
 * Compiles every template once, when it is first asked for: all of them before the first request was a fifth of a start.
 * The GOV.UK macros become globals: importing them in each template would run each macro file again at every rendering,
 * which was most of the cost of a page (bench/pages.ts).
 */
export function createTemplateSet(folders: readonly PagesFolder[]): TemplateSet {
  const own = new Map<string, string>();
  for (const folder of folders) readSources(folder.directory, folder.name, own);

  const environment = new nunjucks.Environment([createLoader(own)], {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const macros = new Map<string, Macro>();
  for (const name of macrosIn(own.values()))
    macros.set(
      name,
      atFirstUse(() => loadMacro(environment, name)),
    );
  for (const [name, macro] of macros) environment.addGlobal(name, macro);

  const pages = new Map<string, nunjucks.Template>();
  const compile = (name: string): nunjucks.Template => {
    const template = environment.getTemplate(name, true);
    pages.set(name, template);
    return template;
  };
  return {
    render: (name, context) => (pages.get(name) ?? compile(name)).render(context),
    component: (name) => macros.get(name),
    async compileRest() {
      for (const name of own.keys()) {
        await nextTurn();
        if (!pages.has(name)) compile(name);
      }
      for (const name of macros.keys()) {
        await nextTurn();
        loadMacro(environment, name);
      }
    },
  };
}

function govukDirectory(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('govuk-frontend/package.json')), 'dist/govuk');
}

function readSources(directory: string, name: string, into: Map<string, string>): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.njk')) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(directory, path);
    into.set(name === '' ? file : `${name}/${file}`, readFileSync(path, 'utf8'));
  }
}

/** The GOV.UK macros that templates call: only these are compiled, which halves start and memory. */
function macrosIn(sources: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const source of sources) {
    for (const [, name = ''] of source.matchAll(/\b(govuk[A-Z][A-Za-z]+)\(/g)) names.add(name);
  }
  return names;
}

/** Our templates come from memory, GOV.UK's from its package; relative names are worked out once, for GOV.UK macros include `./template.njk` per call. */
function createLoader(own: ReadonlyMap<string, string>): nunjucks.ILoader {
  const govuk = govukDirectory();
  const resolved = new Map<string, string>();
  const loader = new nunjucks.Loader();
  return Object.assign(loader, {
    resolve(from: string, to: string): string {
      const key = `${from}\n${to}`;
      let name = resolved.get(key);
      if (name === undefined) {
        name = resolve('/', dirname(from), to).slice(1);
        resolved.set(key, name);
      }
      return name;
    },
    getSource(name: string): nunjucks.LoaderSource {
      const src = name.startsWith(`${GOVUK}/`)
        ? readFileSync(join(govuk, name.slice(GOVUK.length)), 'utf8')
        : own.get(name);
      if (src === undefined) throw new Error(`no template "${name}"`);
      return { src, path: name, noCache: false };
    },
  });
}

/** `govukErrorSummary` of `components/error-summary`. */
function loadMacro(environment: nunjucks.Environment, name: string): Macro {
  const component = name
    .slice(GOVUK.length)
    .replaceAll(/(?<=.)[A-Z]/g, '-$&')
    .toLowerCase();
  environment.getTemplate(`${GOVUK}/components/${component}/template.njk`, true);
  const template: unknown = environment.getTemplate(`${GOVUK}/components/${component}/macro.njk`, true);
  if (!hasExports(template)) throw new Error('nunjucks has changed: a template has no getExported()');
  let macro: Macro | undefined;
  template.getExported((error, exported) => {
    if (error) throw error;
    macro = exported[name];
  });
  if (macro === undefined) throw new Error(`no macro "${name}"`);
  return macro;
}

function atFirstUse(load: () => Macro): Macro {
  let macro: Macro | undefined;
  return (parameters) => {
    macro ??= load();
    return macro(parameters);
  };
}

// Not in @types/nunjucks; it is what `{% from "…" import … %}` compiles to.
interface ExportingTemplate {
  getExported(done: (error: Error | null, exported: Record<string, Macro>) => void): void;
}

function hasExports(template: unknown): template is ExportingTemplate {
  return typeof template === 'object' && template !== null && 'getExported' in template;
}
