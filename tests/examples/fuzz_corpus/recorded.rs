//! What the simulated chip answered to a terminal with a known seed.

use std::cell::RefCell;

use apdu::tlv::{Tag, encode};
use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::licence::{LicencePins, LicencePlan};
use chip::mrtd::{AccessKey, Can, InspectPlan, MrtdEvidence, MrzKey, card_access, inspect, pace};
use chip::my_number::{Lane, NumberB, Request};
use chip::pin::{Pin, UserPin};
use chip::residence::CardNumber;
use chip_crypto::curve::NamedCurve;
use chip_crypto::random::SeededRandom;
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::licence::Persona;
use simulator::my_number::CardPlan;
use simulator::residence::{IssuerPlan, ResidencePki};
use simulator::{Cipher, Mapping, PaceVariant, Profile, SimulatedCard};

use super::fixed::{
    CAN, CARD_NUMBER, HOLDER, LICENCE_PIN_1, LICENCE_PIN_2, NUMBER_B, TERMINAL_SEED, TEXT_PIN, USER_PIN,
};
use super::{Failure, Folder, blocks};

struct Recorded<'r> {
    card: Box<dyn SimulatedCard>,
    answers: &'r RefCell<Vec<Vec<u8>>>,
}

impl Card for Recorded<'_> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let response = self.card.transmit(command)?;
        self.answers.borrow_mut().push(response.encode());
        Ok(response)
    }
}

/// Answers the evidence of a whole reading besides.
pub fn write(to: &Folder) -> Result<MrtdEvidence, Failure> {
    secure_messaging(to)?;
    my_number(to)?;
    residence(to)?;
    licence(to)?;
    let pki = TestPki::generate(&PkiPlan::default())?;
    let variant = |cipher, parameter_id, mapping| PaceVariant { cipher, parameter_id, mapping };
    for (name, arc, offered) in [
        ("generic-aes128-p256r1", [2, 2], variant(Cipher::Aes128, 12, Mapping::Generic)),
        ("generic-3des-bp192", [2, 1], variant(Cipher::TripleDes, 9, Mapping::Generic)),
        ("generic-aes256-p521r1", [2, 4], variant(Cipher::Aes256, 18, Mapping::Generic)),
        ("integrated-aes128-bp256", [4, 2], variant(Cipher::Aes128, 13, Mapping::Integrated)),
        ("generic-modp1024", [1, 2], variant(Cipher::Aes128, 0, Mapping::Generic)),
        ("chip-aes128-p256r1", [6, 2], variant(Cipher::Aes128, 12, Mapping::ChipAuthentication)),
    ] {
        let parameters = offered.parameter_id;
        let plan = PassportPlan { pace: vec![offered], ..PassportPlan::default() };
        let profile = Profile { seed: Some(1), ..pki.issue(&plan)? };
        let infos = card_access::parse(&profile.master_files["011C"].bytes(&profile.base)?)?;
        let answers = RefCell::new(Vec::new());
        let card = Recorded { card: simulator::place(&profile)?, answers: &answers };
        pace(card, &infos.pace[0], &AccessKey::Can(Can::parse(CAN)?), &mut SeededRandom::new(TERMINAL_SEED))?;
        let choice = [arc[0], arc[1], parameters];
        to.seed("pace_flow", name, [&choice[..], &blocks(answers.take())].concat())?;
    }
    to.seed("pace_flow", "refused", [&[2, 2, 13][..], &blocks([[0x63, 0x00]])].concat())?;

    let bac = PassportPlan { pace: Vec::new(), ..PassportPlan::default() };
    let no_chip = PassportPlan { pace: Vec::new(), chip: None, ..PassportPlan::default() };
    let mapped = PassportPlan {
        pace: vec![variant(Cipher::Aes128, 12, Mapping::ChipAuthentication)],
        chip: Some((NamedCurve::Secp256r1, Cipher::Aes128)),
        ..PassportPlan::default()
    };
    let mut evidence = None;
    for (name, plan) in [("pace", PassportPlan::default()), ("bac", bac), ("bac-active", no_chip), ("mapping", mapped)]
    {
        let (seed, read) = reading(&Profile { seed: Some(1), ..pki.issue(&plan)? })?;
        to.seed("whole_card", name, seed)?;
        evidence.get_or_insert(read);
    }
    to.seed(
        "whole_card",
        "no-passport",
        blocks([vec![0x3B, 0x80, 0x80, 1, 1], vec![0x6A, 0x82], vec![0x6A, 0x82], vec![0x6A, 0x82]]),
    )?;
    let transcript = |evidence: &MrtdEvidence| {
        let bare = MrtdEvidence { files: Default::default(), ..evidence.clone() };
        serde_json::to_vec(&chip::ChipEvidence::Mrtd(bare))
    };
    let evidence = evidence.ok_or("nothing was read")?;
    // Numbers as the target counts the files; the face stays out, it is half of the corpus already.
    let names = ["EF.CardAccess", "EF.CardSecurity", "EF.COM", "EF.SOD", "DG1", "DG2", "DG14", "DG15"];
    let files = evidence.files.iter().filter_map(|(file, bytes)| {
        let number = names.iter().position(|name| *name == file.name()).filter(|number| *number != 5)?;
        Some([&[number as u8][..], bytes].concat())
    });
    to.seed("evidence", "specimen", blocks(std::iter::once(transcript(&evidence)?).chain(files)))?;
    to.seed(
        "evidence",
        "nothing-read",
        blocks([transcript(&MrtdEvidence { active: None, chip: None, ..evidence.clone() })?]),
    )?;
    Ok(evidence)
}

