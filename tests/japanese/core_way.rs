//! The kiosk's core in this process: the simulated card, the reading of its document, the verdict.

use std::collections::BTreeMap;

use chip::ChipEvidence;
use chip::licence::{LicencePins, LicencePlan};
use chip::my_number::{Lane, NumberB, Request};
use chip::pin::Pin;
use chip::residence::{CardNumber, InspectPlan};
use chip_crypto::random::SeededRandom;
use session::Failure;
use trust::my_number::MyNumberTrust;
use trust::{ChipVerdict, IssuerKind, Issuers};

use crate::Said;
use crate::rows::{Key, Row};

/// Test issuers by kind.
pub fn material() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let mut material: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (kind, file) in simulator::test_issuers().expect("test issuers") {
        material.entry(kind).or_default().push(file);
    }
    material
}

/// Everybody who is believed about a row's card. Roots of the JPKI are believed where its certificates are read.
pub fn issuers(row: &Row) -> Issuers {
    let mut issuers = Issuers::nobody_but_tests();
    if !row.trusted {
        return issuers;
    }
    for (kind, files) in material() {
        if kind == "jpki" && !signs(&row.key) {
            continue;
        }
        let known = IssuerKind::from_name(kind).expect("a kind");
        for file in files {
            issuers.add_pinned(known, &file, &MyNumberTrust::fingerprint(&file)).expect("a test issuer");
        }
    }
    issuers
}

/// Whether a certificate of the JPKI is read and judged.
pub fn signs(key: &Key) -> bool {
    match key {
        Key::NumberB { sign, .. } | Key::TextPin { sign, .. } => sign.is_some(),
        Key::Licence { .. } | Key::Residence { .. } => false,
    }
}

/// Reads and judges; evidence and verdict when there are any.
pub fn run(row: &Row) -> (Said, Option<(ChipEvidence, ChipVerdict)>) {
    match read(row) {
        Err(failure) => (Said::refused(&failure.to_string()), None),
        Ok(evidence) => {
            let verdict = trust::judge(&evidence, &issuers(row), row.at.parse().expect("a time"));
            (Said::of(&verdict.codes(), verdict.level().name()), Some((evidence, verdict)))
        }
    }
}

fn read(row: &Row) -> Result<ChipEvidence, Failure> {
    let card = (row.card)();
    let rng = &mut SeededRandom::new(7);
    Ok(match &row.key {
        Key::Licence { pin1, pin2 } => {
            let pins =
                LicencePins { pin1: Pin::parse(pin1).ok(), pin2: Pin::parse(pin2).ok(), ..LicencePins::default() };
            ChipEvidence::Licence(chip::licence::inspect(card, pins, &LicencePlan::default(), &mut |_| ())?)
        }
        Key::NumberB { number, sign } => {
            let lane = Lane::NumberB(NumberB::parse(number).expect("fourteen digits"));
            ChipEvidence::MyNumber(chip::my_number::inspect(card, request(lane, sign.as_deref()), rng, &mut |_| ())?)
        }
        Key::TextPin { pin, sign } => {
            let lane = Lane::TextPin(Pin::parse(pin).expect("four digits"));
            ChipEvidence::MyNumber(chip::my_number::inspect(card, request(lane, sign.as_deref()), rng, &mut |_| ())?)
        }
        Key::Residence { number } => {
            let number = CardNumber::parse(number).expect("a card number");
            ChipEvidence::Residence(chip::residence::inspect(card, &number, &InspectPlan::default(), rng, &mut |_| ())?)
        }
    })
}

fn request(lane: Lane, sign: Option<&str>) -> Request {
    let signature_password = sign.map(|password| Pin::parse(password).expect("a password"));
    // As for an operator: the user certificate is read where it is going to be judged.
    Request { lane: Some(lane), user_certificate: sign.is_some(), signature_password, ..Request::default() }
}
