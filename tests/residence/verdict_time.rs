//! How long a verdict over a whole reading of a residence card takes: `cargo run --release -p acceptance --example
//! residence-verdict-time`.

use std::time::Instant;

use chip::residence::{CardNumber, InspectPlan, inspect};
use chip_crypto::random::SystemRandom;
use simulator::residence::{IssuerPlan, Persona, ResidencePki};
use trust::DataSignature;
use trust::residence::{Mode, ResidenceTrust, judge};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const RUNS: u32 = 200;
    let pki = ResidencePki::generate(&IssuerPlan::default())?;
    let mut trust = ResidenceTrust::new(Mode::Test);
    for authority in pki.authorities() {
        trust.add(authority)?;
    }
    let at = "2026-11-25T00:00:00Z".parse()?;
    for name in ["residence-first", "residence-second"] {
        let profile = pki.issue(&Persona::built_in(name)?)?;
        let mut card = profile.place()?;
        let number = CardNumber::parse(&profile.card_number)?;
        let evidence = inspect(&mut card, &number, &InspectPlan::default(), &mut SystemRandom::new(), &mut |_| ())?;
        let started = Instant::now();
        for _ in 0..RUNS {
            assert_eq!(judge(&evidence, &trust, at).data_signature, DataSignature::Valid);
        }
        let each = started.elapsed() / RUNS;
        eprintln!("{name}: {} APDUs; a verdict takes {each:?}", evidence.counters.apdus);
    }
    Ok(())
}
