/** Reasons are on record for ever, and nothing of a person may be: an address is refused before it gets there (G2). */
export const isPersonal = (reason: string | undefined): boolean =>
  reason !== undefined && /[@\uFF20\uFE6B]|%40|^\+?[\d ()-]{7,}$/.test(reason.trim());
