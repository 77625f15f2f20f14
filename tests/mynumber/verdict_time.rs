//! How long a verdict over a whole reading of a My Number card takes: `cargo run --release -p acceptance --example
//! mynumber-verdict-time`.

use std::time::Instant;

use chip::my_number::{Lane, NumberB, Request, inspect};
use chip::pin::Pin;
use chip_crypto::random::SystemRandom;
use simulator::my_number::{CardPlan, issue, place};
use trust::my_number::{Hierarchy, MyNumberTrust, judge};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const RUNS: u32 = 50;
    let plan = CardPlan::default();
    let issued = issue(&plan)?;
    let mut trust = MyNumberTrust::new(Hierarchy::Test);
    for root in issued.trust.user_roots.iter().chain([&issued.trust.signature_root]) {
        trust.add_root(root, &MyNumberTrust::fingerprint(root))?;
    }
    trust.add_cv_keys(issued.trust.cv_keys.as_bytes())?;
    let request = Request {
        lane: Some(Lane::NumberB(NumberB::parse(&plan.number_b())?)),
        user_pin: Some(Pin::parse(&plan.user_pin)?),
        signature_password: Some(Pin::parse(&plan.signature_password)?),
        ..Request::default()
    };
    let card = place(issued.contents, Vec::new());
    let evidence = inspect(card, request, &mut SystemRandom::new(), &mut |_| ())?;
    let at = "2026-11-25T00:00:00Z".parse()?;
    let started = Instant::now();
    for _ in 0..RUNS {
        assert_eq!(judge(&evidence, &trust, at).codes(), ["JPKI_STATUS_PENDING"]);
    }
    let each = started.elapsed() / RUNS;
    eprintln!("{} APDUs; a verdict over face, text and two certificates takes {each:?}", evidence.counters.apdus);
    Ok(())
}
