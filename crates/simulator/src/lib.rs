//! The other side: issuers, cards, readers and faults for QA.
//!
//! What it is: a test issuer with its own country signer, an e-passport chip that answers APDUs as Doc 9303 says (BAC, every PACE,
//! secure messaging, Active and Chip Authentication), scripted faults around it, and two ways to place it on a reader: in
//! process and through `vpcd`. What it is not: part of any production build, or a user of the reader's protocol code. The card
//! is written apart from the crates it tests, so that a bug cannot cancel itself out.
//!
//! ```text
//!   issuer ─▶ Profile (JSON) ─▶ PassportCard ─▶ FaultyCard ─┬─▶ VirtualReader (in process)
//!                                                           └─▶ vpcd client ─▶ vpcd ─▶ pcscd
//! ```
//!
//! ```
//! use apdu::{Card, CommandApdu};
//! let profile = simulator::Profile::built_in("specimen")?;
//! let mut card = simulator::place(&profile)?;
//! let select = CommandApdu::new(0x00, 0xA4, 0x04, 0x0C).with_data([0xA0, 0, 0, 2, 0x47, 0x10, 0x01]);
//! assert!(card.transmit(&select)?.status.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod built_in;
mod der;
mod fault;
mod in_process;
pub mod issuer;
pub mod licence;
pub mod my_number;
mod passport;
mod portrait;
mod profile;
pub mod residence;
mod test_card;
pub mod vpcd;

pub use built_in::BUILT_IN;
pub use fault::{Fault, FaultyCard, StatusText};
pub use in_process::{VirtualReader, VirtualReaders};
pub use passport::{Group, PassportCard};
pub use portrait::PORTRAIT_JP2;
pub use profile::{
    AaHash, Access, ActiveKey, ChipKey, Cipher, Content, Excess, FileEnd, Mapping, PaceVariant, Profile, ProfileError,
    Quirks, SelectForm,
};

pub use test_card::{TestCard, test_issuers};

use chip_crypto::random::{SecureRandom, SeededRandom, SystemRandom};

/// A simulated card of any kind, as a reader handles it.
pub trait SimulatedCard: apdu::Card + Send {
    /// The answer to reset.
    fn atr(&self) -> &[u8];
    /// Forgets channel, selection and access, as after a reset.
    fn reset(&mut self);
    /// Placed on the reader anew: a reset, and the end of a lift.
    fn place(&mut self);
}

impl<C: SimulatedCard + ?Sized> SimulatedCard for Box<C> {
    fn atr(&self) -> &[u8] {
        (**self).atr()
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn place(&mut self) {
        (**self).place();
    }
}

/// Makes the card of a profile, with its faults, ready to be placed on a reader.
///
/// # Errors
/// A profile that cannot become a card.
pub fn place(profile: &Profile) -> Result<Box<dyn SimulatedCard>, ProfileError> {
    let random: Box<dyn SecureRandom + Send> = match profile.seed {
        Some(seed) => Box::new(SeededRandom::new(seed)),
        None => Box::new(SystemRandom::new()),
    };
    let card = PassportCard::new(profile, random)?;
    Ok(Box::new(FaultyCard::new(card, profile.faults.clone())))
}
