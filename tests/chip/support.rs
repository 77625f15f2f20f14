use std::collections::BTreeMap;

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{AccessKey, Can, InspectError, InspectPlan, MrtdEvidence, dg1, inspect};
use chip_crypto::random::SeededRandom;
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::{Profile, SimulatedCard};
use trust::{ChipVerdict, TrustStore};

/// A time within the validity of everything the test issuer issues.
pub fn now() -> jiff::Timestamp {
    "2026-11-24T00:00:00Z".parse().expect("a time")
}

pub fn issue(plan: &PassportPlan) -> Profile {
    TestPki::generate(&PkiPlan::default()).and_then(|pki| pki.issue(plan)).expect("the test issuer issues")
}

pub fn trust() -> TrustStore {
    let pki = TestPki::generate(&PkiPlan::default()).expect("the test issuer");
    let mut store = TrustStore::empty();
    store.add(trust::import(pki.csca_certificate()).expect("its certificate is trust data"));
    store
}

/// The key printed in the document.
pub fn mrz_key(profile: &Profile) -> AccessKey {
    let dg1 = profile.files["0101"].bytes(&profile.base).expect("DG1");
    AccessKey::Mrz(dg1::parse(&dg1).expect("a machine readable zone").key())
}

pub fn can(text: &str) -> AccessKey {
    AccessKey::Can(Can::parse(text).expect("six digits"))
}

/// Places the card and reads it.
pub fn read(profile: &Profile, key: &AccessKey) -> Result<MrtdEvidence, InspectError> {
    read_with(profile, key, &InspectPlan::default())
}

/// Places the card and reads it as the plan says.
pub fn read_with(profile: &Profile, key: &AccessKey, plan: &InspectPlan) -> Result<MrtdEvidence, InspectError> {
    let card = simulator::place(profile).expect("a card");
    inspect(Plain(card), key, plan, &mut SeededRandom::new(7), &mut |_| ())
}

pub fn judge(evidence: MrtdEvidence) -> ChipVerdict {
    trust::judge_mrtd(&evidence, &trust(), now())
}

/// Throw-away RSA keys of 1024 to 4096 bits.
pub fn rsa_keys() -> Vec<Vec<u8>> {
    let vectors = include_str!("../../crates/chip-crypto/tests/data/openssl-vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("vectors");
    let keys = vectors["rsa"].as_array().expect("keys").iter();
    keys.filter(|key| key["bits"] != 6144)
        .map(|key| hex::decode(key["pkcs8"].as_str().expect("a key")).expect("hexadecimal"))
        .collect()
}

/// State of a check by name.
pub fn states(verdict: &ChipVerdict) -> BTreeMap<String, String> {
    verdict.checks.iter().map(|line| (line.name.to_string(), line.state.name().to_owned())).collect()
}

/// A boxed simulated card as a plain card.
pub struct Plain(pub Box<dyn SimulatedCard>);

impl Card for Plain {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.transmit(command)
    }
}
