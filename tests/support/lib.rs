//! What the acceptance tests share: test data, the PC/SC service, and the programs under test.

mod kioskctl;
mod pcscd;

use std::path::PathBuf;

pub use kioskctl::{KioskctlCommand, Run, kioskctl};
pub use pcscd::Pcscd;

/// Folder of published test data, from `MADOGUCHI_TEST_DATA` or beside the checkout. Says so on standard error when it is absent,
/// so that a check that was not made does not look made.
#[must_use]
pub fn test_data() -> Option<PathBuf> {
    let folder = std::env::var_os("MADOGUCHI_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("test data absent: NOT VERIFIED (set MADOGUCHI_TEST_DATA)");
    None
}
