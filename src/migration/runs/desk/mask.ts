const DOTS = '•••';

/** The first and the last character of what is long enough not to be guessed from them. */
export function mask(text: string): string {
  const characters = Array.from(text);
  return characters.length < 4 ? DOTS : `${characters[0]}${DOTS}${characters.at(-1)}`;
}

/** `a•••@e•••.uk`: enough for somebody who knows the address, no more. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return `${address[0] ?? ''}${DOTS}@${domain[0] ?? ''}${DOTS}${dot > 0 ? domain.slice(dot) : ''}`;
}
