/** What a partner says of somebody, read from verified bytes only; SAML 1.1 and 2.0 alike. */
export interface Statement {
  readonly id: string;
  readonly issuer: string;
  readonly issuedAt: Date;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  /** Each restriction must name us. */
  readonly audiences: readonly (readonly string[])[];
  readonly nameId: NameId | undefined;
  readonly bearers: readonly Bearer[];
  readonly authentication: Authentication;
  readonly claims: readonly Claim[];
}

export interface NameId {
  readonly value: string;
  readonly format: string;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

/** Who may bring the statement, where to and until when. */
export interface Bearer {
  readonly recipient: string | undefined;
  readonly inResponseTo: string | undefined;
  readonly notBefore: Date | undefined;
  readonly notOnOrAfter: Date | undefined;
}

export interface Authentication {
  readonly at: Date;
  readonly context: string;
  readonly sessionEnds: Date | undefined;
}

export interface Claim {
  /** With its namespace, `<namespace>/<name>`, where the protocol keeps the two apart. */
  readonly name: string;
  readonly values: readonly ClaimValue[];
}

export interface ClaimValue {
  /** Empty when the value is made of elements. */
  readonly text: string;
  /** Of the verified bytes. */
  readonly element: Element;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** `xs:dateTime` with its zone: a time without one is anybody's guess. */
export function readTime(text: string | undefined): Date | undefined {
  if (text === undefined || !DATE_TIME.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
