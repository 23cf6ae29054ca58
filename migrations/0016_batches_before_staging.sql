-- Files of a run are read once, while it is validated: its batches are there from then on, and staging only says what is
-- expected of their rows. Runs that were under way the old way begin again, or are past it. Expand only.

ALTER TABLE run_batches ADD COLUMN email_keys bytea; -- keyed hashes of the rows' addresses, 32 bytes each, zeros for none; gone once
                                                     -- staged: until then `expected` is of rows only that do not go in
-- Keyed hashes do not compress.
ALTER TABLE run_batches ALTER COLUMN email_keys SET STORAGE EXTERNAL;
CREATE INDEX run_batches_staged ON run_batches (run_id) WHERE staged IS NOT NULL; -- what is left to be cleared away

-- Validated without batches: what was found of their rows is found again, by the next who asks.
DELETE FROM run_batches WHERE run_id IN (SELECT run_id FROM runs WHERE state = 'staging');
UPDATE run_parts SET done = 'planned', progress = NULL, lease_no = lease_no + 1, lease_until = NULL
WHERE run_id IN (SELECT run_id FROM runs WHERE state IN ('validating', 'validated', 'rehearsing', 'rehearsed', 'approved', 'staging'));
DELETE FROM source_runs WHERE run_id IN (SELECT run_id FROM runs WHERE state = 'staging');
UPDATE runs SET state = 'planned', target = NULL, paused_at = NULL, approved_by = NULL, approved_at = NULL, approved_of = NULL
WHERE state IN ('validating', 'validated', 'rehearsing', 'rehearsed', 'approved', 'staging');

-- Of those that are past it: where costs stand now.
UPDATE run_parts SET counts = jsonb_set(counts, '{validate,costs}', counts->'staged'->'costs')
WHERE counts->'staged' ? 'costs' AND counts ? 'validate';
