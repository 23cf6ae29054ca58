import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

export const LANGUAGES = ['en', 'cy'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Values for `{name}` placeholders; `count` also picks the plural form. */
export type MessageValues = Readonly<Record<string, string | number>>;

/** Returns the message of `key` as plain text. @throws Error when there is no such key. */
export type Translate = (key: string, values?: MessageValues) => string;

/** A folder that owns templates (`*.njk`) and messages (`languages/en.json` and `cy.json`), at any depth. */
export interface PagesFolder {
  /** First part of its template names (`journeys/sign-in/email.njk`) and of its message keys (`journeys.signIn…`). */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
}

/** A message, or its plural forms; a plural always has `other`. */
type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
export type Messages = ReadonlyMap<string, Message>;

const PLURAL_FORMS: ReadonlySet<string> = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** Reads every message of the folders in one language, flattened to dotted keys. @throws Error on a key given twice. */
export function loadMessages(folders: readonly PagesFolder[], language: Language): Messages {
  const messages = new Map<string, Message>();
  for (const folder of folders) {
    for (const file of languageFiles(folder.directory, language)) {
      const place = relative(folder.directory, join(file, '..', '..'))
        .split('/')
        .filter(Boolean)
        .map(camelCase);
      const prefix = [folder.name, ...place].filter(Boolean).join('.');
      const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
      flatten(content, prefix, messages);
    }
  }
  return messages;
}

/** Makes `t` for one language. */
export function createTranslate(messages: Messages, language: Language): Translate {
  const plural = new Intl.PluralRules(language);
  return (key, values) => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`no message "${key}" in language ${language}`);
    const text = typeof message === 'string' ? message : pickPlural(message, plural, values);
    return values === undefined ? text : text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  };
}

/** What differs between two languages: keys on one side only, placeholders that differ, plural forms that lack. */
export function compareMessages(
  left: { language: Language; messages: Messages },
  right: { language: Language; messages: Messages },
): string[] {
  const problems: string[] = [];
  for (const [key, message] of left.messages) {
    const other = right.messages.get(key);
    if (other === undefined) problems.push(`${key} is missing in ${right.language}`);
    else if (placeholders(message) !== placeholders(other)) problems.push(`${key} has other {placeholders}`);
    if (typeof message !== 'string') problems.push(...missingForms(key, message, left.language));
  }
  for (const [key, message] of right.messages) {
    if (!left.messages.has(key)) problems.push(`${key} is missing in ${left.language}`);
    if (typeof message !== 'string') problems.push(...missingForms(key, message, right.language));
  }
  return problems;
}

function missingForms(key: string, message: object, language: Language): string[] {
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return needed.filter((form) => !(form in message)).map((form) => `${key} lacks the form "${form}" in ${language}`);
}

function placeholders(message: Message): string {
  const text = typeof message === 'string' ? message : Object.values(message).join(' ');
  return [...new Set(text.match(/\{\w+\}/g))].toSorted().join(' ');
}

function pickPlural(message: Exclude<Message, string>, plural: Intl.PluralRules, values?: MessageValues): string {
  const count = Number(values?.['count']);
  return message[plural.select(Number.isNaN(count) ? 0 : count)] ?? message.other ?? '';
}

function languageFiles(directory: string, language: Language): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name === `${language}.json` && basename(entry.parentPath) === 'languages',
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function flatten(node: unknown, key: string, into: Map<string, Message>): void {
  if (typeof node === 'string') {
    if (into.has(key)) throw new Error(`message "${key}" is given twice`);
    into.set(key, node);
    return;
  }
  if (typeof node !== 'object' || node === null) throw new Error(`message "${key}" is not text`);
  if (isPlural(node)) {
    into.set(key, node);
    return;
  }
  for (const [name, child] of Object.entries(node)) flatten(child, key === '' ? name : `${key}.${name}`, into);
}

function isPlural(node: object): node is Exclude<Message, string> {
  const entries = Object.entries(node);
  return 'other' in node && entries.every(([form, text]) => PLURAL_FORMS.has(form) && typeof text === 'string');
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
