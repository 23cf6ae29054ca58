import { Type, type Static } from 'typebox';

const STEPS = {
  trim: (value) => value.trim(),
  'lower-case': (value) => value.toLowerCase(),
  'upper-case': (value) => value.toUpperCase(),
  'one-space': (value) => value.replaceAll(/\s+/gu, ' '),
  'drop-spaces': (value) => value.replaceAll(/\s/gu, ''),
  'drop-punctuation': (value) => value.replaceAll(/[\p{P}\p{S}]/gu, ''),
  'drop-accents': (value) => value.normalize('NFD').replaceAll(/\p{M}/gu, '').normalize('NFC'),
} as const satisfies Record<string, (value: string) => string>;

export const FoldStep = Type.Enum([
  'trim',
  'lower-case',
  'upper-case',
  'one-space',
  'drop-spaces',
  'drop-punctuation',
  'drop-accents',
]);
type FoldStep = Static<typeof FoldStep>;

/** An answer in the form that the old system compared. */
export const foldAnswer = (value: string, steps: readonly FoldStep[]): string =>
  steps.reduce((folded, step) => STEPS[step](folded), value.normalize('NFC'));

/** As people mean it: St. John's, ST JOHNS and st johns are one place. */
export const foldFreely = (value: string): string =>
  foldAnswer(value.normalize('NFKC'), ['drop-accents', 'drop-punctuation', 'drop-spaces', 'lower-case']);
