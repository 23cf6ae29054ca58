-- Changing what an account is known by. A new address is pending until its mailbox has proved itself; one that is to go
-- stays for a week, so that whoever reads it can still stop the one who removed it. Expand only: nothing that runs today
-- notices.

-- The one change that is under way: a second one takes its place (linking-attacks 4).
CREATE TABLE contact_changes (
  account_id      uuid PRIMARY KEY REFERENCES accounts,
  challenge_id    uuid NOT NULL,           -- of the code that went to the new address
  address_sealed  bytea NOT NULL,          -- under the account's data key
  bound_to        bytea NOT NULL,          -- keyed hash of (account, journey, browser)
  account_version integer NOT NULL,        -- any change of credential, contact or link since then voids it
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL
);
CREATE INDEX contact_changes_expiry ON contact_changes (expires_at);

-- Addresses on their way out: until then they get every notice and open the account as before.
CREATE TABLE leaving_contacts (
  account_id  uuid NOT NULL REFERENCES accounts,
  identity_id uuid NOT NULL,
  asked_at    timestamptz NOT NULL,
  leaves_at   timestamptz NOT NULL,
  PRIMARY KEY (account_id, identity_id)
);
CREATE INDEX leaving_contacts_due ON leaving_contacts (leaves_at);
