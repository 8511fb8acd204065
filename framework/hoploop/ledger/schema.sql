-- The book of one recipe. Amounts are decimal TEXT: SQLite integers stop at 2^63 - 1. Times are nanoseconds.
-- `event` is the truth and only ever grows; `attempt` and `day_result` are projections that can be rebuilt from it.

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  started_ns INTEGER NOT NULL,
  recipe TEXT NOT NULL DEFAULT '',
  fingerprint TEXT NOT NULL DEFAULT '',
  mode TEXT NOT NULL DEFAULT '',
  version TEXT NOT NULL DEFAULT '',
  ended_ns INTEGER,
  end_reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL,
  at_ns INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  type TEXT NOT NULL,
  attempt INTEGER,
  payload TEXT NOT NULL
) STRICT;

CREATE INDEX event_of_attempt ON event (attempt) WHERE attempt IS NOT NULL;

CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TRIGGER event_never_goes BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  cause INTEGER NOT NULL,
  run TEXT NOT NULL,
  chain TEXT NOT NULL,
  strategy TEXT NOT NULL,
  shape TEXT NOT NULL,
  asset TEXT NOT NULL,
  amount_in TEXT NOT NULL,
  lender TEXT,
  flash_fee TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  route TEXT NOT NULL,
  tx_id TEXT NOT NULL,
  expires INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  predicted_gross TEXT NOT NULL,
  predicted_network_fee TEXT NOT NULL,
  predicted_tip TEXT NOT NULL,
  predicted_net TEXT NOT NULL,
  realized_gross TEXT,
  realized_network_fee TEXT,
  realized_tip TEXT,
  realized_net TEXT,
  difference TEXT NOT NULL,
  number INTEGER NOT NULL,
  received_ns INTEGER NOT NULL,
  found_ns INTEGER NOT NULL,
  signed_ns INTEGER NOT NULL,
  sent_ns INTEGER NOT NULL,
  settled_ns INTEGER NOT NULL,
  intended INTEGER NOT NULL DEFAULT 0,
  at_ns INTEGER NOT NULL
) STRICT;

CREATE INDEX attempt_by_state ON attempt (state);

CREATE TABLE day_result (
  day TEXT NOT NULL,
  asset TEXT NOT NULL,
  landed INTEGER NOT NULL,
  reverted INTEGER NOT NULL,
  predicted TEXT NOT NULL,
  realized TEXT NOT NULL,
  PRIMARY KEY (day, asset)
) STRICT, WITHOUT ROWID;
