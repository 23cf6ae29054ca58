import { Browser } from '../support/raw-client.ts';
import type { DemoRelyingParty } from './demo-relying-party.ts';

/** A page as it came, without a browser. */
export interface RawPage {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** A citizen without a browser engine: cookies, links and forms, for what must hold on the wire. */
export class Citizen {
  readonly browser: Browser;
  readonly issuer: string;
  /** Every answer to a POST of ours. */
  readonly posts: { path: string; status: number }[] = [];
  page: RawPage | undefined;

  constructor(issuer: string) {
    this.issuer = issuer;
    this.browser = new Browser(issuer);
  }

  /** Goes to a service and presses "Sign in". */
  async start(service: DemoRelyingParty, query = ''): Promise<RawPage> {
    const answer = await fetch(`${service.origin}/start${query}`, { redirect: 'manual' });
    return this.get(answer.headers.get('location') ?? '');
  }

  async get(url: string): Promise<RawPage> {
    return this.follow(new URL(url, this.issuer), await this.browser.get(url));
  }

  /** Opens a page of the journey that this citizen is on. */
  async open(page: string): Promise<RawPage> {
    return this.get(`/sign-in/${this.uid}/${page}`);
  }

  /** Fills in the form of the page and sends it, with the page's own token unless another is given. */
  async send(fields: Record<string, string>, path = this.current.url.pathname): Promise<RawPage> {
    const answer = await this.browser.post(path, { formToken: this.token, ...fields });
    this.posts.push({ path, status: answer.status });
    return this.follow(new URL(path, this.issuer), answer);
  }

  get uid(): string {
    return this.current.url.pathname.split('/')[2] ?? '';
  }

  get token(): string {
    return /name="formToken" value="([^"]*)"/.exec(this.current.html)?.[1] ?? '';
  }

  /** The last part of the path of the page: the name of the step. */
  get at(): string {
    return this.current.url.pathname.split('/').at(-1) ?? '';
  }

  get heading(): string {
    return /<h1[^>]*>(?:\s*<[^>]+>)*\s*([^<]+?)\s*</.exec(this.current.html)?.[1] ?? '';
  }

  get problems(): string[] {
    const summary = /govuk-error-summary__list">([\s\S]*?)<\/ul>/.exec(this.current.html)?.[1] ?? '';
    return [...summary.matchAll(/<a href="#[^"]*">([^<]+)<\/a>/g)].map(([, text]) => text ?? '');
  }

  get current(): RawPage {
    if (!this.page) throw new Error('no page yet');
    return this.page;
  }

  private async follow(from: URL, answer: Response): Promise<RawPage> {
    const location = answer.headers.get('location');
    if (location !== null && answer.status >= 300 && answer.status < 400) {
      const next = new URL(location, from);
      const isOurs = next.origin === this.issuer;
      return this.follow(next, await (isOurs ? this.browser.get(next.href) : fetch(next, { redirect: 'manual' })));
    }
    this.page = { url: from, status: answer.status, headers: answer.headers, html: await answer.text() };
    return this.page;
  }
}
