use std::path::PathBuf;
use std::process::{Command, Output};

/// What one run of the command line left.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The answer as JSON.
    ///
    /// # Panics
    /// When standard output is not one JSON document.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {:?}, stderr {}", self.stdout, self.stderr))
    }
}

/// A command for the `kioskctl` of this build.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn kioskctl() -> KioskctlCommand {
    // Cargo puts test programs into target/<profile>/deps, and programs one folder up.
    let mut path: PathBuf = std::env::current_exe().expect("the test knows its own path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push(format!("kioskctl{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is not built: cargo build -p kioskctl", path.display());
    KioskctlCommand(Command::new(path))
}

/// [`kioskctl`] with arguments to come.
pub struct KioskctlCommand(Command);

impl KioskctlCommand {
    #[must_use]
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.0.args(args);
        self
    }

    #[must_use]
    pub fn arg(self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.args([arg])
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// When it cannot be started or is ended by a signal.
    #[must_use]
    pub fn run(mut self) -> Run {
        let Output { status, stdout, stderr } = self.0.output().expect("kioskctl starts");
        Run {
            status: status.code().expect("an exit status"),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }
}
