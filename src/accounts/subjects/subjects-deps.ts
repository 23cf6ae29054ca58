import type { AccountsDeps } from '../accounts-deps.ts';

export interface SubjectsDeps extends AccountsDeps {
  /** Of every derived sub. */
  readonly prefix: string;
}
