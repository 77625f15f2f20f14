//! The reference verification backend.
