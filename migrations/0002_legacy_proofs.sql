-- Proofs of control of an old account. Durable, not perishable (guarantees.md, Q5): a proof that came back after a Redis
-- flush could link twice. Consumed by compare-and-set in the transaction that adopts, so a proof is good once (E3, X2).
CREATE TABLE legacy_proofs (
  proof_key      bytea PRIMARY KEY,        -- keyed hash of the random handle: a copy of this table opens nothing
  legacy_key     bytea NOT NULL,
  source         text NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('old-password')),
  bound_to       bytea NOT NULL,           -- keyed hash of (purpose, source, legacy key, journey, browser, handle)
  carried_sealed bytea,                    -- argon2id of the password that was typed, until adopted or expired
  proved_at      timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  consumed_at    timestamptz,
  CHECK (consumed_at IS NULL OR carried_sealed IS NULL)
);
CREATE INDEX legacy_proofs_expiry ON legacy_proofs (expires_at);
