import type { SourceDefinition } from './definition.ts';

const steps = {
  trim: (value: string) => value.trim(),
  'lower-case': (value: string) => value.toLowerCase(),
  'upper-case': (value: string) => value.toUpperCase(),
  'drop-spaces': (value: string) => value.replaceAll(/\s/gu, ''),
  'drop-hyphens': (value: string) => value.replaceAll(/[-\u2010-\u2015]/gu, ''),
} as const satisfies Record<SourceDefinition['identifier']['normalise'][number], (value: string) => string>;

/** A user name in the form in which it is compared: NFKC, then the steps of the source in their order. */
export function normaliseLogin(identifier: SourceDefinition['identifier'], typed: string): string {
  return identifier.normalise.reduce((value, step) => steps[step](value), typed.normalize('NFKC'));
}

/** Whether a normalised user name has the form that the source's names have. */
export function fitsPattern(identifier: SourceDefinition['identifier'], normalised: string): boolean {
  if (normalised.length === 0 || normalised.length > 255) return false;
  return identifier.pattern === undefined || new RegExp(`^(?:${identifier.pattern})$`, 'u').test(normalised);
}
