-- What is kept alike is kept for a time only: bodies and what attempts did are swept and erased, what people did is written
-- down; and what rules did is kept as it is of orders.

ALTER TABLE changes ADD COLUMN hash BLOB;                           -- of the body: what is gone is known when it comes again
ALTER TABLE changes ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;    -- 1: the body is gone, 2: what attempts did is gone, 4: erased
ALTER TABLE changes ADD COLUMN released INTEGER NOT NULL DEFAULT 0; -- 1: a person lets this version pass what a rule holds
ALTER TABLE change_log ADD COLUMN runs TEXT;                        -- JSON: what rules did
ALTER TABLE change_log ADD COLUMN came BLOB;                        -- what the rules were asked about, as its side gave it

CREATE INDEX change_ended ON changes (swept, settled_at) WHERE settled_at IS NOT NULL;

-- What people did, by the numbers of `audit`: 5 retried, 8 erased. States are those of `changes`.
CREATE TABLE change_audit (
    id     INTEGER PRIMARY KEY, -- in the order in which it happened
    change INTEGER NOT NULL REFERENCES changes (id),
    at     INTEGER NOT NULL,
    what   INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    before INTEGER NOT NULL,
    after  INTEGER NOT NULL,
    cause  TEXT    NOT NULL
) STRICT;
CREATE INDEX change_told ON change_audit (change);

CREATE TRIGGER change_audit_is_not_changed BEFORE UPDATE ON change_audit BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER change_audit_stays BEFORE DELETE ON change_audit BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END;
