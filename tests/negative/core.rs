//! The kiosk's core in this process: the simulated card, `chip::mrtd::inspect`, `trust::judge`.

use apdu::Card;
use chip::mrtd::{InspectError, InspectPlan, MrtdEvidence, inspect};
use chip_crypto::random::SeededRandom;
use jiff::Timestamp;
use session::Failure;
use trust::{ChipVerdict, TrustStore};

use crate::case::ACCEPT;
use crate::made::Made;

/// Evidence and its verdict, or the code of the failure.
pub type Outcome = Result<(MrtdEvidence, ChipVerdict), String>;

pub fn run(made: &Made) -> Outcome {
    let evidence = read(made).map_err(code)?;
    let verdict = trust::judge_mrtd(&evidence, &store(&made.trust), time(made.at));
    Ok((evidence, verdict))
}

pub fn read(made: &Made) -> Result<MrtdEvidence, InspectError> {
    let card = simulator::place(&made.profile).expect("a card");
    let plan = plan(card.atr());
    read_with(card, made, &plan)
}

/// As through the service: the reader carries whatever the card takes.
fn plan(atr: &[u8]) -> InspectPlan {
    InspectPlan::default().for_card(Some(0xFFFD), atr)
}

pub fn read_card(card: impl Card, made: &Made) -> Result<MrtdEvidence, InspectError> {
    let atr = simulator::place(&made.profile).expect("a card").atr().to_vec();
    read_with(card, made, &plan(&atr))
}

fn read_with(card: impl Card, made: &Made, plan: &InspectPlan) -> Result<MrtdEvidence, InspectError> {
    inspect(card, &made.key.for_chip(), plan, &mut SeededRandom::new(7), &mut |_| ())
}

/// Commands of the undisturbed reading.
pub fn commands(made: &Made) -> u32 {
    read(made).expect("the undisturbed reading").counters.apdus
}

pub fn code(error: impl Into<Failure>) -> String {
    error.into().to_string()
}

pub fn deciding(codes: &[String]) -> String {
    codes.first().cloned().unwrap_or_else(|| ACCEPT.to_owned())
}

pub fn store(files: &[Vec<u8>]) -> TrustStore {
    let mut store = TrustStore::empty();
    for file in files {
        store.add(trust::import(file).expect("trust data"));
    }
    store
}

pub fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}
