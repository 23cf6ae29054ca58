/** What was typed, or came from the old system, by the names of placeholders. */
export type Values = Readonly<Partial<Record<'login' | 'password' | 'session' | 'code', string>>>;

const PLACEHOLDER = /\{(login|password|session|code)\}/g;

/** In one pass: a user name that reads `{password}` stays what it is. */
function fill(template: string, values: Values, escape: (value: string) => string): string {
  const known = new Map(Object.entries(values));
  return template.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = known.get(name);
    return value === undefined ? whole : escape(value);
  });
}

/** Fills texts of a value, wherever they are; what is filled stays one text, whatever it holds. */
export function fillJson(template: unknown, values: Values): unknown {
  if (typeof template === 'string') return fill(template, values, (value) => value);
  if (Array.isArray(template)) return template.map((item) => fillJson(item, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillJson(value, values)]));
}

export const fillForm = (fields: Readonly<Record<string, string>>, values: Values): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, text]) => [name, fill(text, values, (value) => value)]),
  ).toString();

/** Undefined where what was typed would change the path: browsers and servers take `..` for a step up. */
export function fillUrl(template: string, { login = '' }: Values): string | undefined {
  if (template.includes('{login}') && (login === '' || login === '.' || login === '..')) return undefined;
  return fill(template, { login }, encodeURIComponent);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"'\r\n\t]/g, (character) => ENTITIES[character] ?? '');

export const fillXml = (template: string, values: Values): string => fill(template, values, escapeXml);
