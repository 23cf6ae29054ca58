import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { type Assets, loadAssets } from './assets.ts';
import { escapeHtml } from './escape-html.ts';
import { localiseComponents } from './localise-components.ts';
import { createTemplateSet, type TemplateSet } from './template-set.ts';
import {
  compareMessages,
  createTranslate,
  type Language,
  loadMessages,
  type MessageValues,
  type PagesFolder,
  type Translate,
} from './translations.ts';

/** One thing that is wrong with what a person entered: the id of the field, and the message's key. */
export interface PageError {
  readonly field: string;
  readonly key: string;
  readonly values?: MessageValues;
}

/** The service a person came from, in the page's language. */
export interface PageService {
  readonly name: string;
  readonly logoUrl?: string | undefined;
  readonly policyUrl?: string | undefined;
  readonly termsUrl?: string | undefined;
}

/** What every page may use; a page's own data stands beside it. */
export interface PageData {
  readonly service?: PageService | undefined;
  /** Address of the page before this one. */
  readonly backLink?: string | undefined;
  readonly errors?: readonly PageError[] | undefined;
  readonly [name: string]: unknown;
}

export interface PageView extends PageData {
  readonly language: Language;
  /** Nonce of this response's Content-Security-Policy. */
  readonly nonce: string;
  /** Query string of the page's address, with `?`, or nothing: the language switch keeps it. */
  readonly query?: string;
}

export interface Pages {
  /** @throws Error when the template or a message is not there. */
  render(template: string, view: PageView): string;
  /** Plain-text messages, for mail and code. */
  translate(language: Language): Translate;
  readonly assets: Assets;
  /** Compiles what no page has needed yet, bit by bit. @throws Error for a template that is wrong. */
  compileRest(): Promise<void>;
}

/**
 * Reads the templates and the messages of every folder; a template is compiled when it is first needed. @throws Error at start, listing every key that one
 * language has and the other lacks.
 */
export function createPages(options: { readonly folders: readonly PagesFolder[] }): Pages {
  const ownMessages: PagesFolder = { name: '', directory: join(import.meta.dirname) };
  const ownTemplates: PagesFolder = { name: '', directory: join(import.meta.dirname, 'templates') };
  const messageFolders = [ownMessages, ...options.folders];
  const messages = { en: loadMessages(messageFolders, 'en'), cy: loadMessages(messageFolders, 'cy') };
  const problems = compareMessages(
    { language: 'en', messages: messages.en },
    { language: 'cy', messages: messages.cy },
  );
  if (problems.length > 0) throw new Error(`messages differ between the languages:\n  ${problems.join('\n  ')}`);

  const assets = loadAssets();
  const templates = createTemplateSet([ownTemplates, ...options.folders]);
  const contexts = {
    en: languageContext('en', createTranslate(messages.en, 'en'), assets, templates),
    cy: languageContext('cy', createTranslate(messages.cy, 'cy'), assets, templates),
  };
  return {
    assets,
    compileRest: () => templates.compileRest(),
    translate: (language) => contexts[language].t,
    render: (template, view) => templates.render(template, viewContext(contexts[view.language], view)),
  };
}

type LanguageContext = ReturnType<typeof languageContext>;

function languageContext(language: Language, t: Translate, assets: Assets, templates: TemplateSet) {
  return {
    ...localiseComponents(templates, t),
    t,
    tHtml: (key: string, values: MessageValues = {}) => new nunjucks.runtime.SafeString(t(key, escapeValues(values))),
    assets: assets.path,
    language,
    descriptions: { en: t('layout.inEnglish'), cy: t('layout.inWelsh') },
    errorWord: t('components.error'),
  };
}

function viewContext(context: LanguageContext, view: PageView): object {
  const errors = view.errors ?? [];
  const { t } = context;
  return {
    ...context,
    ...view,
    languageLinks: [
      { language: 'en', name: 'English', href: languageHref(view.query, 'en'), description: context.descriptions.en },
      { language: 'cy', name: 'Cymraeg', href: languageHref(view.query, 'cy'), description: context.descriptions.cy },
    ],
    errorList: errors.length === 0 ? undefined : errors.map((e) => ({ text: t(e.key, e.values), href: `#${e.field}` })),
    errorFor(field: string) {
      const error = errors.find((candidate) => candidate.field === field);
      return error && { text: t(error.key, error.values), visuallyHiddenText: context.errorWord };
    },
  };
}

/** A reference that is only a query string stays on this page of this host, whatever the path was (D21). */
function languageHref(query: string | undefined, language: Language): string {
  if (query === undefined || query === '' || query === '?') return `?lng=${language}`;
  const parameters = new URLSearchParams(query);
  parameters.set('lng', language);
  return `?${parameters.toString()}`;
}

function escapeValues(values: MessageValues): MessageValues {
  const escaped: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(values)) {
    escaped[name] = typeof value === 'string' ? escapeHtml(value) : value;
  }
  return escaped;
}
