//! Virtual readers inside the process: the `Readers` port without PC/SC, with cards placed and lifted by command.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use kiosk::{CardConnection, ReaderEvent, ReaderInfo, ReaderKind, Readers, ReadersError, Watch};

use crate::{Profile, ProfileError, SimulatedCard};

type Watcher = Arc<Mutex<Box<dyn Fn(ReaderEvent) + Send>>>;

/// Readers of which every clone is the same set; implements the kiosk's port.
#[derive(Clone, Default)]
pub struct VirtualReaders {
    shared: Arc<Mutex<Shared>>,
}

/// One reader of a set, to place and lift cards.
#[derive(Clone)]
pub struct VirtualReader {
    readers: VirtualReaders,
    name: String,
}

#[derive(Default)]
struct Shared {
    readers: Vec<Slot>,
    watchers: Vec<(u64, Watcher)>,
    next_id: u64,
}

struct Slot {
    name: String,
    card: Option<Placed>,
    /// A card a fault lifted, to be placed again.
    lifted: Option<Arc<Mutex<Box<dyn SimulatedCard>>>>,
}

impl Slot {
    fn inserted(&self) -> Option<ReaderEvent> {
        let placed = self.card.as_ref()?;
        Some(ReaderEvent::CardInserted { reader: self.name.clone(), atr: placed.atr.clone() })
    }
}

#[derive(Clone)]
struct Placed {
    /// Differs for every placing, so that a connection knows its card.
    id: u64,
    atr: Vec<u8>,
    card: Arc<Mutex<Box<dyn SimulatedCard>>>,
}

impl VirtualReaders {
    /// Makes a set without readers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a set with one reader, and its handle.
    #[must_use]
    pub fn with_reader(name: &str) -> (Self, VirtualReader) {
        let readers = Self::new();
        let reader = readers.plug(name);
        (readers, reader)
    }

    /// Plugs in a reader; one that is there already is returned as it is.
    pub fn plug(&self, name: &str) -> VirtualReader {
        let mut shared = lock(&self.shared);
        let known = shared.readers.iter().any(|slot| slot.name == name);
        if !known {
            shared.readers.push(Slot { name: name.to_owned(), card: None, lifted: None });
        }
        drop(shared);
        if !known {
            self.tell(&ReaderEvent::ReaderAdded(name.to_owned()));
        }
        VirtualReader { readers: self.clone(), name: name.to_owned() }
    }

    /// Unplugs a reader with whatever card lies on it.
    pub fn unplug(&self, name: &str) {
        let mut shared = lock(&self.shared);
        let before = shared.readers.len();
        shared.readers.retain(|slot| slot.name != name);
        let removed = shared.readers.len() != before;
        drop(shared);
        if removed {
            self.tell(&ReaderEvent::ReaderRemoved(name.to_owned()));
        }
    }

    /// Pretends that the smart-card service went away or came back.
    pub fn tell_service(&self, present: bool) {
        self.tell(&if present { ReaderEvent::ServiceBack } else { ReaderEvent::ServiceLost });
    }

    /// Calls every watcher, outside the lock on the readers so that a watcher may ask them.
    fn tell(&self, event: &ReaderEvent) {
        let watchers: Vec<Watcher> =
            lock(&self.shared).watchers.iter().map(|(_, watcher)| Arc::clone(watcher)).collect();
        for watcher in watchers {
            (lock(&watcher))(event.clone());
        }
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        lock(&self.shared).readers.iter_mut().find(|slot| slot.name == name).map(change)
    }

    fn put(&self, name: &str, card: Arc<Mutex<Box<dyn SimulatedCard>>>) {
        let atr = {
            let mut card = lock(&card);
            card.place();
            card.atr().to_vec()
        };
        let mut shared = lock(&self.shared);
        shared.next_id += 1;
        let id = shared.next_id;
        let Some(slot) = shared.readers.iter_mut().find(|slot| slot.name == name) else {
            return;
        };
        let before = slot.card.replace(Placed { id, atr: atr.clone(), card });
        slot.lifted = None;
        drop(shared);
        if before.is_some() {
            self.tell(&ReaderEvent::CardRemoved { reader: name.to_owned() });
        }
        self.tell(&ReaderEvent::CardInserted { reader: name.to_owned(), atr });
    }

    fn take(&self, name: &str, id: Option<u64>, keep: bool) {
        let taken = self.change(name, |slot| {
            let fits = slot.card.as_ref().is_some_and(|placed| id.is_none_or(|id| placed.id == id));
            let placed = if fits { slot.card.take() } else { None };
            if let Some(placed) = &placed
                && keep
            {
                slot.lifted = Some(Arc::clone(&placed.card));
            }
            placed.is_some()
        });
        if taken == Some(true) {
            self.tell(&ReaderEvent::CardRemoved { reader: name.to_owned() });
        }
    }

