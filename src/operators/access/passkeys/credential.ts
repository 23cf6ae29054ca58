import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Static } from 'typebox';

// What browsers send, as far as it is looked at. They add fields of their own (transports, extension results), so unknown
// ones are passed by; the library judges the bytes.
const Base64url = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength });
const head = { id: Base64url(1400), rawId: Base64url(1400), type: Type.Literal('public-key') };

export const CreatedCredential = Type.Object({
  ...head,
  response: Type.Object({ clientDataJSON: Base64url(4000), attestationObject: Base64url(8000) }),
});
export type CreatedCredential = Static<typeof CreatedCredential>;

export const UsedCredential = Type.Object({
  ...head,
  response: Type.Object({
    clientDataJSON: Base64url(4000),
    authenticatorData: Base64url(4000),
    signature: Base64url(8000),
    userHandle: Base64url(200),
  }),
});
export type UsedCredential = Static<typeof UsedCredential>;

const ClientData = Type.Object({ challenge: Type.String() });

/** Undefined when the text is not what a browser would have sent. */
export function readCredential<Schema extends typeof CreatedCredential | typeof UsedCredential>(
  schema: Schema,
  text: string,
): Static<Schema> | undefined {
  const value = parse(text);
  return Value.Check(schema, value) ? value : undefined;
}

/** The challenge that the authenticator signed. */
export function challengeOf({ response }: CreatedCredential | UsedCredential): string {
  const data = parse(Buffer.from(response.clientDataJSON, 'base64url').toString());
  return Value.Check(ClientData, data) ? data.challenge : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
