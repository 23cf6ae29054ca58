import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { type Answered, type LegacyRefusal, refused } from '../answer.ts';
import type { HttpAnswer } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { adapterOf } from './adapter-of.ts';
import { type CookieJar, createCookieJar } from './cookie-jar.ts';
import type { FormPageSettings } from './form-page-settings.ts';
import { identify } from './identify.ts';
import { type Channel, openChannel } from './open-channel.ts';
import { type Page, type PageForm, readPage } from './read-page.ts';
import type { Typed } from './read-typed.ts';
import { textOfBody } from './reply.ts';

const MOST_BYTES = 256 * 1024;

/** M11: does what a browser would, as long as the page is what it was. Cookies live for one sign-in. */
export function createFormPageAdapter(settings: FormPageSettings, context: AdapterContext): PasswordAdapter {
  checkSettings(settings, context.source);
  const keyPage = settings.key === 'login' ? [] : [settings.key.pageUrl];
  const channel = openChannel({ maxBytes: MOST_BYTES, ...settings }, context, [settings.pageUrl, ...keyPage]);
  return adapterOf(context, {
    logIn: (typed, signal) => logIn(visit(settings, channel, signal), typed, context),
    async health(signal) {
      await openForm(visit(settings, channel, signal));
    },
  });
}

/** One browser that is not one: what it may see is on one host. */
interface Visit {
  readonly settings: FormPageSettings;
  readonly jar: CookieJar;
  readonly ask: (url: string, body?: string) => Promise<HttpAnswer>;
}

function visit(settings: FormPageSettings, channel: Channel, signal: AbortSignal): Visit {
  const jar = createCookieJar();
  const { origin } = new URL(settings.pageUrl);
  const ask = async (url: string, body?: string): Promise<HttpAnswer> => {
    if (new URL(url).origin !== origin) throw new LegacyFault('redirected', 'to another host');
    const sent = body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body };
    const posted = { 'content-type': 'application/x-www-form-urlencoded', origin, referer: settings.pageUrl };
    const headers = { accept: 'text/html', ...jar.header(), ...(body !== undefined && posted) };
    const answer = await channel.ask({ url, signal, headers, ...sent }, 'taken');
    if (answer.status >= 500) throw new LegacyFault('server-error', `status ${answer.status}`);
    jar.take(answer.cookies);
    return answer;
  };
  return { settings, jar, ask };
}

async function logIn(at: Visit, typed: Typed, context: AdapterContext): Promise<Answered> {
  const { settings } = at;
  const form = await openForm(at);
  const before = at.jar.has(settings.success.cookie ?? '');
  const answer = await at.ask(form.action.href, fillPage(form, settings, typed));
  const landed = await land(at, answer, form.action.href);
  const refusal = refusalOf(landed, settings);
  if (refusal !== undefined) return refused(refusal);
  if (!isSignedIn(at, landed, before)) throw new LegacyFault('garbage', 'neither signed in nor refused, as agreed');
  const key = await readKey(at);
  const reply = { status: answer.status, headers: {}, isPage: true, read: () => key };
  const path = settings.key === 'login' ? 'login' : { path: 'key' };
  const known = { settings: { key: path, level: settings.level }, login: typed.login, proved: ['password'] } as const;
  return identify(reply, known, context);
}

/** The form, when the page is still what was configured. @throws LegacyFault */
async function openForm(at: Visit): Promise<PageForm> {
  const { settings } = at;
  const page = pageOf(await at.ask(settings.pageUrl), settings.pageUrl);
  const form = page && soleForm(page);
  if (!form) throw new LegacyFault('garbage', 'not a page with one log-in form');
  const { action, fields, shape } = settings.form;
  const seen = form.controls.map(({ name }) => name).filter((name) => name !== '');
  const isSame = form.shape === shape && form.action.pathname === action && seen.join('\n') === fields.join('\n');
  if (isSame && form.method === 'post') return form;
  const says = `the form has changed: ${form.shape}, ${form.method} ${form.action.pathname}, fields ${seen.join(' ')}`;
  throw new LegacyFault('misconfigured', says.slice(0, 500));
}

const soleForm = ({ forms }: Page): PageForm | undefined => (forms.length === 1 ? forms[0] : undefined);

