-- Times are microseconds since 1970, amounts exact decimals as text.
-- States: 0 due, 1 sending, 2 delivered, 3 held, 4 parked, 5 rejected, 6 cancelled, 7 superseded.
-- Kinds: 0 created, 1 updated, 2 cancelled.

CREATE TABLE connections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- One small row per event: it is rewritten twice in the life of an order, so what never changes and is large (the body)
-- stands elsewhere.
CREATE TABLE records (
    id          INTEGER PRIMARY KEY,
    connection  INTEGER NOT NULL REFERENCES connections (id),
    event_id    TEXT    NOT NULL,
    body_hash   BLOB    NOT NULL, -- the first 16 bytes of the body's sha256
    kind        INTEGER NOT NULL,
    order_key   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    due_at      INTEGER,          -- only for due, sending, and held with a time
    blocked     INTEGER NOT NULL, -- 1 while an earlier record of the order is due or sending; means nothing without due_at
    attempts    INTEGER NOT NULL DEFAULT 0,
    tries       INTEGER NOT NULL DEFAULT 0,
    released    INTEGER NOT NULL DEFAULT 0, -- 1 once a person let it pass while it was held
    worth       TEXT,
    currency    TEXT,
    fault       TEXT,             -- JSON
    reason      TEXT,
    UNIQUE (connection, event_id),
    UNIQUE (connection, body_hash)
) STRICT;

CREATE INDEX lane ON records (order_key);
-- What can be claimed, by time: claiming walks it from the front, so what an earlier record blocks is not in it.
CREATE INDEX due ON records (due_at) WHERE due_at IS NOT NULL AND blocked = 0;
-- What did not go the usual way, for lists. An order that is simply delivered never touches it.
CREATE INDEX aside ON records (state) WHERE state > 2;

CREATE TABLE bodies (record INTEGER PRIMARY KEY REFERENCES records (id), body BLOB NOT NULL) STRICT;

-- `id` is record × 2^24 + number: in order by record without a second index. A plan is written once and is large; its end
-- is small and comes later, so it has a table of its own.
CREATE TABLE attempts (id INTEGER PRIMARY KEY, plan TEXT NOT NULL) STRICT;
CREATE TABLE ends (
    id     INTEGER PRIMARY KEY REFERENCES attempts (id),
    at     INTEGER NOT NULL,
    state  INTEGER NOT NULL,
    fault  TEXT, -- JSON
    reason TEXT,
    steps  TEXT  -- JSON
) STRICT;

-- The map shop order : ERP orders, 1:n.
CREATE TABLE parts (
    record    INTEGER NOT NULL REFERENCES records (id),
    part      INTEGER NOT NULL,
    key       TEXT    NOT NULL,
    warehouse TEXT    NOT NULL,
    total     TEXT    NOT NULL,
    number    TEXT,
    PRIMARY KEY (record, part)
) STRICT, WITHOUT ROWID;

-- Records by state (0 to 7) and dropped duplicates (8), kept up by every transaction: counting a million rows takes too long.
CREATE TABLE counts (what INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
INSERT INTO counts VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0);
