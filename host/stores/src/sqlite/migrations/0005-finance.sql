-- The money side: papers in their latest state, and ledger entries with their legs, which are only ever added. No customer's
-- data: amounts, ids and days.

CREATE TABLE papers (
    kind      TEXT NOT NULL, -- payment, refund, dispute, payout
    id        TEXT NOT NULL, -- the gateway's or the shop's
    order_key TEXT,
    paper     TEXT NOT NULL, -- JSON
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_order ON papers (order_key) WHERE order_key IS NOT NULL;

CREATE TABLE entries (
    row        INTEGER PRIMARY KEY, -- in the order of writing
    id         TEXT    NOT NULL UNIQUE, -- what happened, and its id: payment/tx-91
    day        TEXT    NOT NULL,
    month      TEXT    NOT NULL,
    currency   TEXT    NOT NULL,
    order_key  TEXT,
    source     TEXT    NOT NULL, -- JSON
    corrects   TEXT,             -- the locked month that it belongs to
    written_at INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_order ON entries (order_key) WHERE order_key IS NOT NULL;
CREATE INDEX entry_month ON entries (month);

CREATE TABLE legs (
    entry     INTEGER NOT NULL REFERENCES entries (row),
    number    INTEGER NOT NULL,
    account   TEXT    NOT NULL,
    side      TEXT    NOT NULL,
    amount    TEXT    NOT NULL, -- exact
    reference TEXT    NOT NULL, -- JSON
    PRIMARY KEY (entry, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'a ledger entry is never removed'); END;
CREATE TRIGGER legs_stay BEFORE UPDATE ON legs BEGIN SELECT RAISE(ABORT, 'a leg is never changed'); END;
CREATE TRIGGER legs_remain BEFORE DELETE ON legs BEGIN SELECT RAISE(ABORT, 'a leg is never removed'); END;

-- Which of them the ERP has, under which number.
CREATE TABLE entry_numbers (
    entry  INTEGER PRIMARY KEY REFERENCES entries (row),
    number TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE TABLE locked_months (
    month TEXT    PRIMARY KEY,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
