-- What runs out is swept by a list of keys that are read by their end (rule S11); without these indexes each sweep reads
-- the whole table. Expand only: nothing that runs today notices.
CREATE INDEX journeys_expiry ON journeys (expires_at);
CREATE INDEX one_time_codes_expiry ON one_time_codes (expires_at);
CREATE INDEX attempt_counters_expiry ON attempt_counters (expires_at);
CREATE INDEX grants_expiry ON grants (expires_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
