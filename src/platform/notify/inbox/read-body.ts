/** A piece of a line: plain, an address that can be followed, or a code to be typed. */
export interface BodyPart {
  readonly text: string;
  readonly href?: string;
  readonly isCode?: boolean;
}

const PARTS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|(?<![\d+.-])(\d{6})(?![\d-])/g;

/** Splits a plain-text message into paragraphs, lines and parts, so that a page can show it without markup in it. */
export function readBody(body: string): BodyPart[][][] {
  return body
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.split('\n').map(readLine));
}

/** The first code of a message. */
export function firstCode(body: string): string | undefined {
  return readBody(body)
    .flat(2)
    .find((part) => part.isCode)?.text;
}

function readLine(line: string): BodyPart[] {
  const parts: BodyPart[] = [];
  let from = 0;
  for (const match of line.matchAll(PARTS)) {
    if (match.index > from) parts.push({ text: line.slice(from, match.index) });
    const [text, address] = match;
    parts.push(address === undefined ? { text, isCode: true } : { text, href: text });
    from = match.index + text.length;
  }
  if (from < line.length) parts.push({ text: line.slice(from) });
  return parts;
}
