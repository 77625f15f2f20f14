//! Room on the disk: when no session may begin, and the ballast that lets sessions leave a full disk.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::store::Store;

const BALLAST_FILE: &str = "ballast";
/// Room without which the database does not open.
const TO_OPEN: u64 = 1 << 20;

/// The disk under a store.
pub(crate) struct Space {
    dir: PathBuf,
    min_free: u64,
    ballast: u64,
    free_space: fn(&Path) -> io::Result<u64>,
}

impl Space {
    pub(crate) fn new(dir: &Path, min_free: u64, ballast: u64, free_space: fn(&Path) -> io::Result<u64>) -> Self {
        Self { dir: dir.to_owned(), min_free, ballast, free_space }
    }

    /// Whether there is room for another session.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let free = (self.free_space)(&self.dir)?;
        if free < self.min_free { Err(Error::NoSpace { free, needed: self.min_free }) } else { Ok(()) }
    }

    /// The full disk behind an error that does not name it.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match (self.free_space)(&self.dir) {
            Ok(free) if free < TO_OPEN => Error::NoSpace { free, needed: TO_OPEN },
            Ok(_) | Err(_) => error,
        }
    }

    /// Makes the ballast when it is missing and the disk has room for it and for a session. Without it the store works, and so this
    /// never fails.
    pub(crate) fn restore_ballast(&self) {
        let path = self.dir.join(BALLAST_FILE);
        let there = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() >= self.ballast);
        let room = (self.free_space)(&self.dir).is_ok_and(|free| free >= self.min_free.saturating_add(self.ballast));
        if self.ballast == 0 || there || !room {
            return;
        }
        if let Err(error) = fill(&path, self.ballast) {
            tracing::warn!(%error, "no ballast");
            self.drop_ballast();
        }
    }

    /// Gives its room to whatever must be written now; says whether there was any.
    fn drop_ballast(&self) -> bool {
        std::fs::remove_file(self.dir.join(BALLAST_FILE)).is_ok()
    }
}

impl Store {
    /// Runs what lets a session leave or change its state, a second time without the ballast when the disk is full. The change reads
    /// the state it starts from, so that running it again is harmless whatever the first commit came to.
    pub(crate) fn with_ballast<T>(
        &mut self,
        mut change: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.ensure_open()?;
        match change(self) {
            Err(error) if is_full(&error) && self.space.drop_ballast() => {
                tracing::warn!("the disk is full: the ballast is used");
                self.reopen()?;
                change(self)
            }
            other => other,
        }
    }
}

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
        || matches!(error, Error::File(error) if error.kind() == io::ErrorKind::StorageFull)
}

/// Written out, not merely made long: a sparse file keeps no room.
fn fill(path: &Path, len: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    io::copy(&mut io::Read::take(io::repeat(0xA5), len), &mut file)?;
    file.flush()?;
    file.sync_all()
}