    fn state_of(&self, name: &str, id: u64) -> Result<Arc<Mutex<Box<dyn SimulatedCard>>>, TransportError> {
        match self.change(name, |slot| slot.card.clone()) {
            None => Err(TransportError::ReaderLost),
            Some(None) => Err(TransportError::CardRemoved),
            Some(Some(placed)) if placed.id == id => Ok(placed.card),
            Some(Some(_)) => Err(TransportError::CardChanged),
        }
    }
}

impl VirtualReader {
    /// The reader's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Places the card of a profile, in exchange for one that lies there.
    ///
    /// # Errors
    /// A profile that cannot become a card.
    pub fn insert(&self, profile: &Profile) -> Result<(), ProfileError> {
        self.insert_card(crate::place(profile)?);
        Ok(())
    }

    /// Places any simulated card.
    pub fn insert_card(&self, card: Box<dyn SimulatedCard>) {
        self.readers.put(&self.name, Arc::new(Mutex::new(card)));
    }

    /// Lifts the card; it can be placed again.
    pub fn remove(&self) {
        self.readers.take(&self.name, None, true);
    }

    /// Places the card that was lifted last, by command or by fault. Answers whether there was one.
    pub fn place_again(&self) -> bool {
        match self.readers.change(&self.name, |slot| slot.lifted.take()).flatten() {
            Some(card) => {
                self.readers.put(&self.name, card);
                true
            }
            None => false,
        }
    }

    /// Exchanges the card for another without the reader seeing an empty field in between: a running connection hears of a
    /// changed card.
    ///
    /// # Errors
    /// A profile that cannot become a card.
    pub fn swap(&self, profile: &Profile) -> Result<(), ProfileError> {
        self.insert(profile)
    }

    /// Whether a card lies there.
    #[must_use]
    pub fn holds_card(&self) -> bool {
        self.readers.change(&self.name, |slot| slot.card.is_some()) == Some(true)
    }
}

impl Readers for VirtualReaders {
    fn list(&self) -> Result<Vec<ReaderInfo>, ReadersError> {
        let shared = lock(&self.shared);
        Ok(shared
            .readers
            .iter()
            .map(|slot| ReaderInfo {
                name: slot.name.clone(),
                kind: ReaderKind::Virtual,
                card_present: slot.card.is_some(),
                atr: slot.card.as_ref().map(|placed| placed.atr.clone()),
            })
            .collect())
    }

    fn watch(&self, on: Box<dyn Fn(ReaderEvent) + Send>) -> Watch {
        let watcher: Watcher = Arc::new(Mutex::new(on));
        // Held until the present cards are reported, so that no later event overtakes them.
        let reporting = lock(&watcher);
        let mut shared = lock(&self.shared);
        shared.next_id += 1;
        let id = shared.next_id;
        let present: Vec<ReaderEvent> = shared.readers.iter().filter_map(Slot::inserted).collect();
        shared.watchers.push((id, Arc::clone(&watcher)));
        drop(shared);
        for event in present {
            reporting(event);
        }
        drop(reporting);
        let readers = self.clone();
        Watch::new(move || lock(&readers.shared).watchers.retain(|(other, _)| *other != id))
    }

    fn connect(&self, reader: &str) -> Result<Box<dyn CardConnection>, ReadersError> {
        match self.change(reader, |slot| slot.card.clone()) {
            None => Err(ReadersError::ReaderUnknown),
            Some(None) => Err(ReadersError::NoCard),
            Some(Some(placed)) => Ok(Box::new(Connection {
                readers: self.clone(),
                reader: reader.to_owned(),
                id: placed.id,
                atr: placed.atr,
            })),
        }
    }
}

struct Connection {
    readers: VirtualReaders,
    reader: String,
    id: u64,
    atr: Vec<u8>,
}

impl Card for Connection {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let card = self.readers.state_of(&self.reader, self.id)?;
        let answer = lock(&card).transmit(command);
        if answer == Err(TransportError::CardRemoved) {
            self.readers.take(&self.reader, Some(self.id), true);
        }
        answer
    }
}

impl CardConnection for Connection {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// Nothing lies between: what ISO/IEC 7816-4, 5.2 allows.
    fn extended_length(&self) -> Option<u32> {
        Some(0x1_0000)
    }

    fn disconnect(self: Box<Self>, reset: bool) {
        if reset && let Ok(card) = self.readers.state_of(&self.reader, self.id) {
            lock(&card).reset();
        }
    }
}

/// A watcher or card that panicked leaves plain data behind, which stays usable.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
