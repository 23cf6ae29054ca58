-- Links that can be explained and undone: what may happen to an old account, what linking changed (so that undoing
-- restores exactly that), proofs of several kinds, proof policies by version, decisions that a draft policy can be tried
-- on, and the operators' two-person requests.

-- ── What may happen to an old account ───────────────────────────────────────────────────────────────────────────────
-- The moves are the table in src/migration/ledger/move-legacy-account.ts, made by compare-and-set. What the database can
-- hold on its own: one that was linked once is never fresh again, whatever code runs (linking-attacks 14).
ALTER TABLE legacy_accounts ADD COLUMN state_since timestamptz;
ALTER TABLE legacy_accounts ADD COLUMN links_made integer NOT NULL DEFAULT 0;
UPDATE legacy_accounts SET links_made = 1, state_since = adopted_at WHERE state = 'adopted';
ALTER TABLE legacy_accounts ADD CONSTRAINT legacy_accounts_fresh_once
  CHECK (state NOT IN ('waiting', 'refused') OR links_made = 0);
ALTER TABLE legacy_accounts ADD CONSTRAINT legacy_accounts_linked_before
  CHECK (state NOT IN ('adopted', 'released') OR links_made > 0);

-- ── What linking changed ────────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE links ADD COLUMN changed jsonb NOT NULL DEFAULT '{}'; -- created, credentialId, sectors; no personal data
ALTER TABLE links ADD COLUMN carried_sealed bytea; -- argon2id of the old password, under the old row's data key: what
                                                   -- the old account can be proved with again once it is released
-- For operators who hold nothing but the id of a link; pages ask by account.
CREATE INDEX links_by_id ON links (link_id);

-- ── Proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE legacy_proofs DROP CONSTRAINT legacy_proofs_kind_check;
ALTER TABLE legacy_proofs ADD CONSTRAINT legacy_proofs_kind_check CHECK (kind IN (
  'old-password', 'contact-code', 'redirect-assertion', 'reference-and-fact', 'posted-code', 'two-operators',
  'service-attestation'));
ALTER TABLE legacy_proofs ADD COLUMN purpose text NOT NULL DEFAULT 'first-sign-in'
  CHECK (purpose IN ('first-sign-in', 'add-old-account'));

-- A code that somebody brings with them (by post, or from two operators): it becomes a proof where it is typed in.
CREATE TABLE legacy_vouchers (
  voucher_key  bytea PRIMARY KEY,          -- keyed hash of the code: a copy of this table opens nothing
  legacy_key   bytea NOT NULL,
  source       text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('posted-code', 'two-operators')),
  account_id   uuid,                       -- the only account that may use it; NULL: whoever brings it
  request_id   uuid,                       -- of the operators who vouched
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  redeemed_at  timestamptz
);
CREATE INDEX legacy_vouchers_expiry ON legacy_vouchers (expires_at);

-- A service's own attestation is good once, whoever presents it.
CREATE TABLE legacy_attestations (
  attestation_key bytea PRIMARY KEY,       -- keyed hash of (service, jti)
  expires_at      timestamptz NOT NULL
);
CREATE INDEX legacy_attestations_expiry ON legacy_attestations (expires_at);

-- Every version of a source's proof policy that was ever in force: a link names the one it was made under.
CREATE TABLE source_policies (             -- reference table
  source      text NOT NULL REFERENCES sources,
  version     integer NOT NULL,
  policy      jsonb NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (source, version)
);
INSERT INTO source_policies (source, version, policy, recorded_at)
  SELECT source, (definition -> 'policy' ->> 'version')::integer, definition -> 'policy', updated_at FROM sources;

-- What decisions stood on: kinds and ages of proofs, states. No ids of people: a draft policy is tried on them.
CREATE TABLE link_attempts (
  attempt_id     uuid PRIMARY KEY,
  source         text NOT NULL,
  policy_version integer NOT NULL,
  facts          jsonb NOT NULL,
  decision       jsonb NOT NULL,
  decided_at     timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL
);
CREATE INDEX link_attempts_by_source ON link_attempts (source, decided_at);
CREATE INDEX link_attempts_expiry ON link_attempts (expires_at);

-- ── Two people ──────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE operator_requests (
  request_id      uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('undo-link', 'restore-link', 'vouch')),
  source          text NOT NULL,
  legacy_key      bytea NOT NULL,
  account_id      uuid,
  link_id         uuid,
  evidence_sealed bytea NOT NULL,          -- what the first operator saw; may name people, so sealed
  asked_by        text NOT NULL,
  asked_at        timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  approved_by     text,
  approved_at     timestamptz,
  CHECK (approved_by IS DISTINCT FROM asked_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);
CREATE INDEX operator_requests_open ON operator_requests (legacy_key) WHERE approved_at IS NULL;
