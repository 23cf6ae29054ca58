import { type Static, Type } from 'typebox';

/** How a source may be asked. All of it has a default that is safe. */
export const Limits = Type.Object(
  {
    /** A question must be answered within this; the citizen's page waits for no more than five seconds in all. */
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 4500 })),
    /** No answer leaves before this, whoever was asked for. */
    floorMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3000 })),
    /** Questions at once. */
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Questions a minute from this node: what was agreed with the old system's keepers. */
    perMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** Faults in a row after which it is left alone… */
    breakAfter: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    /** …for so long; then one question tries whether it is back. */
    breakSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
  },
  { additionalProperties: false },
);
export type Limits = Static<typeof Limits>;

export const withDefaults = (limits: Limits = {}): Required<Limits> => ({
  timeoutMs: 4000,
  floorMs: 300,
  concurrency: 20,
  perMinute: 6000,
  breakAfter: 5,
  breakSeconds: 30,
  ...limits,
});

/** Milliseconds below which no answer of a source leaves. */
export const floorOf = (limits: Limits | undefined): number => withDefaults(limits).floorMs;
