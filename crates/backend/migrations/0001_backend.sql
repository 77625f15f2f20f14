-- The reference backend for one branch and QA. Sessions stay sealed here: only the verify worker holds the key that opens them.

CREATE TABLE device (
    device_id  BLOB PRIMARY KEY NOT NULL,
    public_key BLOB NOT NULL             -- uncompressed P-256 point
) STRICT;

CREATE TABLE session (
    session_id    BLOB PRIMARY KEY NOT NULL,
    bundle_sha256 BLOB NOT NULL,
    server_seq    INTEGER NOT NULL UNIQUE,
    committed_ms  INTEGER NOT NULL,
    journal_head  BLOB NOT NULL,         -- chain over all receipts up to this one
    receipt       BLOB NOT NULL,         -- replayed byte for byte
    upload        BLOB NOT NULL,         -- EKU1 as received
    diverges      INTEGER,               -- NULL: not verified yet; 0 agrees; 1 diverges or unreadable
    result        TEXT                   -- JSON of the comparison: level and codes, no personal data
) STRICT;
CREATE INDEX session_to_verify ON session (server_seq) WHERE diverges IS NULL;

-- Erased sessions: a later upload is answered 410.
CREATE TABLE tombstone (
    session_id BLOB PRIMARY KEY NOT NULL
) STRICT;
