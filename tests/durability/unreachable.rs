//! A backend that refuses, hangs, or breaks off: the session stays, the teller sees it wait, and it arrives once.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, Enrolment};
use jiff::Timestamp;
use session::Role;
use session::view::{DeliveryStep, DeviceState, Screen};
use trust::TrustStore;

use crate::counter::{Counter, Destination, NoWindow, SOON};

/// What the line to the backend does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Line {
    /// Takes the call and says nothing.
    Hangs,
    /// Breaks off in the middle of the request.
    CutsRequest,
    /// Brings the request over and breaks off before the reply.
    CutsReply,
    Works,
}

impl Line {
    const ALL: [Self; 4] = [Self::Hangs, Self::CutsRequest, Self::CutsReply, Self::Works];
}

/// A line between kiosk and backend whose state changes.
struct Proxy {
    line: Arc<AtomicU8>,
    calls: Arc<AtomicU32>,
    end: Arc<AtomicBool>,
}

impl Proxy {
    fn listen(at: SocketAddr, backend: SocketAddr) -> Self {
        let listener = TcpListener::bind(at).unwrap();
        let proxy = Self {
            line: Arc::new(AtomicU8::new(Line::Hangs as u8)),
            calls: Arc::new(AtomicU32::new(0)),
            end: Arc::new(AtomicBool::new(false)),
        };
        let (line, calls, end) = (Arc::clone(&proxy.line), Arc::clone(&proxy.calls), Arc::clone(&proxy.end));
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                let Ok((stream, _)) = listener.accept() else {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                };
                stream.set_nonblocking(false).unwrap();
                let now = Line::ALL[usize::from(line.load(Ordering::Relaxed))];
                let (end, calls) = (Arc::clone(&end), Arc::clone(&calls));
                thread::spawn(move || {
                    calls.fetch_add(1, Ordering::Relaxed);
                    carry(stream, backend, now, &end);
                });
            }
        });
        proxy
    }

    fn set(&self, line: Line) {
        self.calls.store(0, Ordering::Relaxed);
        self.line.store(line as u8, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
    }
}

fn carry(mut kiosk: TcpStream, backend: SocketAddr, line: Line, end: &AtomicBool) {
    match line {
        Line::Hangs => {
            while !end.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
        }
        Line::CutsRequest => {
            let mut some = [0; 4096];
            let _ = kiosk.read(&mut some);
        }
        Line::CutsReply | Line::Works => {
            let mut there = TcpStream::connect(backend).unwrap();
            let (mut from_kiosk, mut to_backend) = (kiosk.try_clone().unwrap(), there.try_clone().unwrap());
            let request = thread::spawn(move || {
                let _ = std::io::copy(&mut from_kiosk, &mut to_backend);
                let _ = to_backend.shutdown(Shutdown::Write);
            });
            if line == Line::Works {
                let _ = std::io::copy(&mut there, &mut kiosk);
            } else {
                // The backend has committed when its reply begins.
                let mut first = [0; 1];
                let _ = there.read(&mut first);
            }
            let _ = kiosk.flush();
            let _ = kiosk.shutdown(Shutdown::Both);
            let _ = there.shutdown(Shutdown::Both);
            let _ = request.join();
        }
    }
}

#[test]
fn a_session_waits_through_every_kind_of_outage_and_arrives_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = BackendConfig::loopback(dir.path().join("backend"), TrustStore::empty());
    config.enrolment = Enrolment::FirstUse;
    let backend = Backend::spawn_embedded(config).unwrap();
    // An address that refuses until somebody listens there.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let to = Destination { url: format!("http://{address}"), ..Destination::of(&backend) };
    let counter = Counter::open(dir.path(), &to, Timestamp::now(), Arc::new(NoWindow));
    counter.to_decision();
    counter.accept();
    // Acceptance does not wait for the network.
    counter.until("receipt", |screen| matches!(screen, Screen::Receipt(_)));
    counter.until("pending", |screen| matches!(screen, Screen::Receipt(r) if r.delivery == DeliveryStep::RetryWait));
    counter.leave();
    waits(&counter);

    let proxy = Proxy::listen(address, backend.addr);
    for line in [Line::Hangs, Line::CutsRequest] {
        proxy.set(line);
        passing_time_until(&counter, || proxy.calls.load(Ordering::Relaxed) > 0);
        waits(&counter);
        assert_eq!(backend.committed().unwrap(), 0);
    }
    proxy.set(Line::CutsReply);
    passing_time_until(&counter, || backend.committed().unwrap() == 1);
    waits(&counter);
    proxy.set(Line::Works);
    let started = Instant::now();
    loop {
        counter.clock.advance(600);
        let done = |screen: &Screen| match screen {
            Screen::Idle { deliveries, devices, .. } => {
                deliveries.iter().all(|line| line.step == DeliveryStep::Receipted)
                    && devices.backend == DeviceState::Ready
            }
            _ => false,
        };
        if counter.handle.wait_for(Role::Teller, Duration::from_millis(100), |view| done(&view.screen)).is_some() {
            break;
        }
        assert!(started.elapsed() < SOON, "not delivered");
    }
    assert_eq!(backend.committed().unwrap(), 1);
}

fn passing_time_until(counter: &Counter, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        counter.clock.advance(600);
        thread::sleep(Duration::from_millis(50));
        assert!(started.elapsed() < SOON, "nothing happened");
    }
}

/// The teller sees one session wait, and why.
#[track_caller]
fn waits(counter: &Counter) {
    counter.until("waiting session", |screen| match screen {
        Screen::Idle { deliveries, devices, .. } => {
            deliveries.len() == 1
                && deliveries.iter().all(|line| line.step == DeliveryStep::RetryWait)
                && devices.failures.iter().any(|code| code.name == "BACKEND_UNREACHABLE")
        }
        _ => false,
    });
}
