//! A whole reading and its judgement, out of what a virtual card answers.

use std::cell::Cell;

use chip::mrtd::{AccessKey, InspectPlan, MrtdEvidence, MrtdFile, MrzKey, inspect};
use chip_crypto::random::SeededRandom;
use trust::Level;

use super::certificates::{judged_at, store};
use super::fixed::{HOLDER, TERMINAL_SEED};
use super::script::{Script, blocks};

/// What the synthetic document holds: nothing else may ever be called genuine.
const GENUINE: [(MrtdFile, &[u8]); 2] =
    [(MrtdFile::Dg1, include_bytes!("../fixtures/dg1.bin")), (MrtdFile::Dg2, include_bytes!("../fixtures/dg2.bin"))];

/// Block 0 is the answer to reset, the rest are responses. Files keep to their budgets, the evidence survives storage, two
/// judgements say the same, and no change to what a genuine chip said is called genuine.
pub fn read_and_judge(input: &[u8]) {
    let Some(evidence) = read(input) else { return };
    for (file, bytes) in &evidence.files {
        assert!(bytes.len() <= file.max_size());
    }
    assert!(evidence.files.values().map(Vec::len).sum::<usize>() <= input.len());
    let stored = serde_json::to_vec(&evidence).expect("evidence is written down");
    assert_eq!(serde_json::from_slice(&stored).ok().as_ref(), Some(&evidence));
    let genuine = GENUINE.iter().all(|(file, bytes)| evidence.files.get(file).is_some_and(|read| read == bytes));
    let verdict = trust::judge_mrtd(&evidence, store(), judged_at());
    assert_eq!(verdict, trust::judge_mrtd(&evidence, store(), judged_at()));
    assert!(genuine || verdict.level() != Level::Green, "a changed file is called genuine");
}

/// Reads the virtual card with the key of the synthetic holder.
pub fn read(input: &[u8]) -> Option<MrtdEvidence> {
    let mut answers = blocks(input);
    let _answer_to_reset = answers.next();
    let key = AccessKey::Mrz(MrzKey::new(HOLDER[0], HOLDER[1], HOLDER[2]).expect("the synthetic holder's key"));
    let plan = InspectPlan { allow_bac_after_pace_failure: true, ..InspectPlan::default() };
    let sent = Cell::new(0);
    let script = Script::new(answers, &sent);
    let read = inspect(script, &key, &plan, &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {});
    assert!(sent.get() <= blocks(input).count() + 1, "commands after the card had gone");
    read.ok()
}
