import { Type } from 'typebox';
import { ROW_OUTCOMES, RUN_STATES } from '../../../migration/index.ts';
import { orNull, Time } from '../../api/describe-api.ts';

const Count = Type.Integer({ minimum: 0 });
const Counts = Type.Record(Type.String(), Count);

export const RunId = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
export const Outcome = Type.Enum([...ROW_OUTCOMES]);
export const Undone = Type.Enum(['restored', 'touched', 'superseded']);

const Outcomes = Type.Object({
  new: Count,
  changed: Count,
  unchanged: Count,
  linked: Count,
  'needs-proof': Count,
  rejected: Count,
  outside: Count,
});

export const Problem = Type.Object({ field: Type.String(), code: Type.String(), message: Type.String() });

const Phase = orNull(
  Type.Object({
    read: Count,
    outcomes: orNull(Outcomes),
    codes: Counts,
    notes: Counts,
    seconds: Type.Number(),
  }),
);

const common = {
  runId: RunId,
  title: Type.String(),
  state: Type.Enum([...RUN_STATES]),
  stateSince: Time,
  target: orNull(Type.String()),
  pausedAt: orNull(Time),
  /** Of 10,000. */
  cohort: Count,
  plannedBy: Type.String(),
  plannedAt: Time,
  approvedBy: orNull(Type.String()),
  approvedAt: orNull(Time),
  note: orNull(Type.String()),
};

export const RunLine = Type.Object({
  ...common,
  sources: Type.Array(Type.String()),
  rows: Count,
  outcomes: orNull(Outcomes),
});

const Part = Type.Object({
  part: Count,
  source: Type.String(),
  department: Type.String(),
  fileName: Type.String(),
  sha256: Type.String(),
  bytes: Count,
  manifest: Type.Enum(['none', 'checksum', 'signed']),
  asOf: orNull(Time),
  isOlder: Type.Boolean(),
  policyVersion: Count,
  done: Type.Enum(['planned', 'validated', 'rehearsed', 'staged', 'ran', 'undone']),
  validate: Phase,
  rehearse: Phase,
  run: Phase,
  undo: orNull(Type.Object({ restored: Count, touched: Count, superseded: Count })),
  progress: orNull(
    Type.Object({
      phase: Type.String(),
      rows: Count,
      share: orNull(Type.Number()),
      rowsPerSecond: Type.Number(),
      secondsLeft: orNull(Type.Number()),
      at: Time,
    }),
  ),
  wrap: orNull(Type.Object({ waiting: Count, done: Count })),
});

export const RunAnswer = Type.Object({
  ...common,
  problems: Type.Array(Problem),
  parts: Type.Array(Part),
  /** What this caller can ask of it now. */
  moves: Type.Array(Type.String()),
});

export const NewRun = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 120 }),
    files: Type.Array(
      Type.Object(
        {
          source: Type.String({ maxLength: 63 }),
          /** Of a file in the folder: `PUT /operators/api/files/:name`. */
          name: Type.String({ maxLength: 200 }),
          manifest: Type.Optional(Type.Unknown()),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 1000 },
    ),
    cohort: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** The caller has seen what was found, and stands for it. */
    confirmed: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const PlanAnswer = Type.Union([
  Type.Object({ outcome: Type.Literal('planned'), run: RunAnswer }),
  Type.Object({
    outcome: Type.Literal('to-confirm'),
    found: Type.Array(
      Type.Object({
        source: Type.String(),
        format: Type.String(),
        encoding: Type.String(),
        gzip: Type.Boolean(),
        columns: Type.Array(Type.Union([Type.String(), Type.Integer()])),
        schemes: Type.Array(Type.Object({ scheme: Type.String(), confidence: Type.Number() })),
        differences: Type.Array(Problem),
      }),
    ),
  }),
  Type.Object({ outcome: Type.Literal('refused'), problems: Type.Array(Problem) }),
]);

export const MoveAnswer = Type.Union([
  Type.Object({ outcome: Type.Literal('done'), run: RunAnswer }),
  Type.Object({ outcome: Type.Literal('refused'), reason: Type.String() }),
]);

export const RowsAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      part: Count,
      line: Count,
      outcome: Outcome,
      code: orNull(Type.String()),
      undone: orNull(Undone),
    }),
  ),
  /** For `after` of the next page; null at the end. */
  next: orNull(Type.String()),
});

export const DisputedAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      runId: RunId,
      source: Type.String(),
      line: Count,
      code: Type.String(),
      id: Type.String(),
      email: orNull(Type.String()),
      name: orNull(Type.String()),
      since: Time,
    }),
  ),
});

export const BalanceAnswer = Type.Object({
  sheet: Type.Object({
    runId: RunId,
    title: Type.String(),
    plannedBy: Type.String(),
    approvedBy: Type.String(),
    state: Type.Enum(['reconciled', 'stopped']),
    madeAt: Time,
    parts: Type.Array(
      Type.Object({
        source: Type.String(),
        fileName: Type.String(),
        sha256: Type.String(),
        read: Count,
        outcomes: Outcomes,
        codes: Counts,
        notRun: Count,
        written: Count,
        inLedger: Count,
      }),
    ),
    total: Type.Object({ read: Count, outcomes: Outcomes, notRun: Count }),
    balanced: Type.Boolean(),
  }),
  /** Compact JWS (EdDSA) over the sheet. */
  jws: Type.String(),
  key: Type.Record(Type.String(), Type.Unknown()),
});

export const FileAnswer = Type.Object({ name: Type.String(), bytes: Count, sha256: Type.String() });
export const FilesAnswer = Type.Object({
  files: Type.Array(Type.Object({ name: Type.String(), bytes: Count, at: Time })),
});
