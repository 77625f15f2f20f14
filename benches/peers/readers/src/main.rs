//! One simulated passport behind pcscd and vpcd, read by Madoguchi and by the crates `emrtd` and `dmrtd` in turns. Commands and bytes
//! are counted by the card; the time is of the clocked link (15 ms a command, 80 kB/s) and of the clock on the wall.

use std::error::Error;
use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{AccessKey, InspectPlan, dg1, inspect};
use chip_crypto::random::SystemRandom;
use chrono::NaiveDate;
use dmrtd::com::{TransceiveError, Transceiver};
use kiosk::Readers as _;
use readers::{PcscReaders, ReadersConfig};
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::vpcd::{ServeOptions, Stop, serve};
use simulator::{AaHash, Content, Profile, SimulatedCard};

type Outcome = Result<(), Box<dyn Error>>;

/// What reaches the card and leaves it.
#[derive(Clone, Default)]
struct Counts(Arc<(AtomicU64, AtomicU64)>);

impl Counts {
    fn take(&self) -> (u64, u64) {
        (self.0.0.swap(0, Ordering::SeqCst), self.0.1.swap(0, Ordering::SeqCst))
    }
}

struct Counted {
    card: Box<dyn SimulatedCard>,
    counts: Counts,
}

impl Card for Counted {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let sent = command.encode().map_or(0, |bytes| bytes.len());
        let response = self.card.transmit(command)?;
        self.counts.0.0.fetch_add(1, Ordering::SeqCst);
        self.counts.0.1.fetch_add((sent + response.data.len() + 2) as u64, Ordering::SeqCst);
        Ok(response)
    }
}

impl SimulatedCard for Counted {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn place(&mut self) {
        self.card.place();
    }
}

/// BAC and Active Authentication with RSA, and a DG2 of 18 kB; the holder is synthetic.
fn profile() -> Result<Profile, Box<dyn Error>> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../crates/chip-crypto/tests/data/openssl-vectors.json"))?;
    let key = hex::decode(vectors["rsa"][0]["pkcs8"].as_str().ok_or("no key")?)?;
    let plan = PassportPlan {
        name: "BAC + AA".into(),
        pace: Vec::new(),
        chip: None,
        active_key: Some((key, AaHash::Sha1)),
        ..PassportPlan::default()
    };
    let mut profile = TestPki::generate(&PkiPlan::default())?.issue(&plan)?;
    let portrait = apdu::tlv::encode(apdu::tlv::Tag(0x75), &vec![0xA5; 18_000]);
    profile.files.insert("0102".into(), Content::Hex(hex::encode(portrait)));
    Ok(profile)
}

fn ours(reader: &str, profile: &Profile) -> Outcome {
    let readers = PcscReaders::new(ReadersConfig::with_virtual_pcd());
    let mut card = readers.connect_card(reader)?;
    let key = AccessKey::Mrz(dg1::parse(&profile.files["0101"].bytes(&profile.base)?)?.key());
    let plan = InspectPlan::default().for_card(card.extended_length(), card.atr());
    let evidence = inspect(&mut card, &key, &plan, &mut SystemRandom::new(), &mut |_| ())?;
    card.disconnect(true);
    if evidence.active.is_none() {
        return Err("no Active Authentication".into());
    }
    Ok(())
}

const NUMBER: &str = "XTEST0001";
const BIRTH: &str = "900203";
const EXPIRY: &str = "350531";

/// As its own example reads, with DG15; it has no Active Authentication.
fn by_emrtd(reader: &str) -> Outcome {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let card = context.connect(&CString::new(reader)?, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)?;
    let failed = |error: emrtd::EmrtdError| format!("{error:?}");
    let mut card = emrtd::EmrtdComms::new(card);
    card.select_emrtd_application().map_err(failed)?;
    let secret = emrtd::other_mrz(NUMBER, BIRTH, EXPIRY).map_err(failed)?;
    card.establish_bac_session_keys(secret.as_bytes()).map_err(failed)?;
    for (id, name) in [(b"\x01\x1E", "EF.COM"), (b"\x01\x1D", "EF.SOD"), (b"\x01\x01", "EF.DG1"), (b"\x01\x0F", "EF.DG15"), (b"\x01\x02", "EF.DG2")] {
        card.select_ef(id, name, true).map_err(failed)?;
        card.read_data_from_ef(true).map_err(failed)?;
    }
    Ok(())
}

