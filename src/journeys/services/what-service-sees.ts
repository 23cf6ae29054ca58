/** What a service may see besides its identifier of a person, in the order in which pages list it. */
const SEEN = [
  { text: 'email', scope: 'email', claim: 'email' },
  { text: 'phone', scope: 'phone', claim: 'phone_number' },
  { text: 'name', scope: 'profile', claim: 'name' },
  { text: 'oldAccounts', scope: undefined, claim: 'legacy_accounts' },
  { text: 'actsFor', scope: undefined, claim: 'acts_for' },
  { text: 'organisations', scope: undefined, claim: 'organisations' },
  { text: 'earlierIds', scope: undefined, claim: 'also_known_as' },
] as const;

export type SeenText = (typeof SEEN)[number]['text'];

/** Keys of `journeys.signIn.continue.seen`, from what the service is registered for. */
export function whatServiceSees({
  scopes,
  claims,
}: {
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
}): readonly SeenText[] {
  return SEEN.filter(
    ({ scope, claim }) => (scope !== undefined && scopes.includes(scope)) || claims.includes(claim),
  ).map(({ text }) => text);
}
