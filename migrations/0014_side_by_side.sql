-- Old and new run side by side for years (design.md, root rule 5): which of them is believed, about what, for whom and since
-- when; what the two say of the same question; and how a step of a cut-over goes while it is watched. Nothing in the counts
-- is about a person. Expand only: nothing that runs today notices.

-- ── Who is believed ─────────────────────────────────────────────────────────────────────────────────────────────────
-- No row: nobody has said anything yet, and what src/migration/cutover/sides.ts assumes of such a source holds.
CREATE TABLE source_sides (                -- reference table
  source       text PRIMARY KEY REFERENCES sources,
  version      integer NOT NULL,
  authority    jsonb NOT NULL,             -- password, email, phone, name, status: 'old' or 'new'
  when_away    text NOT NULL CHECK (when_away IN ('refuse', 'imported')), -- what an outage of the old system means
  shadow_since timestamptz,
  plan         jsonb,                      -- steps and limits of the cut-over
  step         integer NOT NULL CHECK (step >= 0), -- 0: nobody has moved
  step_since   timestamptz,
  complaints   integer NOT NULL DEFAULT 0 CHECK (complaints >= 0), -- since then
  stopped_by   text CHECK (stopped_by IN ('failure-rate', 'latency', 'complaints')),
  stopped_at   timestamptz,
  finalised_at timestamptz,                -- from here on the old system is not asked any more
  changed_by   text NOT NULL,
  changed_at   timestamptz NOT NULL,
  CHECK (step = 0 OR (plan IS NOT NULL AND step_since IS NOT NULL)),
  CHECK ((stopped_by IS NULL) = (stopped_at IS NULL)),
  CHECK (finalised_at IS NULL OR (plan IS NULL AND shadow_since IS NULL))
);

-- ── What both say ───────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE shadow_counts (
  source text NOT NULL,
  hour   timestamptz NOT NULL,
  what   text NOT NULL,
  n      bigint NOT NULL,
  PRIMARY KEY (source, hour, what)
);

-- The last disagreements: whose and about what, never the values. A ring: the slot is drawn by (old account, what), so one
-- disagreement keeps its place, and a source never has more than there are slots.
CREATE TABLE shadow_disagreements (
  source     text NOT NULL,
  slot       smallint NOT NULL,
  legacy_key bytea NOT NULL,
  what       text NOT NULL,
  times      integer NOT NULL,
  seen_at    timestamptz NOT NULL,
  PRIMARY KEY (source, slot)
);

-- ── How a cut-over goes ─────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE cutover_counts (
  source text NOT NULL,
  bucket timestamptz NOT NULL,             -- ten seconds
  side   text NOT NULL CHECK (side IN ('old', 'new')),
  what   text NOT NULL,                    -- good, failed, away, or an upper bound of milliseconds
  n      bigint NOT NULL,
  PRIMARY KEY (source, bucket, side, what)
);

-- ── Passwords that were changed on the old side ─────────────────────────────────────────────────────────────────────
-- Later than imported_at: the row says more than its export did, by what its person typed at a sign-in. To the undoing of a
-- run it was touched (F23).
ALTER TABLE legacy_accounts ADD COLUMN followed_at timestamptz;

-- ── Two people ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Which kinds there are says the code, which reads and writes them in one place; legacy_key of a request about a whole
-- source is the keyed hash of that source.
ALTER TABLE operator_requests DROP CONSTRAINT operator_requests_kind_check;
ALTER TABLE operator_requests ADD CONSTRAINT operator_requests_kind_check CHECK (kind ~ '^[a-z]+(-[a-z]+)*$') NOT VALID;
ALTER TABLE operator_requests VALIDATE CONSTRAINT operator_requests_kind_check;
