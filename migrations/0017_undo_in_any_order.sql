-- Runs of one source may be undone in any order: what a later run keeps as "before" is mended when an earlier one is undone.
-- Expand only.

ALTER TABLE run_before ADD COLUMN absent boolean NOT NULL DEFAULT false; -- the run that had brought the row was undone: there was none
