//! A card that is lifted and put back: what was read is not read again, and two cards are never mixed.

use chip::mrtd::{InspectError, InspectPlan, Kept, MrtdEvidence, inspect_resuming};
use chip_crypto::random::SeededRandom;
use simulator::issuer::{Holder, PassportPlan};
use simulator::{Excess, Fault, Profile, Quirks};
use trust::Level;

use crate::support::{Plain, issue, judge, mrz_key, read};

fn plans() -> [PassportPlan; 2] {
    let bac = PassportPlan { name: "BAC".into(), pace: Vec::new(), chip: None, ..PassportPlan::default() };
    [PassportPlan::default(), bac]
}

fn reading(profile: &Profile, key_of: &Profile, kept: &mut Kept) -> Result<MrtdEvidence, InspectError> {
    let card = simulator::place(profile).expect("a card");
    let plan = InspectPlan::default();
    inspect_resuming(Plain(card), &mrz_key(key_of), &plan, &mut SeededRandom::new(7), &mut |_| (), kept, &mut |_| ())
}

#[test]
fn a_card_lifted_at_any_command_goes_on_where_it_was() {
    for plan in plans() {
        let profile = issue(&plan);
        let whole = read(&profile, &mrz_key(&profile)).expect("the undisturbed reading");
        let (mut saved, mut last) = (0, 0);
        for at in 1..=whole.counters.apdus {
            let mut kept = Kept::default();
            reading(&profile.clone().with_fault(Fault::Lift { at }), &profile, &mut kept)
                .expect_err("the card is gone");
            let before = kept.len();
            assert!(before >= last, "{} at {at}: less is kept than a command earlier", plan.name);
            last = before;
            let again = reading(&profile, &profile, &mut kept).expect("the card is back");
            assert_eq!(again.files, whole.files, "{} at {at}", plan.name);
            assert_eq!(again.absent, whole.absent, "{} at {at}", plan.name);
            assert!(kept.is_empty(), "{} at {at}: files are kept after the end", plan.name);
            // Access and proofs are made anew, so the second reading is a whole one but for the files.
            assert_eq!(judge(again.clone()).level(), Level::Green, "{} at {at}", plan.name);
            saved = saved.max(whole.counters.apdus - again.counters.apdus.min(whole.counters.apdus));
        }
        assert!(saved > 50, "{}: at most {saved} commands were saved", plan.name);
        assert!(last > 15_000, "{}: only {last} bytes were kept at the end", plan.name);
    }
}

/// The next card opens with the same key and holds other files: nothing of the first is in its evidence.
#[test]
fn another_card_with_the_same_key_is_read_anew() {
    for plan in plans() {
        let first = issue(&plan);
        let holder = Holder { surname: "OTHER".into(), ..plan.holder.clone() };
        let second = issue(&PassportPlan { holder, ..plan.clone() });
        let whole = read(&second, &mrz_key(&first)).expect("the second card alone");
        for at in [20, 40, 60, 80] {
            let mut kept = Kept::default();
            let _ = reading(&first.clone().with_fault(Fault::Lift { at }), &first, &mut kept);
            let evidence = reading(&second, &first, &mut kept).expect("the second card");
            assert_eq!(evidence.files, whole.files, "{} at {at}", plan.name);
        }
    }
}

/// What the first reading learnt of a kind of card is not learnt again with the next card of the kind.
#[test]
fn a_refused_size_is_refused_once() {
    let [_, plan] = plans();
    // Says that it takes extended length fields (ISO/IEC 7816-4, 12.1.1.9), and refuses them.
    let boasting = vec![0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0x84, 0x21, 0xC0, 0x12];
    let quirks = [
        (Quirks { max_read: 100, excess: Excess::DropChannel, ..Quirks::default() }, None, 3),
        (Quirks { extended: false, atr: Some(boasting), ..Quirks::default() }, Some(0x1_0000), 1),
        (Quirks { short_ids: false, ..Quirks::default() }, Some(0x1_0000), 1),
    ];
    for (quirks, reader, least) in quirks {
        let mut profile = issue(&plan);
        profile.quirks = quirks;
        let reading = |kept: &mut Kept| {
            let card = simulator::place(&profile).expect("a card");
            let plan = InspectPlan::default().for_card(reader, card.atr());
            inspect_resuming(
                Plain(card),
                &mrz_key(&profile),
                &plan,
                &mut SeededRandom::new(7),
                &mut |_| (),
                kept,
                &mut |_| (),
            )
        };
        let mut kept = Kept::default();
        let first = reading(&mut kept).expect("the first card");
        assert!(kept.is_empty() && kept.learned().is_some());
        let second = reading(&mut kept).expect("the second card");
        assert_eq!(second.files, first.files);
        let saved = first.counters.apdus - second.counters.apdus;
        assert!(saved >= least, "{:?}: {saved} commands saved", profile.quirks);
    }
}
