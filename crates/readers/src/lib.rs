//! PC/SC: readers, connections, recovery, redacted APDU trace.
