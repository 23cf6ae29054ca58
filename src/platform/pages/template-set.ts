import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
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
}

type Macro = (parameters?: object) => unknown;

const GOVUK = 'govuk';

/**
 * Compiles every template once. The GOV.UK macros become globals: importing them in each template would run each
 * macro file again at every rendering, which was most of the cost of a page (bench/pages.ts).
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
  for (const component of componentsIn(own.values())) {
    for (const [name, macro] of loadMacros(environment, component)) macros.set(name, macro);
  }
  for (const [name, macro] of macros) environment.addGlobal(name, macro);

  const pages = new Map<string, nunjucks.Template>();
  for (const name of own.keys()) pages.set(name, environment.getTemplate(name, true));
  return {
    render(name, context) {
      const template = pages.get(name);
      if (template === undefined) throw new Error(`no template "${name}"`);
      return template.render(context);
    },
    component: (name) => macros.get(name),
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

/** The folders of the GOV.UK components that templates call: only these are compiled, which halves start and memory. */
function componentsIn(sources: Iterable<string>): Set<string> {
  const components = new Set<string>();
  for (const source of sources) {
    for (const [, name = ''] of source.matchAll(/\bgovuk([A-Z][A-Za-z]+)\(/g)) {
      components.add(name.replaceAll(/(?<=.)[A-Z]/g, '-$&').toLowerCase());
    }
  }
  return components;
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

function loadMacros(environment: nunjucks.Environment, component: string): [string, Macro][] {
  environment.getTemplate(`${GOVUK}/components/${component}/template.njk`, true);
  const template: unknown = environment.getTemplate(`${GOVUK}/components/${component}/macro.njk`, true);
  if (!hasExports(template)) throw new Error('nunjucks has changed: a template has no getExported()');
  let macros: [string, Macro][] = [];
  template.getExported((error, exported) => {
    if (error) throw error;
    macros = Object.entries(exported);
  });
  return macros;
}

// Not in @types/nunjucks; it is what `{% from "…" import … %}` compiles to.
interface ExportingTemplate {
  getExported(done: (error: Error | null, exported: Record<string, Macro>) => void): void;
}

function hasExports(template: unknown): template is ExportingTemplate {
  return typeof template === 'object' && template !== null && 'getExported' in template;
}
