-- Goods and people that are kept alike on both sides, of which only the latest state matters; and what is promised of a
-- stock. States: 0 due, 1 sending, 2 parked, 3 settled, 4 no-op.

CREATE TABLE changes (
    id          INTEGER PRIMARY KEY,
    flow        TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- product, customer, stock, shipment, invoice
    side        TEXT    NOT NULL, -- shop or erp: where it comes from
    key         TEXT    NOT NULL, -- that side's id
    version     INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    origin      TEXT    NOT NULL,
    body        BLOB    NOT NULL, -- as that side gave it
    state       INTEGER NOT NULL,
    due_at      INTEGER,          -- only for due and sending
    attempts    INTEGER NOT NULL DEFAULT 0,
    tries       INTEGER NOT NULL DEFAULT 0,
    fault       TEXT,             -- JSON
    reason      TEXT,
    partner     TEXT,             -- the other side's id, once it is known
    received_at INTEGER NOT NULL,
    settled_at  INTEGER,
    UNIQUE (flow, key)
) STRICT;

CREATE INDEX change_due ON changes (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX change_parked ON changes (state) WHERE state = 2;

-- What was done about each, the latest attempts only.
CREATE TABLE change_log (
    change     INTEGER NOT NULL REFERENCES changes (id),
    number     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    took       INTEGER NOT NULL, -- microseconds
    state      INTEGER NOT NULL,
    fault      TEXT,             -- JSON
    steps      TEXT    NOT NULL, -- JSON
    PRIMARY KEY (change, number)
) STRICT, WITHOUT ROWID;

-- Who is whom: what both sides agreed on last, and what we wrote.
CREATE TABLE twins (
    kind TEXT NOT NULL,
    shop TEXT NOT NULL,
    erp  TEXT NOT NULL,
    base TEXT,          -- JSON
    echo TEXT NOT NULL, -- JSON
    PRIMARY KEY (kind, shop)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX twin_erp ON twins (kind, erp);

-- Stock as flow::entity::stock keeps it: what is there, and what is promised to whom.
CREATE TABLE stocks (
    sku       TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    stock     TEXT NOT NULL, -- JSON
    PRIMARY KEY (sku, warehouse)
) STRICT, WITHOUT ROWID;
