import { authorizeRequest, Browser } from '../../test/support/raw-client.ts';

interface Person {
  readonly address: string;
  readonly password: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

interface Page {
  readonly url: string;
  readonly html: string;
}

/** From /authorize to the code, page by page as a browser without JavaScript goes. @throws Error when it ends elsewhere */
export async function signIn(origin: string, { address, password, clientId, redirectUri }: Person): Promise<void> {
  const browser = new Browser(origin);
  let page = await follow(browser, authorizeRequest({ clientId, redirectUri }).url);
  page = await submit(browser, page, { address });
  page = await submit(browser, page, { password });
  if (!page.url.startsWith(redirectUri)) throw new Error(`not signed in: ${page.url} ${page.html.slice(0, 2000)}`);
}

async function submit(browser: Browser, { url, html }: Page, fields: Record<string, string>): Promise<Page> {
  const formToken = /name="formToken" value="([^"]*)"/.exec(html)?.[1] ?? '';
  const answer = await browser.post(new URL(url).pathname, { formToken, ...fields });
  return follow(browser, answer.headers.get('location') ?? '', url);
}

async function follow(browser: Browser, location: string, base = browser.origin): Promise<Page> {
  const url = new URL(location, base);
  if (url.origin !== browser.origin) return { url: url.href, html: '' };
  const answer = await browser.get(url.href);
  const next = answer.headers.get('location');
  return next === null ? { url: url.href, html: await answer.text() } : follow(browser, next, url.href);
}
