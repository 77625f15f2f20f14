//! Licences: the reader against the card, two programs written apart. Every L row of security.md §8, what is sent, what is kept.

mod faults;
mod matrix;
mod my_number;
mod privacy;
mod reading;
mod support;
