-- What stands beside the records because of the rules: versions out of service, alerts, and the plugins' own places.

CREATE TABLE quarantine (
    plugin  TEXT    NOT NULL,
    version TEXT    NOT NULL, -- sha256 of the component
    since   INTEGER NOT NULL,
    why     TEXT    NOT NULL,
    PRIMARY KEY (plugin, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    message TEXT    NOT NULL
) STRICT;

-- `writing` is the id of the attempt that wrote it: never the same twice, so that a change in between is seen.
CREATE TABLE kv (
    plugin  TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    value   BLOB    NOT NULL,
    writing INTEGER NOT NULL,
    PRIMARY KEY (plugin, key)
) STRICT, WITHOUT ROWID;
