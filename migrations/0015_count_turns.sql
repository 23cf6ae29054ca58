-- Whose turn it is to count: reading every old account once is work for one node, and the more rows there are the rarer it
-- is done. The turn is taken by compare-and-set on due_at; who dies with it is followed by somebody when it is due again.
-- There is no index for the counts on purpose: it would cost every import more than the counts cost. Expand only.

CREATE TABLE count_turns (
  name        text PRIMARY KEY,
  due_at      timestamptz NOT NULL
);
INSERT INTO count_turns (name, due_at) VALUES ('source-progress', '-infinity') ON CONFLICT DO NOTHING;
