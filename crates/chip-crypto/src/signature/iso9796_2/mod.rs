//! ISO/IEC 9796-2 digital signature scheme 1 with partial recovery, as RSA Active Authentication uses it
//! (Doc 9303-11 §6.1). Verifier and signer share no formatting code, so that a mistake cannot cancel out.

mod sign;
mod verify;

pub use sign::sign;
pub use verify::recover_and_verify;
