import type { AttributeName } from './attribute-name.ts';

/** Words that configuration gives; English stands in where there is no Welsh. */
export interface Words {
  readonly en: string;
  readonly cy?: string | undefined;
}

/** Labels that our pages have in both languages. Anything else comes from configuration as `Words`. */
export type FieldLabel =
  | 'password'
  | 'pin'
  | 'code'
  | 'new-pin'
  | 'character' // of the memorable word, at {position}
  | 'cell' // of the grid card, at {cell}
  | 'answer'
  | 'full-name'
  | 'date-of-birth'
  | 'postcode'
  | 'nino'
  | 'reference'
  | 'email'
  | 'phone'
  | 'nationality';

export interface Field {
  /** `^[a-z][a-zA-Z0-9]{0,30}$`; the user name or old id is always `login`. */
  readonly name: string;
  readonly kind: 'text' | 'secret' | 'code' | 'date';
  readonly label: Words | { readonly key: FieldLabel; readonly values?: Readonly<Record<string, string | number>> };
  readonly hint?: Words | undefined;
  /** Longest useful answer; the page gives the box that width. */
  readonly length?: number | undefined;
  /** May be left empty: the adapter says in the hint what that means. */
  readonly optional?: boolean | undefined;
}

/** What a further round is about; the page says it in words. */
export type Notice =
  | 'code-sent'
  | 'link-sent'
  | 'code-by-phone'
  | 'next-code'
  | 'new-pin'
  | 'second-step'
  | 'wrong-code'
  | 'code-expired'
  | 'new-letter-sent';

export interface Prompt {
  readonly fields: readonly Field[];
  readonly notice?: Notice | undefined;
}

export interface Asking {
  readonly outcome: 'asks';
  readonly prompt: Prompt;
  /** Opaque to everybody else; the caller seals it, and gives it back with the answer. At most 8 KiB. */
  readonly state: string;
}

export type Level = 'none' | 'Cl' | 'Cl.Cm';

/** What kind of evidence an answer is: what a policy can make of it depends on that. */
export type Evidence = 'sign-in' | 'assertion' | 'knowledge' | 'contact' | 'post';

/** What was checked a moment ago. */
export type Proved =
  | 'password'
  | 'pin'
  | 'memorable-characters'
  | 'security-answers'
  | 'facts'
  | 'one-time-code'
  | 'counter-code'
  | 'grid-card'
  | 'mailbox'
  | 'phone'
  | 'letter'
  | 'assertion'
  | 'certificate'
  | 'smartcard'
  | 'kerberos-ticket';

/** Something the old system says of a person. It is a hint for matching, never a proof (root rule 2). */
export interface Attribute {
  readonly name: AttributeName;
  readonly value: string;
  /** Who says it: the source's key, or the partner behind it. */
  readonly from: string;
  /** When it was said or last known to be true, ISO 8601. */
  readonly asOf: string;
  /** Only when configuration says that this source may vouch for it (linking-attacks 5). */
  readonly verified?: boolean | undefined;
}

export type Warning =
  | 'password-expires'
  | 'password-expired'
  | 'must-change-password'
  | 'identifier-may-be-reassigned'
  | 'identifier-may-change'
  | 'shared-account'
  | 'acts-for-others'
  | 'level-lowered'
  | 'certificate-expires';

/** The one result of every old sign-in method. */
export interface LegacyIdentity {
  /** The old system's own, stable id: never an address, never a name that is given to somebody else later. */
  readonly accountKey: string;
  readonly evidence: Evidence;
  readonly proved: readonly Proved[];
  /** What happened in this session, not what the account could do. */
  readonly level: Level;
  readonly attributes: readonly Attribute[];
  readonly warnings: readonly Warning[];
  /** Rights to act for somebody else: moved as rights, never as that person (M42, M43). */
  readonly rights?: readonly Right[] | undefined;
}

export interface Right {
  /** The client or organisation, by the old system's id. */
  readonly subject: string;
  readonly right: string;
  readonly kind: 'client' | 'organisation';
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** Why somebody was not let in. For the operator; the public is told one thing for all of the first group. */
export const REFUSALS = [
  'unknown-person',
  'ambiguous', // more than one record answers to the name
  'wrong-secret',
  'misshapen',
  'disabled',
  'locked',
  'expired',
  'must-change-password',
  'not-allowed',
  'cancelled',
  'unsigned',
  'bad-signature',
  'wrong-issuer',
  'wrong-audience',
  'wrong-recipient',
  'not-bound',
  'stale',
  'replayed',
  'forged',
  'level-too-low',
  'identifier-missing',
] as const;
export type LegacyRefusal = (typeof REFUSALS)[number];

export type Answered =
  | { readonly outcome: 'identified'; readonly identity: LegacyIdentity }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

export const refused = (reason: LegacyRefusal): Answered => ({ outcome: 'refused', reason });
