-- Old systems that still run: what they prove of somebody is a proof like any other, with the level that was reached in
-- that session (a link is worth no more), and what they must never accept twice is remembered here, on every node.

ALTER TABLE legacy_proofs DROP CONSTRAINT legacy_proofs_kind_check;
ALTER TABLE legacy_proofs ADD CONSTRAINT legacy_proofs_kind_check CHECK (kind IN (
  'old-password', 'old-sign-in', 'contact-code', 'redirect-assertion', 'reference-and-fact', 'posted-code',
  'two-operators', 'service-attestation'));
ALTER TABLE legacy_proofs ADD COLUMN level text CHECK (level IN ('none', 'Cl', 'Cl.Cm')); -- NULL: what its kind is worth

-- Numbers kept beside an old account: the counter of a token, the last code used, tries. Compare-and-set only.
CREATE TABLE legacy_counters (
  legacy_key bytea NOT NULL,
  name       text NOT NULL,
  value      bigint NOT NULL,
  PRIMARY KEY (legacy_key, name)
);

-- Assertions, tickets and nonces that were accepted once: insert-only, a conflict is a replay.
CREATE TABLE legacy_replays (
  replay_key bytea PRIMARY KEY,            -- keyed hash of (source, what)
  expires_at timestamptz NOT NULL
);
CREATE INDEX legacy_replays_expiry ON legacy_replays (expires_at);

-- What an old system's own page posted to us across sites, where the browser sends no cookie: kept for the one hop to a
-- page of ours that the browser then opens with its cookie.
CREATE TABLE legacy_returns (
  return_key     bytea PRIMARY KEY,        -- keyed hash of the random handle in the address
  payload_sealed bytea NOT NULL,
  expires_at     timestamptz NOT NULL
);
CREATE INDEX legacy_returns_expiry ON legacy_returns (expires_at);

-- Codes that old sign-in methods speak or post. Expand only.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
  CHECK (kind IN ('email', 'sms', 'voice', 'letter', 'backchannel-logout', 'security-event')) NOT VALID;
ALTER TABLE outbox VALIDATE CONSTRAINT outbox_kind_check;
