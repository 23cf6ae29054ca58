import { Type } from 'typebox';
import { Authority, CutoverPlan } from '../../../migration/index.ts';
import { orNull, Time } from '../../api/describe-api.ts';

const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Figures = Type.Object({ samples: Count, failureRate: Share, p95Ms: Count });

const Request = Type.Object({ requestId: Type.String(), askedBy: Type.String(), askedAt: Time, expiresAt: Time });

/** Old and new of one system, as they stand. */
export const SidesAnswer = Type.Object({
  source: Type.String(),
  /** Goes up with every change. */
  version: Count,
  stage: Type.Enum(['before', 'side-by-side', 'cutting-over', 'finalised']),
  authority: Authority,
  whenAway: Type.Enum(['refuse', 'imported']),
  shadowSince: orNull(Time),
  plan: orNull(CutoverPlan),
  /** Of the plan; 0: nobody has moved. */
  step: Count,
  stepSince: orNull(Time),
  /** Of the people, whom the new side serves. */
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  complaints: Count,
  stopped: orNull(Type.Object({ by: Type.String(), at: Time })),
  finalisedAt: orNull(Time),
  changedBy: orNull(Type.String()),
  changedAt: orNull(Time),
  /** How the step goes; null: nobody has moved. A side of which there are too few answers is null. */
  watched: orNull(
    Type.Object({ answers: Count, new: orNull(Figures), old: orNull(Figures), broken: orNull(Type.String()) }),
  ),
  /** What waits for a second person. */
  requests: Type.Object({ anyway: orNull(Request), finalise: orNull(Request) }),
  shadow: Type.Object({
    agreement: orNull(Share),
    results: Type.Record(Type.String(), Count),
    differs: Type.Record(Type.String(), Count),
  }),
  /** What this caller can ask of it now. */
  moves: Type.Array(Type.String()),
});

/** What became of something that was asked for. */
export const ChangeAnswer = Type.Union([
  Type.Object({ outcome: Type.Literal('changed'), sides: SidesAnswer }),
  /** Nothing has happened yet: somebody else must approve it. */
  Type.Object({ outcome: Type.Literal('requested'), requestId: Type.String(), expiresAt: Time }),
  Type.Object({ outcome: Type.Literal('refused'), reason: Type.String() }),
  Type.Object({
    outcome: Type.Literal('invalid'),
    problems: Type.Array(Type.Object({ field: Type.String(), code: Type.String(), message: Type.String() })),
  }),
]);

/** Whatever is left out is as usual. */
export const PlanBody = Type.Partial(CutoverPlan, { additionalProperties: false });

export const AuthorityBody = Type.Object(
  {
    authority: Type.Optional(Type.Partial(Authority, { additionalProperties: false })),
    whenAway: Type.Optional(Type.Enum(['refuse', 'imported'])),
  },
  { additionalProperties: false },
);
