import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPages, type Pages } from './create-pages.ts';

let directory: string;
let pages: Pages;

function write(file: string, text: string): void {
  mkdirSync(join(directory, file, '..'), { recursive: true });
  writeFileSync(join(directory, file), text);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-pages-'));
  write('sign-in/languages/en.json', '{"title": "Sign in", "hello": "Hello <b>{name}</b>", "wrong": "Enter {what}"}');
  write(
    'sign-in/languages/cy.json',
    '{"title": "Mewngofnodi", "hello": "Helo <b>{name}</b>", "wrong": "Rhowch {what}"}',
  );
  write(
    'sign-in/email.njk',
    `{% extends "layout.njk" %}
{% set title = t('demo.signIn.title') %}
{% block content %}<h1>{{ title }}</h1><p>{{ typed }}</p><p>{{ tHtml('demo.signIn.hello', { name: typed }) }}</p>
{{ govukInput({ id: 'email', name: 'email', label: { text: 'E' }, value: typed, errorMessage: errorFor('email') }) }}
{{ govukPasswordInput({ id: 'password', name: 'password', label: { text: 'P' } }) }}
{% endblock %}`,
  );
  pages = createPages({ folders: [{ name: 'demo', directory }] });
});
afterAll(() => rmSync(directory, { recursive: true }));

const evil = `"><script>alert('x')</script>`;
const render = (language: 'en' | 'cy', more: object = {}) =>
  pages.render('demo/sign-in/email.njk', { language, nonce: 'NONCE', typed: 'me', ...more });

describe('pages', () => {
  it('renders in the language, with the nonce on the only script, and names Latchkey', () => {
    const html = render('cy');
    expect(html).toContain('<html lang="cy"');
    expect(html).toContain('<h1>Mewngofnodi</h1>');
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toMatch(/<script type="module" src="\/assets\/[\w-]{12}\/latchkey.js" nonce="NONCE">/);
    expect(html).toContain('>Latchkey<');
  });

  it('X3: markup from anywhere is inert in values, messages, service names, errors and the language switch', () => {
    const html = render('en', {
      typed: evil,
      service: { name: evil, policyUrl: 'https://service.example/privacy' },
      query: `?a=${evil}`,
      errors: [{ field: 'email', key: 'demo.signIn.wrong', values: { what: evil } }],
    });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('Hello <b>&quot;&gt;&lt;script');
  });

  it('puts errors in the summary, at the field and before the title', () => {
    const html = render('cy', { errors: [{ field: 'email', key: 'demo.signIn.wrong', values: { what: 'x' } }] });
    expect(html).toContain('<title>Gwall: Mewngofnodi – Latchkey</title>');
    expect(html).toContain('Mae problem wedi codi');
    expect(html).toMatch(/<a href="#email">Rhowch x<\/a>/);
    expect(html).toMatch(/<span class="govuk-visually-hidden">Gwall:<\/span> Rhowch x/);
  });

  it('leaves no English word of the components in a Welsh page', () => {
    expect(render('cy', { errors: [{ field: 'email', key: 'demo.signIn.title' }] })).not.toMatch(
      /Show|Hide|There is a problem|Error:|Skip to|Back</,
    );
  });

  it('D21: the language switch is only a query string, so it never leaves the page', () => {
    const html = render('en', { query: '?next=//evil.example&lng=en' });
    expect(html).toContain('href="?next=%2F%2Fevil.example&amp;lng=cy"');
    expect(render('en')).toContain('href="?lng=cy"');
  });

  it('refuses a template or a message that is not there', () => {
    expect(() => pages.render('demo/none.njk', { language: 'en', nonce: '' })).toThrow(/no template/);
    expect(() => pages.translate('en')('demo.none')).toThrow(/no message/);
  });

  it('says which template is wrong when all are compiled, and shows the others', async () => {
    const other = mkdtempSync(join(tmpdir(), 'latchkey-pages-'));
    mkdirSync(join(other, 'languages'));
    for (const language of ['en', 'cy']) writeFileSync(join(other, `languages/${language}.json`), '{}');
    writeFileSync(join(other, 'good.njk'), 'good');
    writeFileSync(join(other, 'wrong.njk'), '{% block %}');
    const both = createPages({ folders: [{ name: 'o', directory: other }] });
    await expect(both.compileRest()).rejects.toThrow(/o\/wrong\.njk/);
    expect(both.render('o/good.njk', { language: 'en', nonce: '' })).toBe('good');
    rmSync(other, { recursive: true });
  });

  it('stops the start when the languages differ, and names every key', () => {
    const other = mkdtempSync(join(tmpdir(), 'latchkey-pages-'));
    mkdirSync(join(other, 'languages'));
    writeFileSync(join(other, 'languages/en.json'), '{"a": "{x}", "b": "b", "n": {"one": "1", "other": "2"}}');
    writeFileSync(join(other, 'languages/cy.json'), '{"a": "{y}", "c": "c", "n": {"one": "1", "other": "2"}}');
    expect(() => createPages({ folders: [{ name: 'o', directory: other }] })).toThrow(
      /o\.a has other[^]*o\.b is missing in cy[^]*o\.c is missing in en[^]*o\.n lacks the form "zero" in cy/,
    );
    rmSync(other, { recursive: true });
  });

  it('ships nothing of the GOV.UK identity: no font, no crest, no crown', () => {
    for (const [name, file] of pages.assets.files) {
      expect(name).not.toMatch(/woff|crown|crest/);
      expect(file.body.toString('latin1')).not.toMatch(/GDS Transport|crest\.svg|@font-face/);
    }
    expect(render('en')).not.toMatch(/GOV\.UK|crown|crest/i);
  });
});
