use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The PC/SC service with the virtual reader, for one test at a time on a machine.
pub struct Pcscd {
    child: Option<Child>,
    _alone: File,
}

impl Pcscd {
    /// Starts `pcscd`, or uses the one that runs already, and waits until the virtual reader listens.
    ///
    /// # Panics
    /// When `pcscd` or its virtual reader is not installed: a PC/SC test that was not run must not look green.
    #[must_use]
    pub fn start() -> Self {
        let lock: PathBuf = std::env::temp_dir().join("pcscd.lock");
        let alone = File::options().create(true).append(true).open(&lock).expect("the lock file can be opened");
        alone.lock().expect("one PC/SC test at a time");
        if listens() {
            return Self { child: None, _alone: alone };
        }
        Self { child: Some(spawn()), _alone: alone }
    }

    /// Kills the service. Says whether it was ours to kill.
    pub fn kill(&mut self) -> bool {
        let Some(mut child) = self.child.take() else {
            return false;
        };
        let _ = child.kill();
        let _ = child.wait();
        true
    }

    /// Starts the service again after [`Pcscd::kill`].
    pub fn start_again(&mut self) {
        if self.child.is_none() && !listens() {
            self.child = Some(spawn());
        }
    }
}

/// Starts the service and waits until the virtual reader listens.
fn spawn() -> Child {
    let mut child = Command::new("/usr/sbin/pcscd")
        .args(["--foreground", "--error"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("pcscd is needed: apt-get install pcscd vsmartcard-vpcd");
    let stderr = child.stderr.take().expect("a pipe");
    let started = Instant::now();
    while !listens() {
        if let Some(status) = child.try_wait().expect("the child can be asked") {
            let said: Vec<_> = BufReader::new(stderr).lines().map_while(Result::ok).collect();
            panic!("pcscd ended with {status}: {said:?}");
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the virtual reader does not listen: apt-get install vsmartcard-vpcd"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    child
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether something listens on the virtual reader's second slot; connecting to the first would look like a card.
fn listens() -> bool {
    TcpStream::connect_timeout(&([127, 0, 0, 1], 35964).into(), Duration::from_millis(200)).is_ok()
}
