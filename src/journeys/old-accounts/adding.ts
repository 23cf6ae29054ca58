import { Type, type Static } from 'typebox';
import { OLD_WAYS, type OldWay, type ProofPlace, type ProvingAttempt, type Source } from '../../migration/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import { AskedSchema, type Proved, ProvedSchema } from '../old-proof/asked.ts';
import { provingAttempt, tooManyDepartures } from '../old-proof/proving-attempt.ts';
import { waysLeft } from '../old-proof/take-proof.ts';
import type { AccountAct } from '../your-account/account-acts.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';

export const FIRST_PAGE = '/account/old-accounts/add';

/** What "add an old account" has learned. */
export const AddingSchema = Type.Object(
  {
    source: Type.Optional(Type.String()),
    /** The way in which the old account is being proved; none yet where the rules of its service leave a choice. */
    way: Type.Optional(Type.Enum([...OLD_WAYS])),
    /** What is asked next; without it the old system cannot be asked right now. */
    asked: Type.Optional(AskedSchema),
    /** What the old account proved, opaque to these pages. */
    proofs: Type.Optional(Type.Array(ProvedSchema)),
    /** The proofs are enough by the rules of the source. */
    proved: Type.Optional(Type.Boolean()),
    userName: Type.Optional(Type.String()),
    /** What the last refusal left, opaque to these pages: for somebody who says that their details are right. */
    refusal: Type.Optional(Type.String()),
    /** They have said so. */
    complained: Type.Optional(Type.Boolean()),
    /** The proof had grown old: it is asked for again. */
    expired: Type.Optional(Type.Boolean()),
    refused: Type.Optional(Type.String()),
    /** The link that was made. */
    added: Type.Optional(Type.String()),
    /** The organisation that was made of a shared account. */
    organised: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export type Adding = Readonly<Static<typeof AddingSchema>>;

export interface AddingDeps extends JourneyDeps {
  readonly adding: AccountAct<Adding>;
}

/** A proof made here is good for this act of this account only: in this browser, after this sign-in (E3). */
export const placeOfAdding = ({ place, account }: AccountVisit): ProofPlace & { readonly accountId: string } => ({
  ...place,
  purpose: 'add-old-account',
  accountId: account.accountId,
});

export function attemptToAdd(
  deps: AddingDeps,
  visit: AccountVisit,
  { source, way }: { readonly source: Source; readonly way: OldWay },
): ProvingAttempt {
  const { language } = visit;
  return provingAttempt(deps, {
    source: source.source,
    sourceName: nameIn(source.definition.name, language),
    way,
    place: placeOfAdding(visit),
    ip: visit.request.ip,
    language,
    tag: 'a',
    page: `${FIRST_PAGE}/details`,
  });
}

/** Begins with a way, or with the only one there is: a choice of one is no question. */
export async function beginToAdd(
  deps: AddingDeps,
  visit: AccountVisit,
  chosen: { readonly source: Source; readonly way?: OldWay | undefined; readonly proofs?: readonly Proved[] },
): Promise<Adding> {
  const { source, proofs = [] } = chosen;
  const known = { source: source.source, proofs: [...proofs] };
  const ways = chosen.way ? [chosen.way] : await waysLeft(deps, source.source, proofs);
  const [way] = ways;
  if (way === undefined || ways.length > 1) return known;
  const started = await deps.migration.proving.start(attemptToAdd(deps, visit, { source, way }));
  if (started.outcome === 'too-many') throw tooManyDepartures(started.retryAfterSeconds);
  const asked = started.outcome === 'asks' || 'handle' in started ? started : undefined;
  return { ...known, way, ...(asked && { asked }) };
}

/** The old systems that are open now and can be proved: from configuration, never from what we know of this person. */
export async function openSources({ migration }: Pick<JourneyDeps, 'migration'>): Promise<readonly Source[]> {
  const sources = await migration.sources.list();
  const open = sources.filter(({ status }) => status === 'open');
  const ways = await Promise.all(open.map(({ source }) => migration.proving.ways(source)));
  return open.filter((_, index) => (ways[index] ?? []).length > 0);
}

export async function chosenSource(
  deps: Pick<JourneyDeps, 'migration'>,
  { source }: Adding,
): Promise<Source | undefined> {
  return (await openSources(deps)).find((candidate) => candidate.source === source);
}