function pageOf({ status, headers, body }: HttpAnswer, url: string): Page | undefined {
  const isPage = /^text\/html\b/i.test(headers['content-type'] ?? '');
  return isPage && [200, 401, 403].includes(status) ? readPage(textOfBody(body), url) : undefined;
}

const LEFT_OUT = new Set(['checkbox', 'radio', 'file', 'image', 'reset', 'button']);

function fillPage({ controls }: PageForm, { form }: FormPageSettings, { login, password }: Typed): string {
  const pressed = controls.find(({ type, name }) => type === 'submit' && name !== '');
  const sent = controls.filter(
    (control) =>
      control.name !== '' && !LEFT_OUT.has(control.type) && (control.type !== 'submit' || control === pressed),
  );
  const typed: Readonly<Record<string, string>> = { [form.login]: login, [form.password]: password };
  return new URLSearchParams(sent.map(({ name, value }) => [name, typed[name] ?? value])).toString();
}

/** Where the browser would be. */
interface Landed {
  readonly redirectTo: string | undefined;
  readonly page: Page | undefined;
}

const REDIRECTS = new Set([301, 302, 303]);

/** Follows one step, to a place that is pinned, on the same host. @throws LegacyFault for any other */
async function land(at: Visit, answer: HttpAnswer, from: string): Promise<Landed> {
  const { success, refusals } = at.settings;
  if (answer.status < 300 || answer.status >= 400) return { redirectTo: undefined, page: pageOf(answer, from) };
  const to = URL.parse(answer.headers['location'] ?? '', from);
  const redirectTo = to ? to.pathname + to.search : '';
  const isPinned = [success, ...refusals].some((rule) => rule.redirectTo === redirectTo);
  // 307 and 308 would send the password along.
  if (!to || !isPinned || !REDIRECTS.has(answer.status) || to.origin !== new URL(from).origin)
    throw new LegacyFault('redirected', 'to a place that is not pinned');
  if (redirectTo !== success.redirectTo || success.elementId === undefined) return { redirectTo, page: undefined };
  return { redirectTo, page: pageOf(await at.ask(to.href), to.href) };
}

function refusalOf({ redirectTo, page }: Landed, { refusals, form }: FormPageSettings): LegacyRefusal | undefined {
  const isSameForm = page !== undefined && soleForm(page)?.shape === form.shape;
  return refusals.find((rule) => {
    if (rule.redirectTo !== undefined && rule.redirectTo !== redirectTo) return false;
    return rule.text === undefined || (isSameForm && page.text.includes(rule.text.toLowerCase()));
  })?.as;
}

function isSignedIn({ settings, jar }: Visit, { redirectTo, page }: Landed, hadCookie: boolean): boolean {
  const { success } = settings;
  if (success.redirectTo !== undefined && success.redirectTo !== redirectTo) return false;
  if (success.cookie !== undefined && (hadCookie || !jar.has(success.cookie))) return false;
  if (success.elementId === undefined) return true;
  return page !== undefined && page.forms.length === 0 && page.textOf(success.elementId) !== undefined;
}

async function readKey(at: Visit): Promise<string | undefined> {
  const { key } = at.settings;
  if (key === 'login') return undefined;
  const answer = await at.ask(key.pageUrl);
  const page = answer.status === 200 ? pageOf(answer, key.pageUrl) : undefined;
  if (!page || page.forms.length > 0) throw new LegacyFault('garbage', 'no page of somebody who is signed in');
  return page.textOf(key.elementId);
}

/** What a schema cannot say. */
function checkSettings({ pageUrl, form, success, key, refusals, level }: FormPageSettings, source: string): void {
  const wrong = (what: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source}: ${what}.`);
  if (![form.login, form.password].every((name) => form.fields.includes(name)) || form.login === form.password)
    throw wrong('login and password are two of the fields of the form');
  if (success.redirectTo === undefined && success.elementId === undefined)
    throw wrong('a cookie alone does not say that somebody is signed in');
  if (refusals.some(({ redirectTo }) => redirectTo !== undefined && redirectTo === success.redirectTo))
    throw wrong('a good and a bad sign-in may not lead to the same place');
  if (key !== 'login' && new URL(key.pageUrl).origin !== new URL(pageUrl).origin)
    throw wrong('the page with the key is on the host of the form');
  if (level === 'Cl.Cm') throw wrong('a password alone is never worth Cl.Cm');
}
