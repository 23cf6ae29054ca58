import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPages } from './create-pages.ts';
import { compareMessages, loadMessages, type PagesFolder } from './translations.ts';

const source = join(import.meta.dirname, '../..');
const folders: PagesFolder[] = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'platform')
  .map((entry) => ({ name: entry.name, directory: join(source, entry.name) }));
folders.push({ name: '', directory: import.meta.dirname });
folders.push({ name: 'inbox', directory: join(source, 'platform/notify/inbox') });

const messages = { en: loadMessages(folders, 'en'), cy: loadMessages(folders, 'cy') };

describe('templates', () => {
  it('compile, all of them: a process finds out only once it runs', async () => {
    const pages = createPages({ folders: folders.filter(({ name }) => name !== '') });
    await expect(pages.compileRest()).resolves.toBeUndefined();
  });
});

describe('languages', () => {
  it('have the same keys, placeholders and all plural forms in English and in Welsh', () => {
    expect(
      compareMessages({ language: 'en', messages: messages.en }, { language: 'cy', messages: messages.cy }),
    ).toEqual([]);
    expect(messages.en.size).toBeGreaterThan(30);
  });

  it('have no Welsh message left in English', () => {
    const same = [...messages.en].filter(
      ([key, text]) => typeof text === 'string' && text.length > 30 && messages.cy.get(key) === text,
    );
    expect(same).toEqual([]);
  });

  it('have every key that a template names', () => {
    const missing = readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.njk'))
      .flatMap((entry) => {
        const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
        return [...text.matchAll(/\bt(?:Html)?\(\s*['"]([^'"]+)['"]\s*[,)]/g)].map(
          (match) => `${entry.name}: ${match[1]}`,
        );
      })
      .filter((use) => !messages.en.has(use.split(': ')[1] ?? ''));
    expect(missing).toEqual([]);
  });
});
