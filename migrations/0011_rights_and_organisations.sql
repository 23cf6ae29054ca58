-- Old accounts that are not one person's. An agent's moves with its rights to act for others (M42): they belong to the old
-- account, so a link brings them, its undo takes them away, and a merge moves them without touching them. An account that
-- several people shared becomes an organisation, whose members come one by one with accounts of their own (M43). Expand only.

-- ── Rights ──────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE legacy_rights (
  legacy_key   bytea NOT NULL,             -- the agent's old account: distribution key
  right_key    bytea NOT NULL,             -- keyed hash of (client, kind, right)
  client_key   bytea NOT NULL,             -- keyed hash of (source, the client's old id): what a client's rows are found by
  source       text NOT NULL,
  words_sealed bytea NOT NULL,             -- the client's old id, the right, who granted it: JSON
  row_digest   bytea NOT NULL,             -- keyed hash of all of it: the same file twice changes nothing
  said_by      text NOT NULL CHECK (said_by IN ('sign-in', 'file')),
  valid_from   timestamptz,
  valid_until  timestamptz,
  noted_at     timestamptz NOT NULL,
  ended_at     timestamptz,                -- the old system no longer says so
  PRIMARY KEY (legacy_key, right_key)
);

-- ── Organisations ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Distributed by organisation_id, with a look-up by account.
CREATE TABLE organisations (
  organisation_id uuid PRIMARY KEY,
  data_key        bytea NOT NULL,          -- wrapped by the master key; erase = overwrite
  name_sealed     bytea NOT NULL,
  origin          text NOT NULL,           -- the source of the shared old account
  origin_key      bytea NOT NULL,          -- keyed hash of the old account: whose row it is, migration knows
  kept_sealed     bytea,                   -- what the old account was proved with; it gets that back when this is undone
  made_at         timestamptz NOT NULL,
  undone_at       timestamptz,
  undone_by       text,
  CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX organisations_by_origin ON organisations (origin_key); -- operators hold an old id, not ours

CREATE TABLE organisation_members (        -- append-only: a membership ends, it is never deleted
  organisation_id uuid NOT NULL REFERENCES organisations,
  member_id       uuid NOT NULL,
  account_id      uuid NOT NULL,
  role            text NOT NULL CHECK (role IN ('administrator', 'member')),
  invited_by      uuid,                    -- member_id; NULL: made the organisation
  joined_at       timestamptz NOT NULL,
  left_at         timestamptz,
  ended_by        text,
  PRIMARY KEY (organisation_id, member_id)
);
CREATE UNIQUE INDEX organisation_members_once ON organisation_members (organisation_id, account_id) WHERE left_at IS NULL;

CREATE TABLE account_organisations (       -- look-up; whether the membership stands, organisation_members says
  account_id      uuid NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (account_id, organisation_id)
);

CREATE TABLE organisation_invitations (
  organisation_id uuid NOT NULL REFERENCES organisations,
  invitation_key  bytea NOT NULL,          -- keyed hash of the secret in the link: a copy of this table opens nothing
  address_sealed  bytea NOT NULL,          -- under the organisation's data key
  role            text NOT NULL CHECK (role IN ('administrator', 'member')),
  invited_by      uuid NOT NULL,           -- member_id
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  used_at         timestamptz,             -- good once, whoever presents it
  withdrawn_at    timestamptz,
  PRIMARY KEY (organisation_id, invitation_key)
);

-- ── What may happen to an old account ───────────────────────────────────────────────────────────────────────────────
-- 'organised': it became an organisation; it is nobody's, and nothing is proved with it any more.
ALTER TABLE legacy_accounts DROP CONSTRAINT legacy_accounts_state_check;
ALTER TABLE legacy_accounts ADD CONSTRAINT legacy_accounts_state_check
  CHECK (state IN ('waiting', 'adopted', 'released', 'retired', 'refused', 'organised')) NOT VALID;
ALTER TABLE legacy_accounts VALIDATE CONSTRAINT legacy_accounts_state_check;
ALTER TABLE legacy_accounts ADD CONSTRAINT legacy_accounts_organised
  CHECK (state <> 'organised' OR (links_made > 0 AND verifier_sealed IS NULL)) NOT VALID;
ALTER TABLE legacy_accounts VALIDATE CONSTRAINT legacy_accounts_organised;

-- An old system may say of one account that it is shared, whatever its source's others are. NULL: as the source says.
ALTER TABLE legacy_accounts ADD COLUMN holder text CHECK (holder IN ('organisation'));

ALTER TABLE operator_requests DROP CONSTRAINT operator_requests_kind_check;
ALTER TABLE operator_requests ADD CONSTRAINT operator_requests_kind_check
  CHECK (kind IN ('undo-link', 'restore-link', 'vouch', 'undo-organisation')) NOT VALID;
ALTER TABLE operator_requests VALIDATE CONSTRAINT operator_requests_kind_check;
