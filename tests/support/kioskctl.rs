use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

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
    KioskctlCommand { command: Command::new(path), stdin: Vec::new() }
}

/// [`kioskctl`] with arguments to come.
pub struct KioskctlCommand {
    command: Command,
    stdin: Vec<u8>,
}

impl KioskctlCommand {
    #[must_use]
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    #[must_use]
    pub fn arg(self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.args([arg])
    }

    /// What it reads from standard input; nothing when absent.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// When it cannot be started or is ended by a signal.
    #[must_use]
    pub fn run(mut self) -> Run {
        let piped = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("kioskctl starts");
        // One that ends without reading its input closes the pipe.
        let _ = child.stdin.take().expect("a pipe").write_all(&self.stdin);
        let Output { status, stdout, stderr } = child.wait_with_output().expect("kioskctl ends");
        Run {
            status: status.code().expect("an exit status"),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }
}
