import { escapeHtml } from '../../../platform/pages/escape-html.ts';

/** Markup that is well formed: only this file makes it. */
export type Markup = string & { readonly markup: unique symbol };
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element. Every text and value is escaped, every number is finite and short. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | undefined)[]): Markup {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeHtml(typeof value === 'number' ? short(value) : clean(value))}"`],
  );
  const inner = children.filter((child) => child !== undefined).join('');
  return asMarkup(inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`);
}

export const text = (content: string): Markup => asMarkup(escapeHtml(clean(content)));

export interface ChartFrame {
  /** Unique on the page: a letter first, then letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** The same in words, for who cannot see it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly className?: string;
}

/** A picture with a name and a description. No style and no script: the pages' policy allows neither (C9). */
export function chart(frame: ChartFrame, ...children: readonly (Markup | undefined)[]): string {
  const { id, title, description, width, height, className } = frame;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${short(width)} ${short(height)}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
      class: `lk-chart${className === undefined ? '' : ` ${className}`}`,
      'font-family': 'arial, sans-serif',
      'font-size': 14,
      fill: INK,
    },
    element('title', { id: `${id}-title` }, text(title)),
    element('desc', { id: `${id}-desc` }, text(description)),
    ...children,
  );
}

/** 3:1 and more on white, and never told apart by colour alone. */
export const INK = '#0b0c0c';
export const QUIET = '#505a5f';
export const RULE = '#b1b4b6';
export const DEEP = '#0f5f57';
export const PALE = '#eef5f4';
export const WARN = '#b8430b';

const short = (value: number): string => String(Number.isFinite(value) ? Math.round(value * 100) / 100 : 0);

// What XML cannot hold, not even escaped.
// eslint-disable-next-line no-control-regex -- those are meant
const clean = (value: string): string => value.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '');

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a brand, given here only
const asMarkup = (value: string): Markup => value as Markup;
