import { expect, it } from 'vitest';
import { html } from './html.ts';

it('escapes what goes in, and leaves markup, nothing and lists in peace', () => {
  const evil = `<script>"'&`;
  expect(html`<p title="${evil}">${html`<b>${1}</b>`}${undefined}${false}${[html`<i></i>`, 'a<b']}</p>`.html).toBe(
    '<p title="&lt;script&gt;&quot;&#39;&amp;"><b>1</b><i></i>a&lt;b</p>',
  );
});
