//! Sessions in a row over secp521r1, where half of all shared secrets begin with zeros: PACE, Chip Authentication, a file read.
//!
//! `cargo run --release -p acceptance --example secp521r1 -- 1000`

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{AccessKey, ChipAuthOutcome, MrtdFile, chip_authentication, dg14, pace};
use chip_crypto::random::SystemRandom;
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::{Cipher, PaceVariant, SimulatedCard};

struct Plain(Box<dyn SimulatedCard>);

impl Card for Plain {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.transmit(command)
    }
}

#[expect(clippy::print_stdout, reason = "an example's whole purpose")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions: u32 = std::env::args().nth(1).map_or(Ok(1000), |count| count.parse())?;
    let curve = chip_crypto::curve::NamedCurve::Secp521r1;
    let plan = PassportPlan {
        pace: vec![PaceVariant::generic(Cipher::Aes256, 18)],
        chip: Some((curve, Cipher::Aes256)),
        ..PassportPlan::default()
    };
    let profile = TestPki::generate(&PkiPlan::default())?.issue(&plan)?;
    let file = |id: &str| profile.files[id].bytes(&profile.base);
    let info = chip::mrtd::card_access::parse(&profile.master_files["011C"].bytes(&profile.base)?)?.pace[0];
    let key = AccessKey::Mrz(chip::mrtd::dg1::parse(&file("0101")?)?.key());
    let infos = dg14::parse(&file("010E")?)?;
    let started = std::time::Instant::now();
    let mut failed = 0;
    for _ in 0..sessions {
        let card = Plain(simulator::place(&profile)?);
        let Ok(mut opened) = pace(card, &info, &key, &mut SystemRandom::new()) else {
            failed += 1;
            continue;
        };
        apdu::select_application(&mut opened.channel, &chip::mrtd::AID)?;
        let transcript = chip_authentication::run(&mut opened.channel, &infos, &mut SystemRandom::new())?;
        let switched = transcript.is_some_and(|transcript| matches!(transcript.outcome, ChipAuthOutcome::Switched(_)));
        let plan = apdu::ReadPlan { short_limit: opened.channel.short_limit(), ..apdu::ReadPlan::default() };
        let com = apdu::read_file(&mut opened.channel, MrtdFile::Com.reference(), &plan, &mut |_, _| {});
        failed += u32::from(!switched || com? != file("011E")?);
    }
    println!("{} of {sessions} sessions succeeded in {:.1?}", sessions - failed, started.elapsed());
    if failed == 0 { Ok(()) } else { Err("not every session succeeded".into()) }
}
