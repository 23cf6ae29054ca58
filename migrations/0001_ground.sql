-- The first schema: accounts, what they are known by, what they prove themselves with, old accounts, services,
-- protocol state, outbox and audit. It is shaped for a distributed Postgres from the start (guarantees.md, S1 to S17):
-- every table has one distribution key (the first column of its primary key), every unique constraint holds it, natural
-- unique values live in *_claims look-up tables keyed by a keyed hash, and ids, times and randomness come from the
-- application. Columns that end in _sealed are AES-256-GCM under a key that is not in this database.

-- ── One account per person ──────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE accounts (
  account_id  uuid PRIMARY KEY,
  status      text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
  data_key    bytea NOT NULL,              -- the account's data key, wrapped by the master key; erase = overwrite
  profile_sealed bytea,                    -- name and the like, JSON
  language    text NOT NULL CHECK (language IN ('en', 'cy')),
  version     integer NOT NULL,            -- rises with every change of credential, contact or link
  created_at  timestamptz NOT NULL
);

CREATE TABLE identities (
  account_id  uuid NOT NULL REFERENCES accounts,
  identity_id uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('email', 'phone')),
  value_sealed bytea NOT NULL,
  value_key   bytea NOT NULL,
  is_primary  boolean NOT NULL,
  verified_at timestamptz NOT NULL,        -- an address that was not proved is never written here
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, identity_id)
);

-- Who holds an address. Claimed with INSERT … ON CONFLICT DO NOTHING.
CREATE TABLE identity_claims (
  value_key   bytea PRIMARY KEY,
  kind        text NOT NULL,
  account_id  uuid NOT NULL,
  claimed_at  timestamptz NOT NULL
);

CREATE TABLE credentials (
  account_id    uuid NOT NULL REFERENCES accounts,
  credential_id uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('password')),
  secret_sealed bytea NOT NULL,            -- argon2id PHC string under the account's data key
  below_policy  boolean NOT NULL,          -- carried over from an old system; shorter than today's rule
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (account_id, credential_id)
);
CREATE UNIQUE INDEX credentials_one_password ON credentials (account_id) WHERE kind = 'password';

CREATE TABLE known_devices (
  account_id   uuid NOT NULL REFERENCES accounts,
  device_key   bytea NOT NULL,
  created_at   timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, device_key)
);

-- The `sub` a sector knows an account by, written at first use and never changed by a sign-in.
CREATE TABLE subjects (
  account_id  uuid NOT NULL REFERENCES accounts,
  sector      text NOT NULL,
  sub         text NOT NULL,
  origin      text NOT NULL CHECK (origin IN ('derived', 'inherited')),
  source      text,                        -- of an inherited subject
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, sector)
);

CREATE TABLE subject_claims (
  sub_key     bytea PRIMARY KEY,           -- keyed hash of (sector, sub)
  account_id  uuid NOT NULL,
  sector      text NOT NULL,
  claimed_at  timestamptz NOT NULL
);

-- ── Proving things ──────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE attempt_counters (
  counter_key bytea PRIMARY KEY,           -- keyed hash of (what is counted, of whom)
  count       integer NOT NULL,
  started_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL
);

CREATE TABLE one_time_codes (
  challenge_id uuid PRIMARY KEY,
  purpose      text NOT NULL,
  bound_to     bytea NOT NULL,             -- keyed hash of (purpose, journey, address)
  code_hash    bytea NOT NULL,
  tries        integer NOT NULL,
  expires_at   timestamptz NOT NULL,
  consumed_at  timestamptz,
  created_at   timestamptz NOT NULL
);

CREATE TABLE journeys (
  journey_id   text PRIMARY KEY,           -- the interaction it serves
  browser_key  bytea NOT NULL,             -- hash of the cookie that may continue it
  state_sealed bytea NOT NULL,
  version      integer NOT NULL,           -- compare-and-set: two tabs cannot overwrite each other
  expires_at   timestamptz NOT NULL,
  created_at   timestamptz NOT NULL
);

-- ── Old accounts ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE sources (                     -- reference table
  source      text PRIMARY KEY CHECK (source ~ '^[a-z][a-z0-9-]{1,62}$'),
  definition  jsonb NOT NULL,
  version     integer NOT NULL,
  status      text NOT NULL CHECK (status IN ('open', 'suspended')),
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL
);

CREATE TABLE imports (
  import_id   uuid PRIMARY KEY,
  source      text NOT NULL,
  file_name   text NOT NULL,
  file_digest bytea NOT NULL,
  outcome     jsonb NOT NULL,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz
);

-- One row of a source, unique for ever: legacy_key is the keyed hash of (source, legacy id).
CREATE TABLE legacy_accounts (
  legacy_key      bytea PRIMARY KEY,
  source          text NOT NULL REFERENCES sources,
  state           text NOT NULL CHECK (state IN ('waiting', 'adopted', 'released', 'retired', 'refused')),
  source_status   text NOT NULL CHECK (source_status IN ('active', 'disabled')),
  data_key        bytea NOT NULL,
  personal_sealed bytea NOT NULL,          -- legacy id, user name, subject, e-mail, name: JSON under data_key
  verifier_sealed bytea,                   -- the old hash under data_key; gone once adopted
  scheme          text,
  row_digest      bytea NOT NULL,          -- keyed hash of the row as it came: the same file twice changes nothing
  account_id      uuid,                    -- of the account that adopted it
  import_id       uuid NOT NULL,
  imported_at     timestamptz NOT NULL,
  adopted_at      timestamptz,
  CHECK ((state = 'adopted') = (account_id IS NOT NULL)),
  CHECK (state <> 'adopted' OR verifier_sealed IS NULL)
);

