use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite_migration::{M, Migrations};

use crate::error::Error;

/// Name of the database file.
pub(crate) const FILE_NAME: &str = "store.sqlite";

/// Opens the database, sets what the store specification fixes, and brings the schema up to date.
pub(crate) fn open(dir: &Path) -> Result<Connection, Error> {
    let mut connection = Connection::open(dir.join(FILE_NAME))?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// The same schema in memory, to compare with.
pub(crate) fn pristine() -> Result<Connection, Error> {
    let mut connection = Connection::open_in_memory()?;
    migrations().to_latest(&mut connection)?;
    Ok(connection)
}

fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(include_str!("../migrations/0001_store.sql"))])
}

fn prepare(connection: &mut Connection) -> Result<(), Error> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Page size and vacuum mode count only while the file is empty; the lock must be exclusive before WAL is entered, so that no
    // shared-memory file is made.
    for pragma in [
        "page_size = 4096",
        "auto_vacuum = INCREMENTAL",
        "locking_mode = EXCLUSIVE",
        "journal_mode = WAL",
        "synchronous = FULL",
        "fullfsync = ON",
        "checkpoint_fullfsync = ON",
        "wal_autocheckpoint = 1000",
        "journal_size_limit = 16777216",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "mmap_size = 0",
        "cell_size_check = ON",
        "trusted_schema = OFF",
        "foreign_keys = ON",
    ] {
        connection.execute_batch(&format!("PRAGMA {pragma};"))?;
    }
    // Takes the exclusive lock now: a second process fails here instead of at its first write.
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")?;
    migrations().to_latest(connection)?;
    Ok(())
}

/// Gives free pages back to the file system.
pub(crate) fn shrink(connection: &Connection) -> Result<(), Error> {
    {
        let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = statement.query([])?;
        // One page a step.
        while rows.next()?.is_some() {}
    }
    checkpoint(connection)
}

/// Empties the WAL into the database and truncates it.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), Error> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
