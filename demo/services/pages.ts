import { html, type Html } from './html.ts';
import type { DemoService, Latchkey } from './service-setting.ts';
import type { ServiceSession } from './session-book.ts';

export interface Setting {
  readonly service: DemoService;
  readonly latchkey: Latchkey;
}

function page({ service, latchkey }: Setting, title: string, content: Html): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – ${service.name.en}</title>
        <link rel="icon" href="/logo.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>
          <div class="width bar">
            <img src="/logo.svg" alt="" width="44" height="44" />
            <span><small>${service.department.name.en}</small><a href="/">${service.name.en}</a></span>
          </div>
        </header>
        <section class="demo" aria-label="About this page">
          <span class="width"
            ><strong>Demo</strong> An invented service that shows Latchkey. Nothing here is real.</span
          >
        </section>
        <div class="sheet"><main class="width">${content}</main></div>
        <footer>
          <nav class="width" aria-label="Other pages of the demo">
            <span>In this demo:</span>
            ${latchkey.elsewhere.map(({ label, href }) => html`<a href="${href}">${label}</a>`)}
          </nav>
        </footer>
      </body>
    </html>`;
  return document.html;
}

export function startPage(setting: Setting, intro: Html): string {
  const { name } = setting.service;
  return page(
    setting,
    name.en,
    html`<h1>${name.en}</h1>
      ${intro}
      <p><a class="button" href="/sign-in">Start now</a></p>
      <p>
        <a href="/sign-in?silent=yes">Sign in without seeing a page</a>, if you are signed in to another service
        already.
      </p>`,
  );
}

export function deskPage(setting: Setting, session: ServiceSession, intro: Html | undefined): string {
  const { look } = setting.service;
  const took = Math.round(session.tookMs);
  return page(
    setting,
    'You are signed in',
    html`${
        session.silent &&
        html`<p class="notice" role="status">You were signed in silently, in ${took} ms: Latchkey knew you already.</p>`
      }
      <h1>You are signed in</h1>
      ${look.desk(session.sub)}
      <div class="actions">
        <a class="button quiet" href="/sign-in?silent=yes">Sign in again silently</a>
        <form method="post" action="/sign-out"><button class="button quiet">Sign out</button></form>
      </div>
      <h2>What Latchkey told this service</h2>
      <table>
        <caption>
          The person
        </caption>
        <tbody>
          ${row('sub', html`<code>${session.sub}</code>`)} ${Object.entries(session.userInfo).map(claimRow)}
        </tbody>
      </table>
      <table>
        <caption>
          The sign-in
        </caption>
        <tbody>
          ${row('vot (level reached)', html`<code>${text(session.claims['vot'])}</code>`)}
          ${row('Signed in at', time(session.claims.auth_time))} ${row('ID token made at', time(session.claims.iat))}
          ${row('ID token good until', time(session.claims.exp))}
          ${row('Access token good for', `${session.accessTokenSeconds ?? '?'} seconds`)}
          ${row('sid (session)', html`<code>${text(session.claims['sid'])}</code>`)}
          ${row('ID token signed with', setting.service.idTokenAlg)}
          ${row('This service proves itself with', setting.service.authMethod)}
        </tbody>
      </table>
      <details>
        <summary>The ID token</summary>
        <pre tabindex="0">${JSON.stringify(session.claims, null, 2)}</pre>
      </details>
      ${intro}`,
  );
}

export function endedPage(setting: Setting, session: ServiceSession): string {
  return page(
    setting,
    'You were signed out',
    html`<h1>You were signed out</h1>
      <p>
        At ${session.endedAt?.toLocaleTimeString('en-GB')} Latchkey told this service that your session is over
        (back-channel logout). It ended here at once, although your browser was somewhere else.
      </p>
      <p><a class="button" href="/sign-in">Sign in again</a></p>`,
  );
}

export function signedOutPage(setting: Setting): string {
  return page(
    setting,
    'You have signed out',
    html`<h1>You have signed out</h1>
      <p>Your session with Latchkey is over too, and the other services of it have been told.</p>
      <p><a class="button" href="/sign-in">Sign in again</a> <a href="/">Back to the start</a></p>`,
  );
}

export function smallPrint(setting: Setting, title: string): string {
  const { department } = setting.service;
  return page(
    setting,
    title,
    html`<h1>${title}</h1>
      <p>
        This is where ${department.name.en} would say what it does with what you tell it. This is a demo: nothing.
      </p>`,
  );
}

export interface Trouble {
  readonly title: string;
  readonly advice: string;
  readonly code?: string | undefined;
}

export function troublePage(setting: Setting, { title, advice, code }: Trouble): string {
  return page(
    setting,
    title,
    html`<h1>${title}</h1>
      <p>${advice}</p>
      ${code !== undefined && html`<p>Latchkey’s answer: <code>${code}</code></p>`}
      <p><a class="button" href="/sign-in">Sign in</a> <a href="/">Back to the start</a></p>`,
  );
}

function row(label: string, value: Html | string): Html {
  return html`<tr>
    <th scope="row">${label}</th>
    <td>${value}</td>
  </tr>`;
}

function claimRow([name, value]: [string, unknown]): Html | undefined {
  return name === 'sub' || name === 'vot' || name === 'vtm' ? undefined : row(name, text(value));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
}

function time(seconds: number | undefined): string {
  return seconds === undefined ? '–' : new Date(seconds * 1000).toLocaleString('en-GB');
}
