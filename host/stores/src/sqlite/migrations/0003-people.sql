-- What people do with records, what happened to each of them, and how long what is kept of them.
-- A further state: 8 discarded. Its count stands at 9, because 8 counts the duplicates.

INSERT INTO counts VALUES (9, 0);

-- `received_at`, `begun_at` and `delivered_at` tell the life of an order that nothing stops, and cost no row of their own:
-- the last two are set only while `told` is 0. Whatever else happens to a record is a row in `audit`.
ALTER TABLE records ADD COLUMN begun_at INTEGER;
ALTER TABLE records ADD COLUMN delivered_at INTEGER;
ALTER TABLE records ADD COLUMN told INTEGER NOT NULL DEFAULT 0;  -- its rows in `audit`
ALTER TABLE records ADD COLUMN edits INTEGER NOT NULL DEFAULT 0; -- its corrected copies; the last one is worked on
ALTER TABLE records ADD COLUMN ended_at INTEGER;                 -- delivered, rejected, cancelled, superseded, discarded
ALTER TABLE records ADD COLUMN swept INTEGER NOT NULL DEFAULT 0; -- 1: originals are gone, 2: runs are gone, 4: erased
ALTER TABLE records ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0; -- 1: documents may be in the ERP without our knowing

-- What is past its time. Descending, so that what ends now is added at the index's end.
CREATE INDEX ended ON records (swept DESC, ended_at) WHERE ended_at IS NOT NULL;
-- With `due`, everything that has a time: for a clock that was ahead.
CREATE INDEX behind ON records (due_at) WHERE due_at IS NOT NULL AND blocked = 1;

-- `id` is record × 2^24 + number, as of attempts. No body: its time is over, or it was erased.
CREATE TABLE edits (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL, body BLOB) STRICT;

-- What: 0 accepted, 1 begun, 2 ended, 3 superseded, 4 damaged, 5 retried, 6 edited, 7 discarded, 8 erased, 9 expired.
CREATE TABLE audit (
    record INTEGER NOT NULL,
    number INTEGER NOT NULL, -- from 1 for each record: the order in which it happened, whatever the clock said
    at     INTEGER NOT NULL,
    what   INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    before INTEGER,          -- the state; nothing where it is new or was not written down
    after  INTEGER NOT NULL,
    cause  TEXT    NOT NULL,
    PRIMARY KEY (record, number)
) STRICT, WITHOUT ROWID;

-- Append-only, also for whoever opens the file by hand: lines go with their record and not before, and the one thing that
-- may happen to them is that erasing a customer's data leaves of a cause only the code of its fault.
CREATE TRIGGER audit_is_not_overwritten BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE record = new.record AND number = new.number)
BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
WHEN old.record <> new.record OR old.number <> new.number OR old.at <> new.at OR old.what <> new.what OR old.actor <> new.actor
    OR old.before IS NOT new.before OR old.after <> new.after OR length(new.cause) > 4 OR instr(old.cause, new.cause) <> 1
BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_goes_with_its_record BEFORE DELETE ON audit
WHEN EXISTS (SELECT 1 FROM records WHERE id = old.record)
BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER origin_stays BEFORE UPDATE OF id, connection, event_id, body_hash, received_at ON records
BEGIN SELECT raise(ABORT, 'where a record came from never changes'); END;
CREATE TRIGGER open_records_stay BEFORE DELETE ON records
WHEN old.ended_at IS NULL
BEGIN SELECT raise(ABORT, 'a record that is not at its end is never removed'); END;

-- Never removed, so that a number that an attempt names never means another one.
CREATE TABLE corrections (
    id         INTEGER PRIMARY KEY,
    connection TEXT NOT NULL,
    path       TEXT NOT NULL,
    fix        TEXT NOT NULL, -- JSON
    remembered TEXT NOT NULL, -- JSON: who, why, when
    forgotten  TEXT           -- JSON, likewise
) STRICT;
CREATE UNIQUE INDEX remembered ON corrections (connection, path, fix) WHERE forgotten IS NULL;

-- Set where a backup was brought back: until then every record that comes is doubtful, because what the backup does not
-- know may be in the ERP.
CREATE TABLE doubt (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), until INTEGER NOT NULL) STRICT;

-- How far the poll of a connection is.
CREATE TABLE cursors (connection TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Of records from before this version: what was written down of them.
INSERT INTO audit
SELECT record, row_number() OVER (PARTITION BY record ORDER BY place), at, what, actor, NULL, after, cause FROM (
    SELECT r.id AS record, 0 AS place, r.received_at AS at, 0 AS what, c.name AS actor, 4 AS after, '' AS cause
    FROM records r JOIN connections c ON c.id = r.connection WHERE r.order_key = 'event:' || r.event_id
    UNION ALL
    SELECT id >> 24, id, at, 2, 'host', state,
        CASE WHEN json_valid(fault) THEN json_extract(fault, '$.code') || ' ' || json_extract(fault, '$.message') ELSE coalesce(reason, '') END
    FROM ends
);
UPDATE records SET told = (SELECT count(*) FROM audit WHERE record = records.id);
UPDATE records SET ended_at = coalesce((SELECT max(at) FROM ends WHERE id BETWEEN records.id << 24 AND (records.id << 24) + 16777215), received_at)
WHERE state IN (2, 5, 6, 7);
