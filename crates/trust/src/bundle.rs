//! The trust bundle: everything a device judges by, in one signed, dated file whose version only rises.
//!
//! ```text
//! "EKT1" ‖ version u64 ‖ built_at i64 (s) ‖ SHA-256(items) ‖ items ‖ signature r‖s over "ekt1.sig" ‖ all before
//! items = count u16 ‖ (arrived_at i64 ‖ length u32 ‖ the file as it was imported)*        all integers big-endian
//! ```
//!
//! The files go in as they came, so that a state's own signature over its list can be verified again by whoever reads the bundle.

use chip_crypto::device_key::{DeviceKey, DeviceKeyError, DevicePublicKey, SIGNATURE_LEN};
use chip_crypto::hash::{self, HashAlgorithm};
use jiff::Timestamp;

use crate::import::{ImportError, TrustImport, import_with};
use crate::master_list::{ListAnchor, ListSignature};
use crate::store::{RevocationRule, TrustPolicy, TrustStore, days_between};

const MAGIC: &[u8; 4] = b"EKT1";
const SIGNED: &[u8] = b"ekt1.sig";
const HEAD: usize = 4 + 8 + 8 + 32;
/// The largest bundle read: a hundred of today's largest lists would not fit, ten do.
pub const MAX_BUNDLE: usize = 16 * 1024 * 1024;
/// How many files one bundle may hold.
const MAX_ITEMS: usize = 1024;

/// Why a bundle was not taken. The one in force stays in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    #[error("the file has {0} bytes")]
    TooLarge(usize),
    #[error("the file is no trust bundle, or cut off")]
    Malformed,
    #[error("the digest of the contents is not the stated one")]
    Digest,
    #[error("the signature is not that of the bundle's key")]
    Signature,
    #[error("version {offered} is older than {known}")]
    Rollback { offered: u64, known: u64 },
    /// A file inside, counted from 0.
    #[error("file {index}: {source}")]
    Item { index: usize, source: ImportError },
    #[error("the bundle would hold no certificate")]
    Empty,
    #[error("the bundle would hold too many files")]
    TooManyItems,
}

impl BundleError {
    /// Gives the code name of the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rollback { .. } => "TRUST_LIST_ROLLBACK",
            Self::TooLarge(_) | Self::TooManyItems => "FILE_LIMIT",
            Self::Item { source, .. } => source.code(),
            Self::Malformed | Self::Digest | Self::Signature | Self::Empty => "TRUST_LIST_INVALID",
        }
    }
}

/// One imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    arrived_at: Timestamp,
    bytes: Vec<u8>,
}

/// The files a device judges by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustBundle {
    version: u64,
    built_at: Timestamp,
    items: Vec<Item>,
}

impl TrustBundle {
    /// Makes the next bundle out of the one in force and new files: all of them, or nothing.
    ///
    /// A list replaces the older list of the same signing country, a revocation list the older one of its authority; an older
    /// one than that in force is refused. A file that is already there is dated anew.
    ///
    /// # Errors
    /// The first file that is refused; or that there would be nothing to judge by.
    pub fn next(current: Option<&Self>, files: &[Vec<u8>], now: Timestamp) -> Result<Self, BundleError> {
        let now = whole_second(now);
        let mut known = TrustStore::empty();
        let mut held: Vec<(Item, TrustImport)> = Vec::new();
        for (index, item) in current.into_iter().flat_map(|current| &current.items).enumerate() {
            let import = import_with(&item.bytes, &known).map_err(|source| BundleError::Item { index, source })?;
            known.add(import.clone());
            held.push((item.clone(), import));
        }
        for (index, bytes) in files.iter().enumerate() {
            let refused = |source| BundleError::Item { index, source };
            let offered = import_with(bytes, &known).map_err(refused)?;
            // The first list of a state is as good as who brought it; from then on its authority must be one that was known before.
            let follows = |list: &ListSignature| held.iter().any(|(_, import)| signs_for(import, list));
            if offered.lists.iter().any(|list| follows(list) && !matches!(list.anchor, ListAnchor::Known(_))) {
                return Err(refused(ImportError::ListSignerUnknown));
            }
            let mut kept = Vec::with_capacity(held.len() + 1);
            for (item, import) in held {
                match compare(&import, &offered) {
                    Standing::Newer => return Err(refused(ImportError::Rollback)),
                    Standing::Replaced => {}
                    Standing::Apart if item.bytes == *bytes => {}
                    Standing::Apart => kept.push((item, import)),
                }
            }
            known.add(offered.clone());
            kept.push((Item { arrived_at: now, bytes: bytes.clone() }, offered));
            held = kept;
        }
        if held.len() > MAX_ITEMS {
            return Err(BundleError::TooManyItems);
        }
        let version = current.map_or(0, |current| current.version).saturating_add(1);
        let next = Self { version, built_at: now, items: held.into_iter().map(|(item, _)| item).collect() };
        if next.store()?.is_empty() {
            return Err(BundleError::Empty);
        }
        Ok(next)
    }

