//! The other side of the counter in one process: virtual reader with test cards, drawn camera, test issuers, embedded backend.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kiosk::Readers;
use simulator::{ProfileError, TestCard, VirtualReader, VirtualReaders};
use trust::my_number::MyNumberTrust;
use trust::{IssuerError, IssuerKind, Issuers};

use crate::counter::VirtualCards;
use crate::view::RefusedView;

/// The reader of this process and the cards for it.
pub struct VirtualDesk {
    reader: VirtualReader,
    /// Cards of files and folders. Built-in ones are made when they are placed: a kiosk starts without waiting for them.
    profiles: BTreeMap<String, TestCard>,
    /// The card placed last: put back, it is the same one, with the tries it has left.
    last: Mutex<Option<String>>,
}

impl VirtualDesk {
    /// Plugs in a reader and loads the cards of `paths`.
    ///
    /// # Errors
    /// A profile that is no card.
    pub fn open(paths: &[std::path::PathBuf]) -> Result<(Arc<dyn Readers>, Self), ProfileError> {
        let (readers, reader) = VirtualReaders::with_reader("Madoguchi virtual reader");
        let mut profiles = BTreeMap::new();
        for path in paths {
            let card = TestCard::find(&path.display().to_string())?;
            profiles.insert(card.name().to_owned(), card);
        }
        Ok((Arc::new(readers), Self { reader, profiles, last: Mutex::new(None) }))
    }

    fn place(&self, name: &str) -> Result<(), ProfileError> {
        let card = match self.profiles.get(name) {
            Some(card) => card.place()?,
            None => TestCard::built_in()
                .find(|known| *known == name)
                .map(TestCard::find)
                .map_or_else(|| Err(ProfileError::UnknownProfile), |card| card?.place())?,
        };
        self.reader.insert_card(card);
        Ok(())
    }
}

impl VirtualCards for VirtualDesk {
    fn profiles(&self) -> Vec<String> {
        let mut names: Vec<String> = TestCard::built_in().map(str::to_owned).collect();
        names.extend(self.profiles.keys().cloned());
        names
    }

    fn insert(&self, profile: &str) -> Result<(), RefusedView> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_deref() == Some(profile) && self.reader.place_again() {
            return Ok(());
        }
        self.place(profile).map_err(|error| {
            tracing::warn!(%error, "this card cannot be placed");
            RefusedView::NoVirtualCard
        })?;
        *last = Some(profile.to_owned());
        Ok(())
    }

    fn remove(&self) -> Result<(), RefusedView> {
        self.reader.remove();
        Ok(())
    }
}

/// Why the test issuers are not believed.
#[derive(Debug, thiserror::Error)]
pub enum TestIssuerError {
    #[error("a test issuer cannot be made")]
    Made(#[from] ProfileError),
    #[error("a test issuer is refused")]
    Refused(#[from] IssuerError),
}

/// The issuers of the built-in cards.
///
/// # Errors
/// A key that cannot be made.
pub fn test_issuers() -> Result<Issuers, TestIssuerError> {
    let mut issuers = Issuers::nobody_but_tests();
    for (kind, file) in simulator::test_issuers()? {
        if let Some(kind) = IssuerKind::from_name(kind) {
            issuers.add_pinned(kind, &file, &MyNumberTrust::fingerprint(&file))?;
        }
    }
    Ok(issuers)
}
