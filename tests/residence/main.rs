//! Residence cards of both generations, read from simulated cards and judged.

mod commands;
mod faults;
mod reading;
mod rows;
mod support;
