//! The service under test, and a card at the other end of its virtual reader.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::linux::net::TcpStreamExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub const ATR: &[u8] = &[0x3B, 0x80, 0x80, 0x01, 0x01];

const PORT: u16 = 35_963;
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const PATIENCE: Duration = Duration::from_secs(20);

/// `pcscd` in the foreground, alone on this machine for as long as the value lives.
pub struct Service {
    child: Option<Child>,
    _turn: File,
}

impl Service {
    pub fn start() -> Self {
        assert!(Path::new("/usr/sbin/pcscd").exists(), "pcscd is missing: apt-get install pcscd vsmartcard-vpcd");
        assert!(
            Path::new("/etc/reader.conf.d/vpcd").exists(),
            "the virtual reader is missing: apt-get install vsmartcard-vpcd"
        );
        let turn = File::create(std::env::temp_dir().join("pcscd.lock")).expect("the lock file of the pcscd tests");
        turn.lock().expect("a turn at pcscd");
        assert!(
            UnixStream::connect(SOCKET).is_err(),
            "another pcscd is running: stop it (systemctl stop pcscd.socket pcscd.service) so that the tests can start their own"
        );
        let mut service = Self { child: None, _turn: turn };
        service.restart();
        service
    }

    pub fn restart(&mut self) {
        assert!(self.child.is_none());
        if let Err(error) = std::fs::create_dir_all("/run/pcscd") {
            panic!("/run/pcscd cannot be made ({error}): run these tests as root");
        }
        let child = Command::new("/usr/sbin/pcscd")
            .arg("--foreground")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pcscd starts");
        self.child = Some(child);
        let begun = Instant::now();
        while UnixStream::connect(SOCKET).is_err() {
            assert!(begun.elapsed() < PATIENCE, "pcscd did not come up; it needs root");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        let begun = Instant::now();
        while ended.as_ref().is_ok_and(|status| status.success()) && begun.elapsed() < Duration::from_secs(5) {
            if child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the card does with one command.
pub enum Turn {
    Answer(Vec<u8>),
    /// It is lifted instead of answering.
    Leave,
    /// It stays and never answers.
    Mute,
}

/// A card held to the virtual reader: 16-bit big-endian lengths, one-byte messages for power and ATR, APDUs otherwise.
pub struct VirtualCard {
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl VirtualCard {
    pub fn insert(mut turn: impl FnMut(usize, &[u8]) -> Turn + Send + 'static) -> Self {
        let begun = Instant::now();
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", PORT)) {
                Ok(stream) => break stream,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "no virtual reader: {error}"),
            }
            thread::sleep(Duration::from_millis(50));
        };
        let mut line = stream.try_clone().expect("a second handle");
        let thread = thread::spawn(move || {
            let mut count = 0;
            // The reader closes its end when the service stops.
            while let Ok(message) = receive(&mut line) {
                let answer = match message.as_slice() {
                    [0..=2] => continue,
                    [4] => ATR.to_vec(),
                    command => {
                        count += 1;
                        match turn(count - 1, command) {
                            Turn::Answer(bytes) => bytes,
                            Turn::Leave => return drop(line.shutdown(Shutdown::Both)),
                            Turn::Mute => continue,
                        }
                    }
                };
                if send(&mut line, &answer).is_err() {
                    return;
                }
            }
        });
        Self { stream, thread: Some(thread) }
    }

    pub fn remove(self) {
        drop(self);
    }
}

impl Drop for VirtualCard {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn receive(line: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    // Not sticky: without it before every read, each message waits for a delayed acknowledgement.
    line.set_quickack(true)?;
    line.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    line.set_quickack(true)?;
    line.read_exact(&mut message)?;
    Ok(message)
}

fn send(line: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
    line.write_all(&[&length.to_be_bytes()[..], answer].concat())
}

/// User and system time of this process so far, in clock ticks (proc(5), /proc/self/stat, fields 14 and 15).
pub fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc/self/stat");
    let after_name = stat.rsplit_once(')').expect("a name in brackets").1;
    after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().expect("ticks")).sum()
}
