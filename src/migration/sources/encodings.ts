/** What exports are written in. */
export const ENCODINGS = ['utf-8', 'windows-1252', 'latin-1', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof ENCODINGS)[number];