fn reading(profile: &Profile) -> Result<(Vec<u8>, MrtdEvidence), Failure> {
    let card = simulator::place(profile)?;
    let answers = RefCell::new(vec![card.atr().to_vec()]);
    let key = AccessKey::Mrz(MrzKey::new(HOLDER[0], HOLDER[1], HOLDER[2])?);
    let plan = InspectPlan { allow_bac_after_pace_failure: true, ..InspectPlan::default() };
    let card = Recorded { card, answers: &answers };
    let evidence = inspect(card, &key, &plan, &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {})?;
    Ok((blocks(answers.take()), evidence))
}

/// Readings of licences, and small files of them.
fn licence(to: &Folder) -> Result<(), Failure> {
    for persona in ["licence", "licence-changed", "licence-no-pin"] {
        let answers = RefCell::new(Vec::new());
        let card = Recorded { card: simulator::licence::place(&Persona::built_in(persona)?)?, answers: &answers };
        let pins = LicencePins {
            pin1: Some(Pin::parse(LICENCE_PIN_1)?),
            pin2: Some(Pin::parse(LICENCE_PIN_2)?),
            ..LicencePins::default()
        };
        let evidence = chip::licence::inspect(card, pins, &LicencePlan::default(), &mut |_| {})?;
        to.seed("licence_card", persona, blocks(answers.take()))?;
        to.seed("licence_files", &format!("{persona}-common"), &evidence.common)?;
        to.seed("licence_files", &format!("{persona}-pins"), &evidence.pin_setting)?;
        if let Some(signature) = evidence.signature {
            to.seed("licence_files", &format!("{persona}-signature"), signature)?;
        }
    }
    to.seed("licence_text", "name", simulator::licence::jis("見本　太郎")?)?;
    to.seed("licence_text", "external", [0x21, 0x21, 0x7F, 0x21, 0xFF, 0xF1, 0x00])?;
    to.seed("licence_card", "locked", blocks([[0x90, 0]; 3].iter().chain(&[[0x63, 0xC0]; 4])))
}

/// Files of a My Number card but its face, whose images are larger than a seed may be, and readings of it both ways.
fn my_number(to: &Folder) -> Result<(), Failure> {
    let issued = simulator::my_number::issue(&CardPlan::default())?;
    for (location, file) in issued.contents.files.iter().filter(|(_, file)| file.len() <= 4000) {
        let target = if file.starts_with(&[0x30, 0x82]) { "x509" } else { "mynumber_aps" };
        let name = format!("mynumber-{}-{:04X}", location.application.word(), location.id);
        to.seed(target, &name, file)?;
    }
    let image = [0x89, b'P', b'N', b'G'];
    let key = [encode(Tag(0x90), &[1, 0, 1]), encode(Tag(0x91), &[0xC5; 256])].concat();
    let face = [
        (0xDF22, &b"19900203"[..]),
        (0xDF23, b"2"),
        (0xDF24, &key),
        (0xDF25, &image),
        (0xDF26, &image),
        (0xDF27, &image),
    ];
    let face: Vec<u8> = face.into_iter().flat_map(|(tag, value)| encode(Tag(tag), value)).collect();
    let face = [face, encode(Tag(0xDF28), &[7; 256]), encode(Tag(0xDF29), b"20350203")].concat();
    to.seed("mynumber_aps", "face", encode(Tag(0xFF20), &face))?;
    to.seed("mynumber_aps", "digits", "1234-5678-9018")?;
    for (name, way, lane) in [
        ("number-b", &[][..], Lane::NumberB(NumberB::parse(NUMBER_B)?)),
        ("text-pin", &[1][..], Lane::TextPin(Pin::parse(TEXT_PIN)?)),
    ] {
        let answers = RefCell::new(vec![way.to_vec()]);
        let card =
            Recorded { card: simulator::my_number::place(issued.contents.clone(), Vec::new()), answers: &answers };
        let request = Request {
            lane: Some(lane),
            user_certificate: true,
            user_pin: Some(Pin::<UserPin>::parse(USER_PIN)?),
            ..Request::default()
        };
        chip::my_number::inspect(card, request, &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {})?;
        let mut recorded = blocks(answers.take());
        recorded.truncate(20_000);
        to.seed("mynumber_card", name, recorded)?;
    }
    let locked = [vec![], vec![0x90, 0], vec![0x69, 0x83], vec![0x69, 0x83]];
    to.seed("mynumber_card", "locked", blocks(locked))?;
    to.seed(
        "mynumber_card",
        "wrong",
        blocks([vec![], vec![0x90, 0], vec![0x63, 0xC3], vec![0x63, 0xC2], vec![0x63, 0xC2]]),
    )
}