struct Wire(pcsc::Card);

impl Transceiver for Wire {
    fn transceive(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiveError> {
        let mut buffer = vec![0; 65_538];
        self.0.transmit(command, &mut buffer).map(<[u8]>::to_vec).map_err(|error| TransceiveError::new(error.to_string()))
    }
}

fn by_dmrtd(reader: &str) -> Outcome {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let card = context.connect(&CString::new(reader)?, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)?;
    let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).ok_or("no date");
    let key = dmrtd::proto::dba_key::DBAKey::new(NUMBER, date(1990, 2, 3)?, date(2035, 5, 31)?, false)?;
    let mut passport = dmrtd::passport::Passport::new(Wire(card));
    passport.start_session(key)?;
    passport.read_ef_com()?;
    passport.read_ef_sod()?;
    passport.read_ef_dg1()?;
    // The synthetic DG2 holds no picture this crate could parse: the file is read all the same.
    let _ = passport.read_ef_dg2();
    passport.read_ef_dg15()?;
    passport.active_authenticate(&[1, 2, 3, 4, 5, 6, 7, 8])?;
    Ok(())
}

fn main() -> Outcome {
    let rounds = std::env::args().nth(1).map_or(Ok(5), |text| text.parse::<u32>())?;
    let profile = profile()?;
    let (counts, stop) = (Counts::default(), Stop::new());
    let mut card = Counted { card: simulator::place(&profile)?, counts: counts.clone() };
    let serving = stop.clone();
    let server = std::thread::spawn(move || serve(&mut card, &ServeOptions::default(), &serving).map(drop));
    let reader = "Virtual PCD 00 00";
    let begun = Instant::now();
    let readers = PcscReaders::new(ReadersConfig::with_virtual_pcd());
    while !readers.list().is_ok_and(|list| list.iter().any(|info| info.name == reader && info.card_present)) {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err("no card in the virtual reader: is pcscd running, with vpcd?".into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    type Way<'a> = (&'a str, Box<dyn Fn() -> Outcome + 'a>, &'a str);
    let ways: [Way<'_>; 3] = [
        ("Madoguchi", Box::new(|| ours(reader, &profile)), "BAC, AA"),
        ("emrtd 0.0.2", Box::new(|| by_emrtd(reader)), "BAC"),
        ("dmrtd 0.3.5", Box::new(|| by_dmrtd(reader)), "BAC, AA"),
    ];
    let mut results = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((name, read, _), results) in ways.iter().zip(&mut results) {
            counts.take();
            let begun = Instant::now();
            read().map_err(|error| format!("{name}: {error}"))?;
            let wall = begun.elapsed().as_secs_f64();
            let (apdus, bytes) = counts.take();
            results.push((wall, apdus, bytes));
        }
    }
    stop.stop();
    let _ = server.join();
    println!("| reader | proves | APDUs | bytes | s at 80 kB/s | of it | ms through pcscd (median of {rounds}) | of it |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut first = None;
    for ((name, _, proves), mut results) in ways.iter().zip(results) {
        results.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (wall, apdus, bytes) = results[results.len() / 2];
        let clocked = apdus as f64 * 0.015 + bytes as f64 / 80_000.0;
        let (of_clocked, of_wall) = *first.get_or_insert((clocked, wall));
        println!(
            "| {name} | {proves} | {apdus} | {bytes} | {clocked:.2} | {:.2} | {:.0} | {:.2} |",
            of_clocked / clocked,
            wall * 1000.0,
            of_wall / wall
        );
    }
    Ok(())
}
