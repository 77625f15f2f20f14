//! The other side of the counter in one process: virtual reader with test cards, drawn camera, test issuer, embedded backend.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kiosk::Readers;
use simulator::issuer::{PkiPlan, TestPki};
use simulator::{BUILT_IN, Profile, ProfileError, VirtualReader, VirtualReaders};

use crate::counter::VirtualCards;
use crate::view::RefusedView;

/// The reader of this process and the cards for it.
pub struct VirtualDesk {
    reader: VirtualReader,
    profiles: BTreeMap<String, Profile>,
}

impl VirtualDesk {
    /// Plugs in a reader and loads the built-in cards and those of `paths`.
    ///
    /// # Errors
    /// A profile that is no card.
    pub fn open(paths: &[std::path::PathBuf]) -> Result<(Arc<dyn Readers>, Self), ProfileError> {
        let (readers, reader) = VirtualReaders::with_reader("Madoguchi virtual reader");
        let mut profiles = BTreeMap::new();
        for name in BUILT_IN {
            profiles.insert(name.to_owned(), Profile::built_in(name)?);
        }
        for path in paths {
            let profile = load(path)?;
            profiles.insert(profile.name.clone(), profile);
        }
        Ok((Arc::new(readers), Self { reader, profiles }))
    }
}

fn load(path: &Path) -> Result<Profile, ProfileError> {
    if path.is_dir() { Profile::from_directory(path) } else { Profile::load(path) }
}

impl VirtualCards for VirtualDesk {
    fn profiles(&self) -> Vec<String> {
        self.profiles.keys().cloned().collect()
    }

    fn insert(&self, profile: &str) -> Result<(), RefusedView> {
        let profile = self.profiles.get(profile).ok_or(RefusedView::NoVirtualCard)?;
        self.reader.insert(profile).map_err(|error| {
            tracing::warn!(%error, "this card cannot be placed");
            RefusedView::NoVirtualCard
        })
    }

    fn remove(&self) -> Result<(), RefusedView> {
        self.reader.remove();
        Ok(())
    }
}

/// The certificate of the issuer of the built-in cards.
///
/// # Errors
/// A key that cannot be made.
pub fn test_issuer() -> Result<Vec<u8>, simulator::issuer::IssuerError> {
    TestPki::generate(&PkiPlan::default()).map(|pki| pki.csca_certificate().to_vec())
}
