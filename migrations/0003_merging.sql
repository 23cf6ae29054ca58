-- Several accounts of one person into one, and back (issue 3). A merge moves rows and writes down each thing that moved,
-- so that it can be undone for 30 days. Nothing here rewrites a distribution key: what changes its account is deleted and
-- inserted (rule S6); look-up tables, whose key is the value, only change the account they point to.

-- 'merged': the id lives on, its contacts lead to the survivor, nothing signs in to it.
ALTER TABLE accounts DROP CONSTRAINT accounts_status_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_status_check
  CHECK (status IN ('active', 'suspended', 'closed', 'merged')) NOT VALID;
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_status_check;

-- Whether a second factor is asked for only when a service wants one, or at every sign-in.
ALTER TABLE accounts ADD COLUMN second_factor text NOT NULL DEFAULT 'when-asked'
  CONSTRAINT accounts_second_factor_check CHECK (second_factor IN ('when-asked', 'always'));

-- Evidence of control of an account, for one act, in one journey and browser; consumed by what it allows. Durable, not
-- perishable (guarantees.md, Q5): a proof that came back after a Redis flush could be used twice.
CREATE TABLE account_proofs (
  proof_key       bytea PRIMARY KEY,       -- keyed hash of the random handle: a copy of this table opens nothing
  account_id      uuid NOT NULL,
  account_version integer NOT NULL,        -- any change of credential, contact or link since then makes the proof stale
  method          text NOT NULL,
  level           text NOT NULL CHECK (level IN ('Cl', 'Cl.Cm')),
  bound_to        bytea NOT NULL,          -- keyed hash of (purpose, account, journey, browser, handle)
  proved_at       timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  consumed_at     timestamptz
);
CREATE INDEX account_proofs_expiry ON account_proofs (expires_at);

CREATE TABLE merges (
  survivor_id    uuid NOT NULL REFERENCES accounts,
  merge_id       uuid NOT NULL,
  seq            integer NOT NULL,         -- of the survivor: the last one standing is the first to be undone
  absorbed_id    uuid NOT NULL,
  proofs         jsonb NOT NULL,           -- what was proved of both sides, how and when; no secrets, no personal data
  policy_version integer NOT NULL,
  merged_by      text NOT NULL,
  merged_at      timestamptz NOT NULL,
  undone_at      timestamptz,
  undone_by      text,
  PRIMARY KEY (survivor_id, merge_id),
  UNIQUE (survivor_id, seq),
  CHECK (survivor_id <> absorbed_id)
);

-- Who stands in whose place now. The key is what makes it impossible to be merged twice, into whichever accounts; a unique
-- index on merges could not, since it would have to hold the survivor (rule S1).
CREATE TABLE merged_accounts (
  absorbed_id uuid PRIMARY KEY,
  survivor_id uuid NOT NULL,
  merge_id    uuid NOT NULL,
  merged_at   timestamptz NOT NULL,
  CHECK (survivor_id <> absorbed_id)
);

-- The ledger: one row for each thing that a merge moved, set aside or changed.
CREATE TABLE merge_entries (
  survivor_id uuid NOT NULL,
  merge_id    uuid NOT NULL,
  entry       integer NOT NULL,
  kind        text NOT NULL,
  became      text NOT NULL CHECK (became IN ('moved', 'set-aside', 'aliased', 'changed')),
  from_sealed bytea NOT NULL,              -- the thing as it was, JSON under the absorbed account's data key
  PRIMARY KEY (survivor_id, merge_id, entry),
  FOREIGN KEY (survivor_id, merge_id) REFERENCES merges
);

-- Sessions and grants of these accounts must end. Written with what makes it so, done after it: a crash between the two
-- leaves the row, and whoever sweeps does it then.
CREATE TABLE session_endings (
  account_id uuid NOT NULL REFERENCES accounts,
  ending_id  uuid NOT NULL,
  reason     text NOT NULL,
  wanted_at  timestamptz NOT NULL,
  done_at    timestamptz,
  PRIMARY KEY (account_id, ending_id)
);
CREATE INDEX session_endings_due ON session_endings (wanted_at) WHERE done_at IS NULL;

-- A sub that a sector also knows the account by, since two accounts that it knew became one. Its claim stays.
CREATE TABLE subject_aliases (
  account_id uuid NOT NULL REFERENCES accounts,
  sector     text NOT NULL,
  sub        text NOT NULL,
  origin     text NOT NULL CHECK (origin IN ('derived', 'inherited')),
  source     text,
  created_at timestamptz NOT NULL,         -- of the subject
  aliased_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, sector, sub)
);

-- What each sector may fetch: which of its subs stands for which now. The state, not a log: a sub that stands for itself
-- again keeps its row, so that whoever asks for changes learns of it.
CREATE TABLE subject_moves (
  sector      text NOT NULL,
  from_sector text NOT NULL,               -- the same one, but after a change of sector
  from_sub    text NOT NULL,
  to_sub      text NOT NULL,
  change      text NOT NULL CHECK (change IN ('joined', 'parted', 'moved')),
  moved_at    timestamptz NOT NULL,
  PRIMARY KEY (sector, from_sector, from_sub)
);

-- A sector that continues another one, for all of its services or some.
CREATE TABLE sector_moves (                -- reference table
  to_sector   text PRIMARY KEY,
  from_sector text NOT NULL,
  subs        text NOT NULL CHECK (subs IN ('kept', 'new')),
  client_ids  text[],                      -- services that changed over; NULL: all of them
  moved_by    text NOT NULL,
  moved_at    timestamptz NOT NULL,
  finished_at timestamptz,
  CHECK (to_sector <> from_sector)
);
