import { parse, type DefaultTreeAdapterMap } from 'parse5';

export interface FormPage {
  readonly url: string;
  readonly status: number;
  readonly body: string;
  /** Of the first form, by name; what is filled in on the page already. */
  readonly fields: Readonly<Record<string, string>>;
  readonly action: string;
}

/** A browser without a screen for the pages of old systems: it keeps cookies, follows redirects and fills in forms. */
export interface FormBrowser {
  /** Ends early at an address that `stopAt` names: the address that the answer was sent to. */
  open: (url: string, stopAt?: string) => Promise<FormPage>;
  submit: (page: FormPage, fields: Readonly<Record<string, string>>, stopAt?: string) => Promise<FormPage>;
}

type Node = DefaultTreeAdapterMap['node'];

export function formBrowser(): FormBrowser {
  const cookies = new Map<string, string>();

  const go = async (start: string, form: URLSearchParams | undefined, stopAt?: string): Promise<FormPage> => {
    let url = start;
    let body = form;
    for (let hop = 0; hop < 12; hop += 1) {
      if (stopAt !== undefined && url.startsWith(stopAt)) return { url, status: 0, body: '', fields: {}, action: '' };
      const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
      const answer = await fetch(url, { headers, redirect: 'manual', ...(body && { method: 'POST', body }) });
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      const text = await answer.text();
      if (location === null) return { url, status: answer.status, body: text, ...firstForm(text, url) };
      url = new URL(location, url).href;
      body = undefined;
    }
    throw new Error(`too many redirects, last to ${url}`);
  };

  return {
    open: (url, stopAt) => go(url, undefined, stopAt),
    submit: (page, fields, stopAt) => go(page.action, new URLSearchParams({ ...page.fields, ...fields }), stopAt),
  };
}

function firstForm(html: string, url: string): Pick<FormPage, 'fields' | 'action'> {
  const form = elements(parse(html)).find(({ tagName }) => tagName === 'form');
  if (!form) return { fields: {}, action: url };
  const inputs = elements(form).filter(({ tagName }) => tagName === 'input' || tagName === 'button');
  const named = inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')] as const);
  return {
    fields: Object.fromEntries(named.filter(([name]) => name !== '')),
    action: new URL(attribute(form, 'action'), url).href,
  };
}

function elements(node: Node): DefaultTreeAdapterMap['element'][] {
  const below = 'childNodes' in node ? node.childNodes.flatMap(elements) : [];
  return 'tagName' in node ? [node, ...below] : below;
}

function attribute(element: DefaultTreeAdapterMap['element'], wanted: string): string {
  return element.attrs.find(({ name }) => name === wanted)?.value ?? '';
}
