//! Residence cards and special permanent resident certificates of both generations, and the combined card, from the card's
//! side: personas, a test issuer of their own, drawn images, and the chip.

mod card;
mod font;
mod issuer;
mod messaging;
mod persona;
mod picture;
mod profile;

pub use card::ResidenceCard;
pub use issuer::{IssuerPlan, ResidencePki, SignedOver};
pub use persona::{PERSONAS, Persona};
pub use picture::{Picture, tiff};
pub use profile::{ResidenceProfile, find};

/// The face of every persona: the drawing marked TEST / 見本, JPEG 2000, 240 × 300.
pub const FACE_JP2: &[u8] = include_bytes!("../../assets/residence-face.jp2");
