//! Ten thousand changed certificates, keys and curves of the published lists; not one may be accepted.
//!
//! `cargo run --release -p trust --example mutations -- DATA [COUNT] [SEED]`, where DATA is the folder with `emrtd/`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that prints counts")]

#[path = "../tests/support/mutation.rs"]
mod mutation;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().unwrap();
    let count: usize = arguments.next().map_or(10_000, |text| text.parse().unwrap());
    let seed: u64 = arguments.next().map_or(1, |text| text.parse().unwrap());
    let list = std::fs::read(std::path::Path::new(&data).join("emrtd/masterlist/DE_ML_2026-05-28.ml")).unwrap();
    let pairs = mutation::pairs(&trust::import(&list).unwrap().certificates);
    let (made, accepted) = mutation::run(&pairs, seed, count);
    println!(
        "{} pairs, seed {seed}: signed, signature, key, swapped, curve {made:?}: {} accepted",
        pairs.len(),
        accepted.len()
    );
    accepted.iter().for_each(|line| println!("{line}"));
    if accepted.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
