import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import nunjucks from 'nunjucks';
import type { PagesFolder } from './translations.ts';

/** Renders a template by name with a context of plain values. */
export interface TemplateSet {
  render(name: string, context: object): string;
  /** A GOV.UK macro as a function; what it returns is markup that Nunjucks does not escape again. */
  component(macro: string): Macro;
}

type Macro = (parameters?: object) => unknown;

/** The GOV.UK Frontend components pages may use, without importing them: `{{ govukButton({…}) }}`. */
const COMPONENTS = [
  'back-link',
  'button',
  'character-count',
  'checkboxes',
  'date-input',
  'details',
  'error-message',
  'error-summary',
  'fieldset',
  'hint',
  'input',
  'inset-text',
  'label',
  'notification-banner',
  'panel',
  'password-input',
  'radios',
  'select',
  'skip-link',
  'summary-list',
  'table',
  'tag',
  'task-list',
  'textarea',
  'warning-text',
] as const;

const GOVUK = 'govuk';

/**
 * Compiles every template once. The GOV.UK macros become globals: importing them in each template would run each
 * macro file again at every rendering, which was most of the cost of a page (bench/pages.ts).
 */
export function createTemplateSet(folders: readonly PagesFolder[]): TemplateSet {
  const sources = new Map<string, string>();
  readSources(govukDirectory(), GOVUK, sources, (file) => file.startsWith('components/') || file.startsWith('macros/'));
  for (const folder of folders) readSources(folder.directory, folder.name, sources);

  const environment = new nunjucks.Environment([createLoader(sources)], {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const macros = new Map<string, Macro>();
  for (const component of COMPONENTS) {
    for (const [name, macro] of loadMacros(environment, component)) macros.set(name, macro);
  }
  for (const [name, macro] of macros) environment.addGlobal(name, macro);

  const pages = new Map<string, nunjucks.Template>();
  for (const name of sources.keys()) {
    if (!name.startsWith(`${GOVUK}/`)) pages.set(name, environment.getTemplate(name, true));
  }
  return {
    render(name, context) {
      const template = pages.get(name);
      if (template === undefined) throw new Error(`no template "${name}"`);
      return template.render(context);
    },
    component(name) {
      const macro = macros.get(name);
      if (macro === undefined) throw new Error(`no component "${name}"`);
      return macro;
    },
  };
}

function govukDirectory(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('govuk-frontend/package.json')), 'dist/govuk');
}

function readSources(
  directory: string,
  name: string,
  into: Map<string, string>,
  isWanted: (file: string) => boolean = () => true,
): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.njk')) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(directory, path);
    if (isWanted(file)) into.set(name === '' ? file : `${name}/${file}`, readFileSync(path, 'utf8'));
  }
}

/** Templates come from memory; relative names are worked out once, for GOV.UK macros include `./template.njk` per call. */
function createLoader(sources: ReadonlyMap<string, string>): nunjucks.ILoader {
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
      const src = sources.get(name);
      // Nunjucks's types do not know it, but null is how a loader says "not here".
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
