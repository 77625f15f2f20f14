use std::collections::BTreeMap;

use chip_crypto::device_key::{DeviceKey, DevicePublicKey};
use chip_crypto::random::SecureRandom;
use jiff::{SignedDuration, Timestamp};
use kiosk::{DeliveryRow, DeliveryState, Outgoing, OutgoingBlob, ParkReason, SealedSession, SessionStore, StoreError};
use session::{Accepted, SessionId};
use wire::{ClockTrust, Receipt, ReceiptVerifyKey, SealKey, Secret};

use crate::assemble::{Place, Sealer};
use crate::error::Error;
use crate::retention::retention_ended;

/// The twin of [`crate::Store`] that forgets everything when dropped: the same sealing, no disk.
pub struct MemoryStore {
    sealer: Sealer,
    receipt_key: ReceiptVerifyKey,
    random: Box<dyn SecureRandom + Send>,
    sessions: BTreeMap<SessionId, Entry>,
    journal_seq: u64,
    last_bundle: Option<[u8; 32]>,
}

enum Entry {
    Draft(Secret<32>),
    Shredded,
    Sealed(Box<Sealed>),
    Confirmed { sealed: SealedSession, sealed_at: Timestamp },
    Purged,
}

struct Sealed {
    session: SealedSession,
    bundle: Vec<u8>,
    blobs: Vec<OutgoingBlob>,
    sealed_at: Timestamp,
    attempts: u32,
    next_at: Timestamp,
    lease: Option<Timestamp>,
    parked: Option<ParkReason>,
}

impl MemoryStore {
    /// Makes an empty store that signs with `device`.
    pub fn new(
        device: DeviceKey,
        seal_key: SealKey,
        receipt_key: ReceiptVerifyKey,
        random: Box<dyn SecureRandom + Send>,
    ) -> Self {
        Self {
            sealer: Sealer { device, seal_key, app_build: [0; 32], policy_version: 1 },
            receipt_key,
            random,
            sessions: BTreeMap::new(),
            journal_seq: 0,
            last_bundle: None,
        }
    }

    /// The key the bundles of this store verify with.
    pub fn device_public(&self) -> DevicePublicKey {
        self.sealer.device.public()
    }

    fn sealed(&mut self, id: SessionId) -> Result<&mut Sealed, StoreError> {
        match self.sessions.get_mut(&id) {
            Some(Entry::Sealed(sealed)) => Ok(sealed),
            Some(Entry::Draft(_) | Entry::Shredded | Entry::Confirmed { .. } | Entry::Purged) | None => {
                Err(StoreError::UnknownSession)
            }
        }
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} sessions)", self.sessions.len())
    }
}

impl SessionStore for MemoryStore {
    fn begin(&mut self, id: SessionId, _now: Timestamp) -> Result<(), StoreError> {
        let dek = Secret::make(&mut self.random).map_err(Error::from)?;
        self.sessions.entry(id).or_insert(Entry::Draft(dek));
        self.journal_seq += 1;
        Ok(())
    }

    fn accept(&mut self, accepted: &Accepted, now: Timestamp) -> Result<SealedSession, StoreError> {
        let dek = match self.sessions.get(&accepted.id) {
            Some(Entry::Draft(dek)) => dek,
            Some(Entry::Sealed(sealed)) => return Ok(sealed.session.clone()),
            Some(Entry::Confirmed { sealed, .. }) => return Ok(sealed.clone()),
            Some(Entry::Shredded | Entry::Purged) | None => return Err(StoreError::UnknownSession),
        };
        let place =
            Place { journal_seq: self.journal_seq + 1, previous_bundle: self.last_bundle, clock: ClockTrust::Trusted };
        let assembled = self.sealer.assemble(accepted, dek, &place, &mut self.random)?;
        let session = SealedSession { id: accepted.id, bundle_sha256: assembled.bundle.sha256(), size: assembled.size };
        self.journal_seq += 1;
        self.last_bundle = Some(session.bundle_sha256);
        let sealed = Sealed {
            session: session.clone(),
            bundle: assembled.bundle.to_bytes().to_vec(),
            blobs: assembled
                .blobs
                .iter()
                .map(|blob| OutgoingBlob { sha256: blob.sha256, bytes: blob.sealed.to_bytes() })
                .collect(),
            sealed_at: accepted.accepted_at,
            attempts: 0,
            next_at: now,
            lease: None,
            parked: None,
        };
        self.sessions.insert(accepted.id, Entry::Sealed(Box::new(sealed)));
        Ok(session)
    }

