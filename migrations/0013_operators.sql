-- Staff: who they are, their passkeys, invitations, sessions and API tokens. Everything of one operator is distributed by
-- operator_id, which stands in every cookie, link and token, so each request reads one shard and whoever is suspended is out
-- at once, on every node. Handles and credential ids are claimed in look-up tables. What a person holds (a cookie, a
-- link, a token) is kept as a keyed hash only: a copy of this database opens nothing. Expand only.

CREATE TABLE operators (
  operator_id uuid PRIMARY KEY,
  handle      text NOT NULL CHECK (handle ~ '^[a-z0-9][a-z0-9._-]{0,63}$'), -- what the audit shows; never given to a second person
  roles       text[] NOT NULL,
  status      text NOT NULL CHECK (status IN ('invited', 'active', 'suspended')),
  name_sealed bytea,                       -- as they gave it; NULL until the invitation is taken up
  added_by    text NOT NULL,
  added_at    timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL
);

-- Who has a handle. Claimed with INSERT … ON CONFLICT DO NOTHING.
CREATE TABLE operator_handles (
  handle      text PRIMARY KEY,
  operator_id uuid NOT NULL,
  claimed_at  timestamptz NOT NULL
);

CREATE TABLE operator_passkeys (
  operator_id   uuid NOT NULL REFERENCES operators,
  passkey_id    uuid NOT NULL,
  credential_id bytea NOT NULL CHECK (octet_length(credential_id) <= 1023),
  public_key    bytea NOT NULL CHECK (octet_length(public_key) <= 2048), -- COSE
  sign_count    bigint NOT NULL,
  can_back_up   boolean NOT NULL,          -- flag BE: a synced passkey
  backed_up     boolean NOT NULL,          -- flag BS, as last seen
  label_sealed  bytea NOT NULL,            -- how its owner calls it
  added_at      timestamptz NOT NULL,
  last_used_at  timestamptz,
  removed_at    timestamptz,
  PRIMARY KEY (operator_id, passkey_id)
);

CREATE TABLE operator_passkey_claims (
  credential_key bytea PRIMARY KEY,        -- keyed hash of the credential id
  operator_id    uuid NOT NULL,
  passkey_id     uuid NOT NULL,
  claimed_at     timestamptz NOT NULL
);

-- Challenges that were answered: insert-only, so each is good once. The challenge itself says until when, under a MAC.
CREATE TABLE operator_challenges (
  challenge_key bytea PRIMARY KEY,
  answered_at   timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL
);
CREATE INDEX operator_challenges_expiry ON operator_challenges (expires_at);

CREATE TABLE operator_invitations (
  operator_id    uuid NOT NULL REFERENCES operators,
  invitation_key bytea NOT NULL,
  made_by        text NOT NULL,
  made_at        timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  ended_at       timestamptz,              -- used, or replaced by a newer one
  PRIMARY KEY (operator_id, invitation_key)
);

CREATE TABLE operator_sessions (
  operator_id  uuid NOT NULL REFERENCES operators,
  session_key  bytea NOT NULL,
  passkey_id   uuid NOT NULL,              -- what it was begun with
  started_at   timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,       -- in any case
  ended_at     timestamptz,
  ended_reason text,
  PRIMARY KEY (operator_id, session_key)
);

CREATE TABLE operator_tokens (
  operator_id uuid NOT NULL REFERENCES operators,
  token_id    uuid NOT NULL,
  token_key   bytea NOT NULL,
  roles       text[] NOT NULL,             -- no more than its owner has: what both have counts
  made_by     text NOT NULL,
  made_at     timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at  timestamptz,
  PRIMARY KEY (operator_id, token_id)
);
