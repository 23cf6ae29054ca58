-- What services may do while a citizen is away outlives the session that granted it, and is found by the account when
-- everything of the account is to end (suspension, recovery). Rare, so it may ask every shard; few rows, so it is small.
-- Expand only: nothing that runs today notices.
CREATE INDEX grants_offline ON grants (account_id) WHERE survives_sign_out;