/// Files of residence cards of both generations, as far as a seed may be so large, and a reading of the second.
fn residence(to: &Folder) -> Result<(), Failure> {
    let pki = ResidencePki::generate(&IssuerPlan::default())?;
    for name in ["residence-first", "residence-second"] {
        let profile = pki.issue(&simulator::residence::Persona::built_in(name)?)?;
        for place in profile.files.keys() {
            let file = profile.file(place)?;
            if file.len() <= 4000 {
                to.seed("residence_files", &format!("{name}-{}", place.replace('/', "-").to_lowercase()), file)?;
            }
        }
    }
    let mut profile = pki.issue(&simulator::residence::Persona::built_in("residence-second")?)?;
    profile.seed = Some(1);
    let answers = RefCell::new(Vec::new());
    let card = Recorded { card: profile.place()?, answers: &answers };
    let number = CardNumber::parse(CARD_NUMBER)?;
    let plan = chip::residence::InspectPlan::default();
    chip::residence::inspect(card, &number, &plan, &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {})?;
    let mut recorded = blocks(answers.take());
    recorded.truncate(20_000);
    let picture = simulator::residence::tiff(&simulator::residence::Picture::new(64, 16));
    to.seed("scan", "white", picture)?;
    to.seed("residence_card", "second", recorded)?;
    to.seed("residence_card", "refused", blocks([vec![0x90, 0], vec![0xC2, 1, b'1', 0x90, 0], vec![0x69, 0x82]]))?;
    for (name, root) in
        simulator::test_issuers()?.iter().filter(|(kind, _)| *kind == "jpki").zip(0..).map(|(r, n)| (n, &r.1))
    {
        to.seed("jpki_cert", &format!("root-{name}"), root)?;
    }
    let issued = simulator::my_number::issue(&CardPlan::default())?;
    for (location, file) in issued.contents.files.iter().filter(|(_, file)| file.starts_with(&[0x30, 0x82])) {
        to.seed("jpki_cert", &format!("card-{:04X}", location.id), file)?;
    }
    Ok(())
}

fn secure_messaging(to: &Folder) -> Result<(), Failure> {
    let objects = [encode(Tag(0x87), &[1; 17]), encode(Tag(0x99), &[0x90, 0])].concat();
    for cipher in 0..4_u8 {
        to.seed(
            "sm_unwrap",
            &format!("anybody-{cipher}"),
            [&[cipher][..], &objects, &encode(Tag(0x8E), &[0; 8]), &[0x90, 0]].concat(),
        )?;
        to.seed("sm_unwrap", &format!("authenticated-{cipher}"), [&[4 | cipher][..], &objects].concat())?;
        to.seed("sm_unwrap", &format!("honest-{cipher}"), [&[8 | cipher][..], &[9; 231]].concat())?;
    }
    to.seed(
        "sm_unwrap",
        "odd-ins",
        [&[5][..], &encode(Tag(0x85), &[7; 16]), &encode(Tag(0x99), &[0x62, 0x82])].concat(),
    )?;
    to.seed("sm_unwrap", "status-only", [&[5][..], &encode(Tag(0x99), &[0x6A, 0x82])].concat())?;
    to.seed("sm_unwrap", "refused", [0, 0x69, 0x88])
}
