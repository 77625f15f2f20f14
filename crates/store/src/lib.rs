//! Encrypted SQLite: formats, key hierarchy, accept transaction.
