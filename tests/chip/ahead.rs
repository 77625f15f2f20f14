//! EF.SOD verified while the rest of the chip is still being read: the same verdict, and in time.

use std::cell::Cell;

use chip::mrtd::{InspectPlan, Kept, MrtdFile, Progress, inspect_resuming};
use chip_crypto::random::SeededRandom;
use simulator::Fault;
use simulator::issuer::{Holder, PassportPlan};
use trust::{Ahead, judge_after, judge_mrtd};

use crate::support::{Plain, issue, mrz_key, now, read, trust};

#[test]
fn a_verdict_with_the_work_done_ahead_is_the_same() {
    let good = issue(&PassportPlan::default());
    let changed = |file: &str, offset| {
        let fault = Fault::ChangedByte { file: file.to_owned(), offset, xor: 1 };
        good.clone().with_fault(fault)
    };
    let holder = Holder { surname: "OTHER".into(), ..PassportPlan::default().holder };
    let other = issue(&PassportPlan { holder, ..PassportPlan::default() });
    let sod_of = |profile| read(profile, &mrz_key(&good)).expect("a reading").files[&MrtdFile::Sod].clone();
    let foreign = sod_of(&other);
    for profile in [good.clone(), changed("011D", 700), changed("0101", 20), changed("0102", 4000)] {
        let evidence = read(&profile, &mrz_key(&good)).expect("a reading");
        let plain = judge_mrtd(&evidence, &trust(), now());
        for sod in [&evidence.files[&MrtdFile::Sod], &foreign] {
            let ahead = Ahead::of(sod, &trust(), now());
            assert_eq!(judge_after(Some(ahead), &evidence, &trust(), now()), plain, "{:?}", plain.codes());
        }
    }
}

/// The signature is there to be verified before the first byte of the photo is asked for.
#[test]
fn ef_sod_is_handed_over_before_the_photo_is_read() {
    let profile = issue(&PassportPlan::default());
    let (handed, photo) = (Cell::new(0), Cell::new(false));
    let mut on = |progress| photo.set(photo.get() || matches!(progress, Progress::Reading { file: MrtdFile::Dg2, .. }));
    let mut on_sod = |sod: &[u8]| {
        assert!(!photo.get(), "the photo came first");
        handed.set(handed.get() + sod.len());
    };
    let card = Plain(simulator::place(&profile).expect("a card"));
    let (key, plan, mut kept) = (mrz_key(&profile), InspectPlan::default(), Kept::default());
    let evidence = inspect_resuming(card, &key, &plan, &mut SeededRandom::new(7), &mut on, &mut kept, &mut on_sod)
        .expect("a reading");
    assert_eq!(handed.get(), evidence.files[&MrtdFile::Sod].len());
    assert!(photo.get());
}