-- How a person names their old account: keyed hash of (source, user name as typed, normalised).
CREATE TABLE legacy_login_names (
  login_key   bytea PRIMARY KEY,
  legacy_key  bytea NOT NULL,
  source      text NOT NULL
);

CREATE TABLE links (                       -- append-only: a row is undone, never deleted
  account_id     uuid NOT NULL REFERENCES accounts,
  link_id        uuid NOT NULL,
  legacy_key     bytea NOT NULL,
  source         text NOT NULL,
  proofs         jsonb NOT NULL,           -- what was proved of both sides, how and when; no secrets, no personal data
  policy_version integer NOT NULL,
  assurance      text NOT NULL,
  linked_by      text NOT NULL,
  linked_at      timestamptz NOT NULL,
  undone_at      timestamptz,
  undone_by      text,
  undone_reason  text,
  PRIMARY KEY (account_id, link_id)
);
CREATE UNIQUE INDEX links_one_live ON links (account_id, legacy_key) WHERE undone_at IS NULL;

-- ── Services on record ──────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE departments (                 -- reference table
  department_id text PRIMARY KEY,
  name          jsonb NOT NULL,
  created_at    timestamptz NOT NULL
);

CREATE TABLE services (                    -- reference table
  client_id     text PRIMARY KEY,
  department_id text NOT NULL REFERENCES departments,
  status        text NOT NULL CHECK (status IN ('live', 'suspended')),
  live_version  integer NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);

CREATE TABLE service_versions (
  client_id   text NOT NULL REFERENCES services,
  version     integer NOT NULL,
  metadata    jsonb NOT NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (client_id, version)
);

-- ── Protocol state ──────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE signing_keys (                -- reference table
  kid            text PRIMARY KEY,
  alg            text NOT NULL,
  state          text NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'retired')),
  public_jwk     jsonb NOT NULL,
  private_sealed bytea,                    -- gone once retired
  created_at     timestamptz NOT NULL,
  state_since    timestamptz NOT NULL
);

CREATE TABLE sessions (
  session_key    bytea PRIMARY KEY,        -- hash of the id in the cookie
  uid            text NOT NULL,
  account_id     uuid,
  payload_sealed bytea NOT NULL,
  last_seen_at   timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  ended_at       timestamptz,
  ended_reason   text
);

CREATE TABLE session_uids (
  uid          text PRIMARY KEY,
  session_key  bytea NOT NULL
);

CREATE TABLE account_sessions (
  account_id   uuid NOT NULL,
  session_key  bytea NOT NULL,
  started_at   timestamptz NOT NULL,
  PRIMARY KEY (account_id, session_key)
);

CREATE TABLE grants (
  grant_id       text PRIMARY KEY,
  account_id     uuid,
  client_id      text NOT NULL,
  session_key    bytea,                    -- of the browser session that holds it
  survives_sign_out boolean NOT NULL,      -- offline access was granted
  payload_sealed bytea NOT NULL,
  expires_at     timestamptz NOT NULL,
  revoked_at     timestamptz
);

-- Codes, tokens, interactions, pushed requests, replay memory. consume is a compare-and-set on consumed_at.
CREATE TABLE oidc_artefacts (
  artefact_key   bytea PRIMARY KEY,        -- hash of (model, id): a copy of this table opens nothing
  model          text NOT NULL,
  grant_id       text,
  payload_sealed bytea NOT NULL,
  expires_at     timestamptz NOT NULL,
  consumed_at    timestamptz
);
CREATE INDEX oidc_artefacts_expiry ON oidc_artefacts (expires_at);

-- Which generation of copies in Redis may be believed. It rises when a revocation could not reach Redis.
CREATE TABLE perishable_epoch (            -- reference table
  id                smallint PRIMARY KEY CHECK (id = 1),
  epoch             bigint NOT NULL,
  replay_not_before timestamptz NOT NULL   -- client assertions issued before this may have been used and forgotten
);
INSERT INTO perishable_epoch VALUES (1, 1, '2000-01-01');

-- ── Messages out ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE outbox (
  bucket          smallint NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  message_id      uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('email', 'sms', 'backchannel-logout')),
  payload_sealed  bytea NOT NULL,
  attempts        integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,    -- a claim moves it ahead: that is the lease
  expires_at      timestamptz NOT NULL,    -- never sent after this (an expired code helps nobody)
  sent_at         timestamptz,
  gave_up_at      timestamptz,
  last_error      text,
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (bucket, message_id)
);
CREATE INDEX outbox_due ON outbox (bucket, next_attempt_at) WHERE sent_at IS NULL AND gave_up_at IS NULL;

CREATE TABLE development_inbox (           -- filled by the development sender only
  message_id  uuid PRIMARY KEY,
  kind        text NOT NULL,
  recipient   text NOT NULL,
  subject     text NOT NULL,
  body        text NOT NULL,
  sent_at     timestamptz NOT NULL
);

-- ── What happened ───────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE audit_events (
  chain_id     text NOT NULL,              -- one hash chain per account, service, source or process
  seq          bigint NOT NULL,
  type         text NOT NULL,
  at           timestamptz NOT NULL,
  body         jsonb NOT NULL,             -- actor, account, service, correlation id, detail: pseudonymous ids only
  hash         bytea NOT NULL,             -- sha256(previous hash ‖ canonical event)
  PRIMARY KEY (chain_id, seq)
);
