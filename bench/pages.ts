/**
 * CPU of one page: a real one (layout, two fields, a button, errors) by `createPages`, beside a plain template string
 * that makes nearly the same markup, in the same run. Target: below 0.5 ms a page. Run: `node bench/pages.ts`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPages } from '../src/platform/pages/create-pages.ts';
import { escapeHtml } from '../src/platform/pages/escape-html.ts';

const ROUNDS = 7;
const PAGES_A_ROUND = 2000;

const TEMPLATE = `{% extends "layout.njk" %}
{% set title = t('bench.title') %}
{% block content %}
<h1 class="govuk-heading-l">{{ title }}</h1>
<p class="govuk-body">{{ t('bench.intro', { service: service.name }) }}</p>
<form method="post" novalidate>
<input type="hidden" name="formToken" value="{{ formToken }}">
{{ govukInput({ id: 'email', name: 'email', type: 'email', autocomplete: 'username', spellcheck: false,
  label: { text: t('bench.email') }, hint: { text: t('bench.hint') }, value: email, errorMessage: errorFor('email') }) }}
{{ govukPasswordInput({ id: 'password', name: 'password', label: { text: t('bench.password') } }) }}
{{ govukButton({ text: t('bench.button'), preventDoubleClick: true }) }}
</form>
{% endblock %}`;

const MESSAGES = {
  title: 'Sign in',
  intro: 'to go on to {service}',
  email: 'E-mail address',
  hint: 'The one you gave us',
  password: 'Password',
  button: 'Continue',
  wrong: 'Enter an e-mail address',
};

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
mkdirSync(join(folder, 'languages'));
for (const language of ['en', 'cy']) {
  writeFileSync(join(folder, `languages/${language}.json`), JSON.stringify(MESSAGES));
}
writeFileSync(join(folder, 'page.njk'), TEMPLATE);

const begun = performance.now();
const pages = createPages({ folders: [{ name: 'bench', directory: folder }] });
const startMs = performance.now() - begun;
rmSync(folder, { recursive: true });

const data = {
  service: { name: 'Renew a licence', policyUrl: 'https://service.example/privacy' },
  formToken: 'x'.repeat(43),
  email: 'someone <b>',
};
const view = { ...data, language: 'en' as const, nonce: 'n'.repeat(22), backLink: '/back' };
const withErrors = { ...view, errors: [{ field: 'email', key: 'bench.wrong' }] };
const plain = pages.render('bench/page.njk', withErrors).split('someone &lt;b&gt;');

const variants = {
  'page without errors': () => pages.render('bench/page.njk', view),
  'page with errors': () => pages.render('bench/page.njk', withErrors),
  'error page': () => pages.render('error.njk', { language: 'en', nonce: 'n', kind: 'failed', reference: 'r' }),
  'plain string template': () => plain.join(escapeHtml(data.email)),
};

const best = new Map<string, number>();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, render] of Object.entries(variants)) {
    const before = process.cpuUsage();
    for (let page = 0; page < PAGES_A_ROUND; page += 1) render();
    const used = process.cpuUsage(before);
    const ms = (used.user + used.system) / 1000 / PAGES_A_ROUND;
    best.set(name, Math.min(ms, best.get(name) ?? Infinity));
  }
}

const lines = [...best].map(([name, ms]) => `${name.padEnd(24)} ${ms.toFixed(4)} ms of CPU a page`);
process.stdout.write(`compile at start         ${startMs.toFixed(0)} ms\n${lines.join('\n')}\n`);
