//! The documents: access, reading, parsing into evidence.
