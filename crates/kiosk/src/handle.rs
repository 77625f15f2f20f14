//! Starting a kiosk and talking to it.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use session::{NoticeError, NoticeSet, Role, SessionView, UserIntent};
use trust::Issuers;

use crate::actor::{Actor, Input, sha256};
use crate::camera::look_for_camera;
use crate::config::{KioskConfig, Ports};
use crate::devices::DeviceTable;
use crate::outbox::{Outbox, Pace};
use crate::ports::{Frame, Watch};
use crate::preview::PreviewSlot;
use crate::random::SharedEntropy;

/// The headless app.
pub struct Kiosk;

/// Why a kiosk did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    #[error("the notice texts are incomplete")]
    Notice(#[from] NoticeError),
}

impl Kiosk {
    /// Starts the actor and the outbox. Devices are looked for in the background: the first view is there at once.
    ///
    /// # Errors
    /// The notice texts cannot be completed with the configured parameters.
    pub fn start(ports: Ports, config: KioskConfig) -> Result<KioskHandle, StartError> {
        let Ports { readers, cameras, store, backend, ui, clock, entropy } = ports;
        let notices = Arc::new(NoticeSet::new(config.notice_params.clone(), sha256)?);
        let (own, inbox) = channel();
        let (outbox_calls, calls) = channel();
        let (shared, slot) = (Arc::new(Shared::default()), Arc::new(PreviewSlot::default()));
        let (store, random) = (Arc::new(Mutex::new(store)), SharedEntropy::new(entropy));
        let outbox = Outbox {
            store: Arc::clone(&store),
            backend,
            clock: Arc::clone(&clock),
            random: random.clone(),
            poll: config.outbox_poll,
            spread: config.first_attempt_spread,
            calls,
            inbox: own.clone(),
            pace: Pace::default(),
        };
        let watch = {
            let own = own.clone();
            readers.watch(Box::new(move |event| {
                let _ = own.send(Input::Reader(event));
            }))
        };
        look_for_devices(&readers, &cameras, config.camera.clone(), &own);
        let actor = Actor {
            config,
            readers,
            cameras,
            store,
            ui,
            clock,
            random,
            notices,
            inbox,
            ahead: None,
            shown: std::time::Instant::now(),
            own: own.clone(),
            outbox: outbox_calls,
            shared: Arc::clone(&shared),
            slot: Arc::clone(&slot),
            devices: DeviceTable::new(),
            reading: None,
            kept: None,
            verified: Default::default(),
            learned: Default::default(),
            camera: None,
        };
        let threads = vec![thread::spawn(move || actor.run()), thread::spawn(move || outbox.run())];
        let running = Mutex::new(Some(Running { threads, watch }));
        Ok(KioskHandle { inbox: own, shared, slot, running: Arc::new(running) })
    }
}

fn look_for_devices(
    readers: &Arc<dyn crate::Readers>,
    cameras: &Arc<dyn crate::Cameras>,
    wanted: Option<String>,
    inbox: &Sender<Input>,
) {
    let (readers, own) = (Arc::clone(readers), inbox.clone());
    thread::spawn(move || own.send(Input::ReadersListed(readers.list())));
    let (cameras, own) = (Arc::clone(cameras), inbox.clone());
    thread::spawn(move || own.send(Input::Camera(look_for_camera(cameras.as_ref(), wanted.as_deref()))));
}

struct Running {
    threads: Vec<JoinHandle<()>>,
    watch: Watch,
}

/// Talks to a running kiosk. Clones talk to the same one.
#[derive(Clone)]
pub struct KioskHandle {
    inbox: Sender<Input>,
    shared: Arc<Shared>,
    slot: Arc<PreviewSlot>,
    running: Arc<Mutex<Option<Running>>>,
}

impl KioskHandle {
    /// Hands over what a person did. It returns at once; the answer is a view.
    pub fn send(&self, intent: UserIntent) {
        let _ = self.inbox.send(Input::User(intent));
    }

    /// What a role sees.
    #[must_use]
    pub fn view(&self, role: Role) -> Option<Arc<SessionView>> {
        self.shared.lock().get(&role).cloned()
    }

    /// Waits until what a role sees is as wanted; `None` when it was not in time.
    #[must_use]
    pub fn wait_for(
        &self,
        role: Role,
        timeout: Duration,
        mut wanted: impl FnMut(&SessionView) -> bool,
    ) -> Option<Arc<SessionView>> {
        let deadline = Instant::now() + timeout;
        let mut views = self.shared.lock();
        loop {
            if let Some(view) = views.get(&role).filter(|view| wanted(view)) {
                return Some(Arc::clone(view));
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            views = self.shared.changed.wait_timeout(views, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for a camera picture newer than `seen` (its sequence number).
    #[must_use]
    pub fn wait_newer(&self, seen: u64, timeout: Duration) -> Option<Arc<Frame>> {
        self.slot.wait_newer(seen, timeout)
    }

    /// The slot behind [`Self::wait_newer`].
    #[must_use]
    pub fn preview(&self) -> Arc<PreviewSlot> {
        Arc::clone(&self.slot)
    }

    /// Replaces the issuer certificates; a verdict under way keeps the old ones.
    pub fn set_trust(&self, trust: Arc<Issuers>) {
        let _ = self.inbox.send(Input::Trust(trust));
    }

    /// Lets the session look at the clock, after a clock was moved by hand.
    pub fn tick(&self) {
        let _ = self.inbox.send(Input::Tick);
    }

    /// Wipes what is open and waits until everything has ended.
    pub fn shutdown(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { threads, watch }) = running else { return };
        drop(watch);
        let _ = self.inbox.send(Input::End);
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// The newest view of every role.
#[derive(Default)]
pub(crate) struct Shared {
    views: Mutex<BTreeMap<Role, Arc<SessionView>>>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Role, Arc<SessionView>>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a view; gives it back when it is a new one.
    pub(crate) fn put(&self, role: Role, view: SessionView) -> Option<Arc<SessionView>> {
        let mut views = self.lock();
        if views.get(&role).is_some_and(|before| **before == view) {
            return None;
        }
        let view = Arc::new(view);
        views.insert(role, Arc::clone(&view));
        self.changed.notify_all();
        Some(view)
    }
}