    /// Writes and signs the bundle.
    ///
    /// # Errors
    /// The key could not sign.
    pub fn sign(&self, key: &DeviceKey) -> Result<Vec<u8>, DeviceKeyError> {
        let mut items = u16::try_from(self.items.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        for item in &self.items {
            items.extend(item.arrived_at.as_second().to_be_bytes());
            items.extend(u32::try_from(item.bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            items.extend(&item.bytes);
        }
        let mut bundle = MAGIC.to_vec();
        bundle.extend(self.version.to_be_bytes());
        bundle.extend(self.built_at.as_second().to_be_bytes());
        bundle.extend(hash::digest(HashAlgorithm::Sha256, &[&items]));
        bundle.extend(items);
        let signature = key.sign(&[SIGNED, &bundle].concat())?;
        bundle.extend(signature);
        Ok(bundle)
    }

    /// Opens a bundle of `key` that is not older than `floor`, the highest version this device has seen.
    ///
    /// # Errors
    /// Why it is not taken. Nothing of it is used then.
    pub fn open(bytes: &[u8], key: &DevicePublicKey, floor: u64) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE {
            return Err(BundleError::TooLarge(bytes.len()));
        }
        let end = bytes.len().checked_sub(SIGNATURE_LEN).ok_or(BundleError::Malformed)?;
        let (content, signature) = bytes.split_at_checked(end).ok_or(BundleError::Malformed)?;
        let (head, items) = content.split_at_checked(HEAD).ok_or(BundleError::Malformed)?;
        let mut head = Parts(head);
        if head.take(4)? != MAGIC {
            return Err(BundleError::Malformed);
        }
        key.verify(&[SIGNED, content].concat(), signature).map_err(|_| BundleError::Signature)?;
        let version = head.u64()?;
        let built_at = head.time()?;
        if hash::digest(HashAlgorithm::Sha256, &[items]) != head.take(32)? {
            return Err(BundleError::Digest);
        }
        if version < floor {
            return Err(BundleError::Rollback { offered: version, known: floor });
        }
        let mut items = Parts(items);
        let count = u16::from_be_bytes(items.array()?);
        let items = (0..count)
            .map(|_| items.item())
            .collect::<Result<Vec<_>, _>>()
            .and_then(|read| if items.0.is_empty() { Ok(read) } else { Err(BundleError::Malformed) })?;
        Ok(Self { version, built_at, items })
    }

    /// Tells a bundle from other trust data by its first bytes.
    #[must_use]
    pub fn is_bundle(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    #[must_use]
    pub fn built_at(&self) -> Timestamp {
        self.built_at
    }

    /// Makes the store a device judges by: revocation of every signer must be known, and data that were too old already when
    /// the bundle was built keep their own date.
    ///
    /// # Errors
    /// A file inside that is no trust data.
    pub fn store(&self) -> Result<TrustStore, BundleError> {
        let policy = TrustPolicy { revocation: RevocationRule::Always, ..TrustPolicy::default() };
        let mut store = TrustStore::empty().with_policy(policy).of_bundle(self.version);
        for (index, item) in self.items.iter().enumerate() {
            let import = import_with(&item.bytes, &store).map_err(|source| BundleError::Item { index, source })?;
            let dated = import.dated().unwrap_or(item.arrived_at);
            let in_age = days_between(dated, self.built_at) <= policy.list_max_age_days;
            store.add_dated(import, Some(if in_age { self.built_at } else { dated }));
        }
        Ok(store)
    }
}

/// How a file in force stands to an offered one.
enum Standing {
    /// The one in force is newer.
    Newer,
    /// The offered one takes its place.
    Replaced,
    /// They are about different things.
    Apart,
}

fn compare(held: &TrustImport, offered: &TrustImport) -> Standing {
    let is_older = |list: &ListSignature| {
        held.lists.iter().any(|known| known.country == list.country && known.signing_time > list.signing_time)
    };
    if offered.lists.iter().any(is_older) {
        return Standing::Newer;
    }
    let mut replaced = !held.lists.is_empty() && held.lists.iter().all(|known| signs_for(offered, known));
    for list in &offered.revocation_lists {
        for known in held.revocation_lists.iter().filter(|known| known.issuer().matches(list.issuer())) {
            if known.this_update() > list.this_update() {
                return Standing::Newer;
            }
            // Only a file that holds nothing else goes.
            replaced |= held.revocation_lists.len() == 1 && held.certificates.is_empty();
        }
    }
    if replaced { Standing::Replaced } else { Standing::Apart }
}

/// Whether an import holds a list signed for the same country.
fn signs_for(import: &TrustImport, list: &ListSignature) -> bool {
    import.lists.iter().any(|own| own.country == list.country)
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// What is left to read.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], BundleError> {
        let (part, rest) = self.0.split_at_checked(length).ok_or(BundleError::Malformed)?;
        self.0 = rest;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        self.take(N)?.try_into().map_err(|_| BundleError::Malformed)
    }

    fn u64(&mut self) -> Result<u64, BundleError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    fn time(&mut self) -> Result<Timestamp, BundleError> {
        Timestamp::from_second(i64::from_be_bytes(self.array()?)).map_err(|_| BundleError::Malformed)
    }

    fn item(&mut self) -> Result<Item, BundleError> {
        let arrived_at = self.time()?;
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| BundleError::Malformed)?;
        Ok(Item { arrived_at, bytes: self.take(length)?.to_vec() })
    }
}
