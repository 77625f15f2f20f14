//! Small files that survive a crash whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes beside, syncs, renames over, syncs the directory.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    sync_parent(path)
}

/// Overwrites with zeros, syncs, removes, syncs the directory. A file that is not there is gone already.
pub(crate) fn destroy(path: &Path) -> io::Result<()> {
    let len = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), len), &mut file)?;
    file.sync_all()?;
    drop(file);
    fs::remove_file(path)?;
    sync_parent(path)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    // A directory cannot be opened as a file on Windows; NTFS journals the rename itself.
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = (path, File::open as fn(&'static str) -> io::Result<File>);
    Ok(())
}
