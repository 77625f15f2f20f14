//! How much processor time passive authentication and the import of a list take: one line a measurement, best and median run.
//!
//! `cargo run --release -p trust --example speed -- DATA [ROUNDS]`, where DATA is the folder with `emrtd/`. `benches/trust.sh` runs
//! it in turns with OpenSSL.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that prints times")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use trust::{TrustStore, import, inspect, judge_files};

fn main() {
    let data = std::env::args().nth(1).unwrap();
    let rounds: usize = std::env::args().nth(2).map_or(15, |text| text.parse().unwrap());
    let data = Path::new(&data).join("emrtd");
    let list = std::fs::read(data.join("masterlist/DE_ML_2026-05-28.ml")).unwrap();

    report("list read and its signature verified", rounds, || import(&list).unwrap().certificates.len());
    let read = [import(&list).unwrap()];
    report("list: signatures between its certificates", rounds, || inspect(&read).verified());
    report("list read and all signatures verified", rounds, || inspect(&[import(&list).unwrap()]).verified());

    let mut store = TrustStore::empty();
    let [read] = read;
    store.add(read);
    for entry in std::fs::read_dir(data.join("masterlist/ID")).unwrap() {
        store.add(import(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap());
    }
    let at = "2026-06-01T00:00:00Z".parse().unwrap();
    for country in ["AT", "AU", "CN", "DE", "FI", "FR", "ID", "MY", "NZ", "US"] {
        let sod = std::fs::read(data.join(format!("sod/{country}_EF_SOD.bin"))).unwrap();
        let algorithm = judge_files(&sod, &BTreeMap::new(), &store, at).algorithm.unwrap_or_default();
        report(&format!("EF.SOD {country} {algorithm}"), rounds, || {
            usize::from(judge_files(&sod, &BTreeMap::new(), &store, at).check("chain").is_some())
        });
    }
}

/// Other work on the machine does not count.
#[cfg(unix)]
fn processor_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

fn report(what: &str, rounds: usize, mut run: impl FnMut() -> usize) {
    let mut times = Vec::new();
    let mut answer = 0;
    for _ in 0..rounds {
        let start = processor_time();
        answer = run();
        times.push((processor_time() - start).as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{what:<46} {answer:>4}  best {:8.3} ms  median {:8.3} ms", times[0], times[times.len() / 2]);
}
