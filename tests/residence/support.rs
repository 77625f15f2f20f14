use chip::residence::{CardNumber, InspectError, InspectPlan, ResidenceEvidence, TransportKey, inspect};
use chip_crypto::random::SeededRandom;
use jiff::{Timestamp, civil};
use simulator::residence::{IssuerPlan, Persona, ResidencePki, ResidenceProfile};
use trust::ChipVerdict;
use trust::residence::{Declared, Mode, ResidenceTrust, judge_with};

/// A time within the validity of everything the test issuer issues.
pub fn now() -> Timestamp {
    "2026-11-25T00:00:00Z".parse().expect("a time")
}

pub fn pki() -> ResidencePki {
    ResidencePki::generate(&IssuerPlan::default()).expect("the test issuer")
}

pub fn issue(persona: &str) -> ResidenceProfile {
    issue_by(&IssuerPlan::default(), persona)
}

pub fn issue_by(plan: &IssuerPlan, persona: &str) -> ResidenceProfile {
    let persona = Persona::built_in(persona).expect("a persona");
    ResidencePki::generate(plan).and_then(|pki| pki.issue(&persona)).expect("a card")
}

/// The test issuer's authorities, believed as test authorities are.
pub fn trust() -> ResidenceTrust {
    trust_in(&pki())
}

pub fn trust_in(pki: &ResidencePki) -> ResidenceTrust {
    let mut trust = ResidenceTrust::new(Mode::Test);
    for authority in pki.authorities() {
        trust.add(authority).expect("an authority");
    }
    trust
}

pub fn number(profile: &ResidenceProfile) -> CardNumber {
    CardNumber::parse(&profile.card_number).expect("a card number")
}

pub fn plan() -> InspectPlan {
    let key = pki().transport_key().expect("a transport key");
    InspectPlan { transport_key: Some(TransportKey::import(&key).expect("RSA-2048")), ..InspectPlan::default() }
}

/// Places the card and reads it with its own number.
pub fn read(profile: &ResidenceProfile) -> Result<ResidenceEvidence, InspectError> {
    read_with(profile, &number(profile), &plan())
}

pub fn read_with(
    profile: &ResidenceProfile,
    number: &CardNumber,
    plan: &InspectPlan,
) -> Result<ResidenceEvidence, InspectError> {
    let mut card = profile.place().expect("a card");
    inspect(&mut card, number, plan, &mut SeededRandom::new(7), &mut |_| ())
}

/// What staff type from a first-generation card that is in date.
pub fn typed() -> Declared {
    Declared { expiry: Some(civil::date(2029, 6, 30)), ..Declared::default() }
}

pub fn judge(profile: &ResidenceProfile) -> ChipVerdict {
    judge_with(&read(profile).expect("a reading"), &trust(), &typed(), now())
}
