import type { SourceDefinition } from './definition.ts';

type Identifier = SourceDefinition['identifier'];

const steps = {
  trim: (value: string) => value.trim(),
  'lower-case': (value: string) => value.toLowerCase(),
  'upper-case': (value: string) => value.toUpperCase(),
  'drop-spaces': (value: string) => value.replaceAll(/\s/gu, ''),
  'drop-hyphens': (value: string) => value.replaceAll(/[-\u2010-\u2015]/gu, ''),
} as const satisfies Record<Identifier['normalise'][number], (value: string) => string>;

export interface LoginForm {
  /** The form in which a user name is compared: NFKC, then the steps of the source in their order. */
  normalise(typed: string): string;
  /** Whether a normalised name has the form that the source's names have. */
  fits(normalised: string): boolean;
}

/** How one source compares user names; the same for the rows of its export and for what people type. */
export function loginForm(identifier: Identifier): LoginForm {
  const pattern = identifier.pattern === undefined ? undefined : new RegExp(`^(?:${identifier.pattern})$`, 'u');
  return {
    normalise: (typed) => identifier.normalise.reduce((value, step) => steps[step](value), typed.normalize('NFKC')),
    fits: (normalised) =>
      normalised.length > 0 && normalised.length <= 255 && (pattern === undefined || pattern.test(normalised)),
  };
}
