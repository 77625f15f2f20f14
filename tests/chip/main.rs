//! The reader's protocols against the card's, two programs written apart: every access, every group, every proof, every fault.

mod access;
mod ahead;
mod cost;
mod faults;
mod leading_zeros;
mod oddities;
mod pace_matrix;
mod proofs;
mod resume;
mod support;