    fn abandon(&mut self, id: SessionId, _now: Timestamp) -> Result<(), StoreError> {
        if let Some(entry @ Entry::Draft(_)) = self.sessions.get_mut(&id) {
            *entry = Entry::Shredded;
            self.journal_seq += 1;
        }
        Ok(())
    }

    fn next_due(&mut self, now: Timestamp) -> Result<Option<Outgoing>, StoreError> {
        let due = self.sessions.iter_mut().filter_map(|(id, entry)| match entry {
            Entry::Sealed(sealed)
                if sealed.parked.is_none() && sealed.next_at <= now && sealed.lease.is_none_or(|end| end <= now) =>
            {
                Some((*id, sealed))
            }
            Entry::Sealed(_) | Entry::Draft(_) | Entry::Shredded | Entry::Confirmed { .. } | Entry::Purged => None,
        });
        let Some((id, sealed)) = due.min_by_key(|(_, sealed)| sealed.next_at) else { return Ok(None) };
        sealed.attempts = sealed.attempts.saturating_add(1);
        sealed.lease = Some(now.saturating_add(SignedDuration::from_secs(120)).unwrap_or(Timestamp::MAX));
        Ok(Some(Outgoing {
            id,
            bundle: sealed.bundle.clone(),
            blobs: sealed.blobs.clone(),
            bundle_sha256: sealed.session.bundle_sha256,
            attempt: sealed.attempts,
        }))
    }

    fn confirmed(&mut self, id: SessionId, receipt: &[u8], _now: Timestamp) -> Result<(), StoreError> {
        let receipt_key = self.receipt_key;
        let (session, sealed_at) = match self.sessions.get(&id) {
            Some(Entry::Sealed(sealed)) => (sealed.session.clone(), sealed.sealed_at),
            Some(Entry::Confirmed { sealed, sealed_at }) => (sealed.clone(), *sealed_at),
            Some(Entry::Draft(_) | Entry::Shredded | Entry::Purged) | None => return Err(StoreError::UnknownSession),
        };
        Receipt::verify(receipt, &receipt_key, id.as_bytes(), &session.bundle_sha256).map_err(Error::from)?;
        self.sessions.insert(id, Entry::Confirmed { sealed: session, sealed_at });
        Ok(())
    }

    fn retry(&mut self, id: SessionId, next_at: Timestamp, _now: Timestamp) -> Result<(), StoreError> {
        let sealed = self.sealed(id)?;
        (sealed.next_at, sealed.lease) = (next_at, None);
        Ok(())
    }

    fn park(&mut self, id: SessionId, reason: ParkReason, _now: Timestamp) -> Result<(), StoreError> {
        let sealed = self.sealed(id)?;
        if sealed.parked.is_some() {
            return Err(StoreError::UnknownSession);
        }
        (sealed.parked, sealed.lease) = (Some(reason), None);
        self.journal_seq += 1;
        Ok(())
    }

    fn purge(&mut self, now: Timestamp) -> Result<u32, StoreError> {
        let mut purged = 0;
        for (id, entry) in &mut self.sessions {
            if matches!(entry, Entry::Confirmed { .. } | Entry::Shredded) && retention_ended(*id, now) {
                *entry = Entry::Purged;
                purged += 1;
            }
        }
        Ok(purged)
    }

    fn deliveries(&self) -> Result<Vec<DeliveryRow>, StoreError> {
        Ok(self
            .sessions
            .iter()
            .filter_map(|(id, entry)| match entry {
                Entry::Sealed(sealed) => {
                    let state = match (sealed.parked, sealed.lease, sealed.attempts) {
                        (Some(reason), _, _) => DeliveryState::Parked(reason),
                        (None, Some(_), _) => DeliveryState::Uploading,
                        (None, None, 0) => DeliveryState::Queued,
                        (None, None, _) => DeliveryState::RetryWait { next_at: sealed.next_at },
                    };
                    let (size, attempts) = (sealed.session.size, sealed.attempts);
                    Some(DeliveryRow { id: *id, state, sealed_at: sealed.sealed_at, size, attempts })
                }
                Entry::Confirmed { sealed, sealed_at } => {
                    let state = DeliveryState::Receipted;
                    Some(DeliveryRow { id: *id, state, sealed_at: *sealed_at, size: sealed.size, attempts: 0 })
                }
                Entry::Draft(_) | Entry::Shredded | Entry::Purged => None,
            })
            .collect())
    }
}
