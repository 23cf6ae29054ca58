import type { AdapterSettings } from '../../../src/legacy/index.ts';

/** A source that needs no old system: what it takes is in its export. One person stands in it, anna. */
export interface ExportedSource {
  readonly method: AdapterSettings['method'];
  readonly adapter: AdapterSettings;
  /** What is typed to say who it is. */
  readonly login: string;
  /** Own columns of her row, where the method looks at them. */
  readonly birthDate?: string;
  readonly postcode?: string;
  readonly email?: string;
  readonly phone?: string;
  /** The columns that `file.extras` names. */
  readonly extras: Readonly<Record<string, string>>;
  /** For the page of the demo: what anna has in her hand or her head. */
  readonly tell: string;
}

export const EXPORTED_ON = '2026-01-31';
/** The secrets that the settings name; made anew by every demo. */
export const SECRETS_OF_EXPORTS = ['positions-key', 'letter-key'] as const;
