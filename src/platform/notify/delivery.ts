import type { MessageKind, Payload } from './message.ts';

/**
 * What became of one try. `reason` is a short code for the log and the table: never an address, never a message of the
 * other side, which may quote one.
 */
export type DeliveryOutcome =
  | { readonly outcome: 'sent' }
  /** It will never work: the address is wrong. */
  | { readonly outcome: 'refused'; readonly reason: string }
  | {
      readonly outcome: 'failed';
      readonly reason: string;
      /** `gateway`: all messages of this kind wait. `recipient`: only those to the same one. */
      readonly blame: 'gateway' | 'recipient';
      /** It may have arrived all the same, so the next try keeps a distance (I8). */
      readonly unsure?: boolean;
    };

export interface DeliveryMeta {
  /** The same at every try: the idempotency key given to the other side. */
  readonly messageId: string;
  /** 1 at the first try. */
  readonly attempts: number;
  readonly signal: AbortSignal;
}

/** Sends one message. Returning nothing means sent; throwing means failed for this recipient. */
export type DeliveryHandler<K extends MessageKind> = (
  payload: Payload<K>,
  meta: DeliveryMeta,
) => Promise<DeliveryOutcome | void>;

export type DeliveryHandlers = { readonly [K in MessageKind]: DeliveryHandler<K> };
