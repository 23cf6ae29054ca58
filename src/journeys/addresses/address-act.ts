import { Type, type Static } from 'typebox';
import type { ProofPlace } from '../../accounts/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountAct } from '../your-account/account-acts.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';

export const LIST_PAGE = '/account/addresses';
export const FIRST_PAGE = '/account/addresses/add';
export const CODE_PAGE = '/account/addresses/add/code';
export const TAKEN_PAGE = '/account/addresses/add/taken';

/** What "add an email address" has learned beside the change itself, which the accounts keep. */
export const AddressActSchema = Type.Object(
  {
    /** Proved here a moment ago; another account has it. */
    taken: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export interface AddressDeps extends JourneyDeps {
  readonly addressAct: AccountAct<Readonly<Static<typeof AddressActSchema>>>;
}

/** Whose change it is: this account's, in this browser, after this sign-in. */
export const whoseChange = ({
  account,
  place,
}: AccountVisit): { readonly accountId: string; readonly place: ProofPlace } => ({
  accountId: account.accountId,
  place,
});

export const metaOf = ({ place }: AccountVisit) => ({ actor: 'citizen', correlationId: place.journeyId }) as const;
