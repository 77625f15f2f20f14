//! Prints what a reading costs beside the floor and beside other ways of reading: the table of `benches/reading.md`.

#[path = "../chip/cost.rs"]
mod cost;
#[path = "../chip/support.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod support;

fn main() {
    cost::print();
}
