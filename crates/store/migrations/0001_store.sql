-- Store of one kiosk. Clear columns hold random identifiers, states, sizes, counters and day-granular dates only; whatever could say
-- something about a person stands inside a sealed record or blob. Every row but a chunk carries `mac`, an HMAC over its other columns
-- under the journal key; a chunk is covered by the digest in its blob's row.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,   -- device_key, last_bundle, created
    value BLOB NOT NULL,
    mac   BLOB NOT NULL
) STRICT;

CREATE TABLE epoch (
    epoch_no    INTEGER PRIMARY KEY NOT NULL,
    created_day INTEGER NOT NULL,      -- days since 1970-01-01 UTC
    destroyed   INTEGER NOT NULL,      -- 1: its slot file is gone and whatever it wrapped is unreadable
    mac         BLOB NOT NULL
) STRICT;

CREATE TABLE session (
    session_id    BLOB PRIMARY KEY NOT NULL,
    state         INTEGER NOT NULL,    -- 0 draft, 1 sealed, 2 confirmed, 3 shredded, 4 parked, 5 damaged
    row_version   INTEGER NOT NULL,    -- rises with every journalled change
    epoch_no      INTEGER NOT NULL REFERENCES epoch (epoch_no),
    wrapped_dek   BLOB,                -- EKR1 under the epoch key; NULL from acceptance on
    opened_day    INTEGER NOT NULL,
    bundle_sha256 BLOB,                -- from acceptance on
    blob_count    INTEGER NOT NULL,
    size          INTEGER NOT NULL,    -- octets of bundle and blobs
    mac           BLOB NOT NULL
) STRICT;

CREATE TABLE blob (
    blob_id       BLOB PRIMARY KEY NOT NULL,
    session_id    BLOB NOT NULL REFERENCES session (session_id),
    position      INTEGER NOT NULL,    -- place in the manifest
    header        BLOB NOT NULL,       -- the 64 octets of EKB1
    chunk_count   INTEGER NOT NULL,
    sealed_sha256 BLOB NOT NULL,       -- over header and chunks
    mac           BLOB NOT NULL
) STRICT;
CREATE INDEX blob_of_session ON blob (session_id, position);

CREATE TABLE chunk (
    blob_id BLOB NOT NULL REFERENCES blob (blob_id),
    number  INTEGER NOT NULL,
    data    BLOB NOT NULL,             -- ciphertext and tag
    PRIMARY KEY (blob_id, number)
) STRICT;

CREATE TABLE outbox (
    session_id  BLOB PRIMARY KEY NOT NULL REFERENCES session (session_id),
    bundle      BLOB NOT NULL,         -- EKS1
    attempts    INTEGER NOT NULL,
    next_at_ms  INTEGER NOT NULL,
    lease_ms    INTEGER NOT NULL,      -- end of the running attempt; 0: none
    park_reason INTEGER NOT NULL,      -- 0: not parked
    mac         BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (park_reason, next_at_ms);

CREATE TABLE receipt (
    session_id BLOB PRIMARY KEY NOT NULL REFERENCES session (session_id),
    receipt    BLOB NOT NULL,
    mac        BLOB NOT NULL
) STRICT;

CREATE TABLE journal (
    seq         INTEGER PRIMARY KEY NOT NULL,
    type        INTEGER NOT NULL,      -- 1 begin, 2 accept, 3 abandon, 4 confirm, 5 park, 6 damaged
    session_id  BLOB NOT NULL,
    row_version INTEGER NOT NULL,
    payload     BLOB NOT NULL,         -- EKR1 under wrap_key: time and bundle digest
    mac         BLOB NOT NULL          -- chained, see the format specification
) STRICT;
CREATE INDEX journal_of_session ON journal (session_id, seq);

-- Staff actions that need a second person; filled when those exist.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY NOT NULL,
    payload BLOB NOT NULL,
    mac     BLOB NOT NULL
) STRICT;

-- What is left of a purged session.
CREATE TABLE tombstone (
    session_id    BLOB PRIMARY KEY NOT NULL,
    purged_day    INTEGER NOT NULL,
    bundle_sha256 BLOB NOT NULL,
    mac           BLOB NOT NULL
) STRICT;
