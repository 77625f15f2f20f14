//! Every fuzz target over its corpus, over mutations of it, and over mutations of the published test data, on the stable toolchain:
//! no panic, at most two seconds of processor time, and no more memory than security.md §9 allows, counted at the allocator.

mod mutate;
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mutate::{Dice, mutate};
use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};
use targets::{ALL, Target};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// One test at a time: the allocator counts for the whole process.
static TURN: Mutex<()> = Mutex::new(());

/// Processor time one input may cost in a debug build.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Wall time of the mutations of one test.
const MUTATING: Duration = Duration::from_secs(10);
/// Mutations of one target, however slow it is and however fast.
const LEAST: usize = 3;
const MOST: usize = 20_000;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has no corpus");
    seeds
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

/// What one run cost.
struct Cost {
    time: Duration,
    memory: usize,
}

/// Runs a target once. An input it fails on is written to a file, whose name the failure tells.
fn run(target: &Target, input: &[u8], from: &str) -> Cost {
    let failed = |why: String| -> ! {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
        std::fs::write(&path, input).unwrap();
        panic!("{} on {from}: {why}; the input is in {}", target.name, path.display());
    };
    ALLOCATOR.reset_peak_usage();
    let (before, began) = (ALLOCATOR.current_usage(), processor_time());
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let cost =
        Cost { time: processor_time().saturating_sub(began), memory: ALLOCATOR.peak_usage().saturating_sub(before) };
    if outcome.is_err() {
        failed("panicked".to_owned());
    }
    if cost.time > MAX_TIME {
        failed(format!("took {:?}", cost.time));
    }
    let allowed = (target.memory)(input);
    if cost.memory > allowed {
        failed(format!("held {} bytes, {allowed} are allowed for {}", cost.memory, input.len()));
    }
    cost
}

#[test]
fn every_seed_keeps_its_promises_in_time_and_memory() {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for target in ALL {
        let seeds = corpus(target.name);
        // What is made once and kept (keys, tables of curves) is no input's own.
        for (_, seed) in &seeds {
            (target.run)(seed);
        }
        let costs = seeds.iter().map(|(path, seed)| run(&target, seed, &path.display().to_string()));
        let (time, memory) =
            costs.fold((Duration::ZERO, 0), |(time, memory), cost| (time.max(cost.time), memory.max(cost.memory)));
        println!(
            "{:14} {:3} seeds, at most {:6.1} ms and {:5} KiB",
            target.name,
            seeds.len(),
            time.as_secs_f64() * 1e3,
            memory / 1024
        );
    }
}

#[test]
fn mutated_seeds_keep_them_too() {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let targets = ALL.map(|target| (target, corpus(target.name).into_iter().map(|(_, seed)| seed).collect::<Vec<_>>()));
    for (target, seeds) in &targets {
        seeds.iter().for_each(|seed| (target.run)(seed));
    }
    for ((target, _), runs) in targets.iter().zip(mutate_all(&targets, 0x4D41_444F)) {
        println!("{:14} {runs} mutations", target.name);
    }
}

#[test]
fn mutated_published_files_keep_them_too() {
    let Some(folder) = acceptance::test_data() else { return };
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut files = Vec::new();
    collect(&folder, &mut files);
    let mut of: std::collections::BTreeMap<&str, Vec<Vec<u8>>> = std::collections::BTreeMap::new();
    for path in files {
        if let Some(target) = target_of(&path) {
            of.entry(target).or_default().push(std::fs::read(path).unwrap());
        }
    }
    let targets: Vec<_> = ALL.into_iter().filter_map(|target| Some((target, of.remove(target.name)?))).collect();
    assert!(of.is_empty() && targets.len() >= 8, "published files for {} targets alone", targets.len());
    for (target, seeds) in &targets {
        for seed in seeds {
            run(target, seed, "a published file");
        }
    }
    for ((target, _), runs) in targets.iter().zip(mutate_all(&targets, 0x5055_424C)) {
        println!("{:14} {runs} mutations of published files", target.name);
    }
}

/// The recorded readings are whole: the mutations start at a genuine document, so that calling a forgery genuine would be seen.
#[test]
fn the_recorded_readings_are_judged_genuine_before_they_are_changed() {
    for name in ["pace", "bac", "mapping"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/whole_card").join(name);
        let evidence =
            targets::whole_card::read(&std::fs::read(path).unwrap()).unwrap_or_else(|| panic!("{name} is not read"));
        let verdict = trust::judge_mrtd(&evidence, targets::certificates::store(), targets::certificates::judged_at());
        assert_eq!(verdict.level(), trust::Level::Green, "{name}: {:?}", verdict.codes());
    }
}

/// Gives each target the same share of the time, and the slowest a few runs all the same; says how many runs each got. The mutations
/// are the same every time, only their number is the machine's.
fn mutate_all(targets: &[(Target, Vec<Vec<u8>>)], seed: u64) -> Vec<usize> {
    let share = MUTATING / u32::try_from(targets.len()).unwrap();
    let mut all = Vec::new();
    for (target, seeds) in targets {
        let mut dice = Dice(seed);
        let began = Instant::now();
        let mut runs = 0;
        while runs < LEAST || (runs < MOST && began.elapsed() < share) {
            let one = &seeds[dice.below(seeds.len())];
            let other = &seeds[dice.below(seeds.len())];
            run(target, &mutate(&mut dice, one, other), "a mutation");
            runs += 1;
        }
        all.push(runs);
    }
    all
}

/// Files a parser reads, from a folder and those inside it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Which target a published file is for, by its name; large lists take too long to be mutated.
fn target_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    if std::fs::metadata(path).ok()?.len() > 100_000 {
        return None;
    }
    Some(match name {
        "EF_COM.bin" => "ef_com",
        "Datagroup1.bin" => "dg1_mrz",
        "Datagroup2.bin" => "dg2",
        "Datagroup14.bin" | "Datagroup15.bin" => "dg14_15",
        _ if name.ends_with("_EF_SOD.bin") || name.ends_with("_EF_CardSecurity.bin") || name == "EF_SOD.bin" => {
            "sod_cms"
        }
        _ if name.ends_with(".der") || name.ends_with(".cer") => "x509",
        _ if name.ends_with(".pem") || name.ends_with(".ldif") => "ldif",
        _ if name.ends_with(".ml") => "master_list",
        _ if name.ends_with(".jp2") => "jp2",
        _ if name.ends_with(".jpg") => "jpeg",
        _ if name.contains("39794") && name.ends_with("DG2.bin") => "dg2",
        "EF_DG11.bin" | "EF_DG12.bin" => "dg11_12",
        "EF_DG16.bin" | "EF_DG13.bin" => "dg13_16",
        "EF_DG7.bin" => "dg7",
        _ => return None,
    })
}
