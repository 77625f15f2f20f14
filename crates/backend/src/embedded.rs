use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use trust::Issuers;
use wire::api::SessionResult;
use wire::{DevicePublicKey, OpenKey, ReceiptVerifyKey, SealKey};

use crate::config::BackendConfig;
use crate::ingest::{Shared, Wake};
use crate::ledger::{Alarm, BackendError, Ledger};
use crate::{keys, routes, verify};

/// Starts backends.
#[derive(Clone, Copy, Debug)]
pub struct Backend;

impl Backend {
    /// Starts a backend on its own threads: one for HTTP, one for verification. It serves before this returns.
    pub fn spawn_embedded(config: BackendConfig) -> Result<EmbeddedBackend, BackendError> {
        std::fs::create_dir_all(&config.dir)?;
        let open_key = keys::open_key(&config.dir)?;
        let seal_key = open_key.seal_key();
        let ledger = Ledger::open(&config.dir, keys::receipt_key(&config.dir)?)?;
        let receipt_key = ledger.receipt_verify_key();
        let listener = std::net::TcpListener::bind(config.listen)?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let (wake, work) = channel();
        let shared = Arc::new(Shared {
            ledger: Mutex::new(ledger),
            seal_key_id: seal_key.id(),
            enrolment: config.enrolment,
            clock: config.clock,
            wake: Mutex::new(wake),
        });
        let (stop, stopped) = oneshot::channel();
        let http = {
            let shared = Arc::clone(&shared);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
            std::thread::Builder::new()
                .name("backend-http".to_owned())
                .spawn(move || serve(&runtime, listener, shared, stopped))?
        };
        let worker = {
            let shared = Arc::clone(&shared);
            let trust = config.trust;
            std::thread::Builder::new()
                .name("backend-verify".to_owned())
                .spawn(move || verify_all(&shared, &open_key, &trust, &work))?
        };
        Ok(EmbeddedBackend { addr, seal_key, receipt_key, shared, stop: Some(stop), threads: vec![http, worker] })
    }
}

/// A running backend; dropping it stops it.
pub struct EmbeddedBackend {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What kiosks seal to.
    pub seal_key: SealKey,
    /// What its receipts verify with.
    pub receipt_key: ReceiptVerifyKey,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for EmbeddedBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EmbeddedBackend({})", self.addr)
    }
}

impl EmbeddedBackend {
    /// The address clients call.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Lets a device deliver.
    pub fn enrol(&self, device: &DevicePublicKey) -> Result<(), BackendError> {
        self.shared.ledger().enrol(device)
    }

    /// Number of committed sessions.
    pub fn committed(&self) -> Result<u64, BackendError> {
        self.shared.ledger().count()
    }

    /// Number of committed sessions the verify worker has not judged yet: until it is zero, no alarm means nothing.
    pub fn unjudged(&self) -> Result<u64, BackendError> {
        self.shared.ledger().unjudged()
    }

    /// How a session was judged; `None` when it is not committed.
    pub fn result(&self, session_id: &[u8; 16]) -> Result<Option<SessionResult>, BackendError> {
        self.shared.ledger().result(session_id)
    }

    /// Sessions whose verdict the backend does not share.
    pub fn alarms(&self) -> Result<Vec<Alarm>, BackendError> {
        self.shared.ledger().alarms()
    }

    /// Stops serving and waits for both threads.
    pub fn shutdown(mut self) {
        self.stop_threads();
    }

    fn stop_threads(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only when the service is gone already.
            let _ = stop.send(());
        }
        self.shared.wake(Wake::Stop);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the backend panicked");
            }
        }
    }
}

impl Drop for EmbeddedBackend {
    fn drop(&mut self) {
        self.stop_threads();
    }
}

fn serve(
    runtime: &tokio::runtime::Runtime,
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    let served = runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let server = axum::serve(listener, routes::router(shared));
        // Open keep-alive connections must not hold up the end, so this is no graceful shutdown: what is committed is committed.
        tokio::select! {
            result = server => result,
            _ = stopped => Ok(()),
        }
    });
    if let Err(error) = served {
        tracing::error!(%error, "the backend stopped serving");
    }
}

/// Verifies whatever is not verified yet, then waits to be woken.
fn verify_all(shared: &Shared, key: &OpenKey, trust: &Issuers, work: &Receiver<Wake>) {
    loop {
        let next = shared.ledger().next_to_verify();
        match next {
            Ok(Some((session_id, upload))) => {
                // The lock is free while this runs.
                let verification = verify::verify_upload(&upload, key, trust);
                if let Err(error) = shared.ledger().verified(&session_id, &verification) {
                    tracing::error!(%error, "result of a verification not stored");
                } else {
                    continue;
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "no session to verify could be read"),
        }
        match work.recv() {
            Ok(Wake::Work) => {}
            Ok(Wake::Stop) | Err(_) => return,
        }
        if matches!(work.try_recv(), Ok(Wake::Stop)) {
            return;
        }
    }
}
