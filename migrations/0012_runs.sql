-- A bulk migration is a job with state (design.md, root rule 4): planned, validated, rehearsed, approved by a second person,
-- staged, run, reconciled, undone. A run has one part for each file; a part has batches of about a thousand rows, each
-- staged once, applied once and undone once, so whoever dies in the middle is followed by somebody who goes on with the
-- next batch. Everything of a run is distributed by run_id. Expand only: nothing that runs today notices.

CREATE TABLE runs (
  run_id      uuid PRIMARY KEY,
  title       text NOT NULL,
  state       text NOT NULL CHECK (state IN ('planned', 'validating', 'validated', 'rehearsing', 'rehearsed', 'approved',
                'staging', 'staged', 'running', 'ran', 'reconciled', 'undoing', 'undone', 'stopped', 'refused')),
  state_since timestamptz NOT NULL,
  target      text CHECK (target IN ('validated', 'rehearsed', 'staged', 'reconciled', 'undone')), -- what workers bring it to
  asked_by    text,                        -- who asked for that
  paused_at   timestamptz,
  cohort      integer NOT NULL CHECK (cohort BETWEEN 1 AND 10000), -- of 10,000: people whose bucket, that of a cut-over, is below it
  planned_by  text NOT NULL,
  planned_at  timestamptz NOT NULL,
  approved_by text,
  approved_at timestamptz,
  approved_of bytea,                       -- digest of what was approved: files, policies, the rehearsal's counts
  note        text,                        -- why it was stopped, or is undone; an operator's words about the run, not about people
  problems    jsonb,                       -- why it was refused
  balance     jsonb,
  balance_jws text,
  CHECK (approved_by IS DISTINCT FROM planned_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK (approved_by IS NOT NULL OR state NOT IN ('approved', 'staging', 'staged', 'running', 'ran', 'reconciled', 'undoing', 'undone'))
);

CREATE TABLE run_parts (
  run_id      uuid NOT NULL REFERENCES runs,
  part        smallint NOT NULL,
  source      text NOT NULL,
  import_id   uuid NOT NULL,               -- what its rows in legacy_accounts say they came with
  file_name   text NOT NULL,
  file_place  text NOT NULL,               -- where workers read it
  file_digest bytea NOT NULL,
  file_bytes  bigint NOT NULL,
  manifest    text NOT NULL CHECK (manifest IN ('none', 'checksum', 'signed')),
  as_of       timestamptz,
  is_older    boolean NOT NULL,            -- than the last file of its source
  definition  jsonb NOT NULL,              -- recipe, column map and policy as they were confirmed
  source_version integer NOT NULL,
  found       jsonb NOT NULL,              -- what looking at the file said
  done        text NOT NULL CHECK (done IN ('planned', 'validated', 'rehearsed', 'staged', 'ran', 'undone')),
  counts      jsonb NOT NULL,              -- by phase
  progress    jsonb,
  lease_no    integer NOT NULL,            -- fences whoever held it before
  lease_until timestamptz,
  PRIMARY KEY (run_id, part),
  UNIQUE (run_id, source)
);
CREATE INDEX run_parts_by_source ON run_parts (source);

-- Two runs of one source at once would decide on each other's rows.
CREATE TABLE source_runs (
  source      text PRIMARY KEY,
  run_id      uuid NOT NULL,
  since       timestamptz NOT NULL
);

-- What became of each row stands with its batch, as lists of lines: [{"outcome", "code", "effect", "lines": [[from, to], …]}].
CREATE TABLE run_batches (
  run_id      uuid NOT NULL,
  part        smallint NOT NULL,
  batch       integer NOT NULL,
  rows        integer NOT NULL,            -- good ones
  weak        integer NOT NULL,            -- whose hash must be wrapped first
  weak_lines  jsonb NOT NULL,              -- and which they are: bare still in `staged`
  keys        bytea NOT NULL,              -- of the good rows, 72 bytes each: line (8), legacy_key (32), login_key (32)
  staged      bytea,                       -- the good rows as they will stand in legacy_accounts, sealed, in the binary form
                                           -- of COPY; gone once they stand there, or the run has ended without them
  expected    jsonb NOT NULL,              -- what becomes of them where the ledger knows none of them
  outcomes    jsonb,                       -- once applied
  wrapped_at  timestamptz,
  wrap_no     integer NOT NULL DEFAULT 0,  -- fences whoever wrapped it before
  wrap_until  timestamptz,
  applied_at  timestamptz,
  undone      jsonb,                       -- [{"undone", "lines"}]
  undone_at   timestamptz,
  PRIMARY KEY (run_id, part, batch),
  FOREIGN KEY (run_id, part) REFERENCES run_parts
);
-- Keyed hashes and sealed bytes do not compress.
ALTER TABLE run_batches ALTER COLUMN keys SET STORAGE EXTERNAL, ALTER COLUMN staged SET STORAGE EXTERNAL;

-- The same of a rehearsal: what would become of each row.
CREATE TABLE run_rehearsals (
  run_id      uuid NOT NULL,
  part        smallint NOT NULL,
  batch       integer NOT NULL,
  outcomes    jsonb NOT NULL,
  PRIMARY KEY (run_id, part, batch)
);

-- A row before a run changed it.
CREATE TABLE run_before (
  run_id      uuid NOT NULL,
  part        smallint NOT NULL,
  batch       integer NOT NULL,
  legacy_key  bytea NOT NULL,
  login_key   bytea NOT NULL,              -- the user name it had
  state       text NOT NULL,
  source_status text NOT NULL,
  data_key    bytea NOT NULL,
  personal_sealed bytea NOT NULL,
  verifier_sealed bytea,
  scheme      text,
  row_digest  bytea NOT NULL,
  import_id   uuid NOT NULL,
  imported_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, part, batch, legacy_key)
);

-- E-mail addresses that several rows of one file have: keyed hashes. Filled while validating.
CREATE TABLE run_shared_emails (
  run_id      uuid NOT NULL,
  part        smallint NOT NULL,
  email_key   bytea NOT NULL,
  PRIMARY KEY (run_id, part, email_key)
);

-- How far each source is, by day: what burn-downs are drawn from. The last row of a source is today's.
CREATE TABLE source_progress (
  source      text NOT NULL,
  day         date NOT NULL,
  waiting     integer NOT NULL,
  adopted     integer NOT NULL,
  other       integer NOT NULL,            -- released, retired, refused, organised
  counted_at  timestamptz NOT NULL,
  PRIMARY KEY (source, day)
);

-- No source is ever deleted, and whoever writes an old account has just read its source. Looking it up once more for each of
-- a million rows was a quarter of what inserting them cost.
ALTER TABLE legacy_accounts DROP CONSTRAINT legacy_accounts_source_fkey;
