//! The reader's protocols against the card's, two programs written apart: every access, every curve, every fault.

mod access;
mod faults;
mod support;
