//! Prints what a reading costs beside the floor and beside other ways of reading: the table of `benches/reading.md`.

#[path = "../chip/cost.rs"]
mod cost;
#[path = "../chip/support.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod support;

use cost::{GMRTD_DEFAULT, READER, SPEEDS, bac, pace, read, short};

fn main() {
    println!("| chip | way of reading | APDUs | bytes | s at 80 kB/s | s at 9.5 kB/s | of the first line at 80 kB/s |");
    println!("|---|---|---|---|---|---|---|");
    for profile in [bac(), pace(), short(bac()), short(pace())] {
        let name = format!("{}{}", profile.name, if profile.quirks.extended { "" } else { ", extended refused" });
        let limit = if profile.access.pace.is_empty() { 231 } else { 223 };
        let whole = read(&profile, READER, false).cost;
        let reading = read(&profile, READER, true);
        let mut lines = vec![
            ("SELECT, head of 4, blocks of 160".to_owned(), reading.strategy(true, 4, 160)),
            (format!("SELECT, head of 4, blocks of {limit}"), reading.strategy(true, 4, limit)),
            (format!("short identifier, head of 8, blocks of {limit}"), reading.strategy(false, 8, limit)),
            (format!("short identifier, blocks of {limit}"), reading.strategy(false, 0, limit)),
        ];
        if profile.quirks.extended {
            lines
                .push(("short identifier, head of 8, blocks of 65,536".to_owned(), reading.strategy(false, 8, 65_536)));
            lines.push(("floor: short identifier, one command a file".to_owned(), reading.floor()));
        }
        lines.push(("Madoguchi without EF.COM".to_owned(), reading.cost));
        lines.push(("**Madoguchi**".to_owned(), whole));
        if profile.access.pace.is_empty() && profile.quirks.extended {
            lines.insert(0, ("gmrtd 1.1.2, default (counted elsewhere)".to_owned(), GMRTD_DEFAULT));
        }
        let first = lines[0].1.seconds(SPEEDS[0]);
        for (way, cost) in &lines {
            let [fast, slow] = SPEEDS.map(|speed| cost.seconds(speed));
            println!(
                "| {name} | {way} | {} | {} | {fast:.2} | {slow:.2} | {:.2} |",
                cost.apdus,
                cost.bytes,
                fast / first
            );
        }
    }
}
