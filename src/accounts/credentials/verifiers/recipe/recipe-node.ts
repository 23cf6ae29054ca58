import type { DigestName } from '../primitives/digests.ts';

export const INPUTS = ['pass', 'salt', 'pepper', 'user', 'realm', 'prev'] as const;
export type InputName = (typeof INPUTS)[number];

/**
 * `text` is characters, `digest` a fresh digest (hex where text is wanted, bytes where an encoding asks), `written` its
 * writing, `bytes` anything else.
 */
export type Kind = 'text' | 'digest' | 'written' | 'bytes';

export const TEXT_STEPS = ['upper', 'lower', 'trim', 'reverse'] as const;
export const CHARSET_STEPS = ['utf8', 'latin1', 'windows1252', 'utf16le', 'utf16be'] as const;
export const BYTE_STEPS = ['hex', 'HEX', 'base64', 'raw'] as const;
export type TextStep = (typeof TEXT_STEPS)[number];
export type CharsetStep = (typeof CHARSET_STEPS)[number];
export type ByteStep = (typeof BYTE_STEPS)[number];

/** A parsed recipe. `at` is where it stands in the text. */
export type RecipeNode = { readonly at: number; readonly kind: Kind } & (
  | { readonly op: 'input'; readonly name: InputName }
  | { readonly op: 'literal'; readonly text: string }
  | { readonly op: 'join'; readonly parts: readonly RecipeNode[] }
  | { readonly op: 'digest'; readonly name: DigestName; readonly of: RecipeNode }
  | { readonly op: 'hmac'; readonly name: DigestName; readonly key: RecipeNode; readonly of: RecipeNode }
  | { readonly op: 'text-step'; readonly step: TextStep; readonly of: RecipeNode }
  | { readonly op: 'charset'; readonly step: CharsetStep; readonly of: RecipeNode }
  | { readonly op: 'bytes'; readonly step: ByteStep; readonly of: RecipeNode }
  | { readonly op: 'cut'; readonly of: RecipeNode; readonly start: number; readonly length: number }
  | { readonly op: 'pad'; readonly of: RecipeNode; readonly length: number }
  | {
      readonly op: 'iterate';
      /** `rounds`: the number comes with the stored value. */
      readonly times: number | 'rounds';
      readonly seed: RecipeNode;
      readonly step: RecipeNode;
    }
);

export interface Recipe {
  readonly text: string;
  readonly root: RecipeNode;
  /** The only repetition in it, wherever it stands. */
  readonly loop: Extract<RecipeNode, { op: 'iterate' }> | undefined;
  /** Digest calls outside the loop, and in one turn of it. */
  readonly calls: number;
  readonly callsPerTurn: number;
  readonly uses: ReadonlySet<InputName>;
}

export interface RecipeProblem {
  /** Index into the text of the recipe. */
  readonly position: number;
  readonly message: string;
}
