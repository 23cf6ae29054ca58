import type { Account, FindAccount, KoaContextWithOIDC } from 'oidc-provider';
import type { Account as Person, Accounts } from '../../accounts/index.ts';
import { sectorOf } from './sector-of.ts';

/** Where a person's data is handed out or a long-lived token used: the account must be read, and be active. */
const READS_ACCOUNT = new Set(['userinfo', 'introspection']);

/** What came with old accounts: their ids, rights to act for others, organisations that shared ones became. */
export const OLD_ACCOUNT_CLAIMS = ['legacy_accounts', 'acts_for', 'organisations'] as const;
export type OldAccountClaim = (typeof OLD_ACCOUNT_CLAIMS)[number];

/** What a service may be told of it, by its client id; undefined: nothing. */
export type TellOldAccounts = (
  claim: OldAccountClaim,
  of: { readonly clientId: string; readonly accountId: string },
) => Promise<object | undefined>;

interface Deps {
  readonly accounts: Accounts;
  readonly issuer: string;
  readonly tellOldAccounts: TellOldAccounts;
}

/**
 * The library's view of an account. A silent sign-in reads nothing here: suspending an account ends its sessions and
 * grants, so a live grant vouches for it, and the ID token holds no personal data unless a service asks for it.
 */
export function createFindAccount({ accounts, issuer, tellOldAccounts }: Deps): FindAccount {
  return async (ctx, accountId, token) => {
    const mustRead = READS_ACCOUNT.has(ctx.oidc.route) || (token !== undefined && 'rotations' in token);
    const person = mustRead ? await accounts.read(accountId) : undefined;
    if (mustRead && person?.status !== 'active') return undefined;

    const account: Account = {
      accountId,
      async claims(use, _scope, claims) {
        // How somebody signed in is said of the sign-in, not of the person: in the ID token only.
        const ofSignIn = use === 'id_token' ? signInClaims(ctx, token, issuer) : undefined;
        if (use === 'id_token' && !wantsPersonalData(claims)) return { sub: accountId, ...ofSignIn };
        const known = person ?? (await accounts.read(accountId));
        const earlier = 'also_known_as' in claims ? await earlierSubs(ctx, accounts, accountId) : {};
        const old = await oldAccounts(ctx, tellOldAccounts, { accountId, claims });
        return { sub: accountId, ...ofSignIn, ...(known ? personalClaims(known) : {}), ...earlier, ...old };
      },
    };
    return account;
  };
}

/** After a merge: the other subs that this sector, and no other, knew the person by. */
async function earlierSubs(
  { oidc: { client } }: KoaContextWithOIDC,
  { subjects }: Accounts,
  accountId: string,
): Promise<{ also_known_as?: readonly string[] }> {
  if (!client) return {};
  const subs = await subjects.alsoKnownAs(accountId, sectorOf(client));
  return subs.length === 0 ? {} : { also_known_as: subs };
}

/** So that no service has to match people by e-mail address (linking-attacks 37), nor to guess whom they act for. */
async function oldAccounts(
  { oidc: { client } }: KoaContextWithOIDC,
  tell: TellOldAccounts,
  { accountId, claims }: { readonly accountId: string; readonly claims: object },
): Promise<Partial<Record<OldAccountClaim, object>>> {
  if (!client) return {};
  const told: Partial<Record<OldAccountClaim, object>> = {};
  for (const claim of OLD_ACCOUNT_CLAIMS) {
    const value = claim in claims ? await tell(claim, { clientId: client.clientId, accountId }) : undefined;
    if (value !== undefined) told[claim] = value;
  }
  return told;
}

function signInClaims({ oidc }: KoaContextWithOIDC, token: unknown, issuer: string): Record<string, string> {
  const accessToken = oidc.entities.AccessToken?.jti;
  return {
    vot: votOf(token, oidc.session),
    vtm: `${issuer}/trustmark`,
    // The library puts the hash in its place.
    ...(accessToken === undefined ? {} : { at_hash: accessToken }),
  };
}

function wantsPersonalData(claims: object): boolean {
  return Object.keys(claims).some((name) => name !== 'sub' && name !== 'acr' && name !== 'auth_time' && name !== 'sid');
}

function votOf(token: unknown, session: unknown): string {
  for (const holder of [token, session]) {
    if (typeof holder === 'object' && holder !== null && 'acr' in holder && typeof holder.acr === 'string') {
      return holder.acr;
    }
  }
  return 'Cl';
}

function personalClaims(person: Person): Record<string, string | boolean> {
  const primary = person.emails.find((email) => email.primary);
  return {
    ...(primary ? { email: primary.address, email_verified: true } : {}),
    ...(person.name === undefined ? {} : { name: person.name }),
    locale: person.language,
  };
}
