//! The rows: a card, what opens it, and what must be said of it.

use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::SignatureScheme;
use simulator::issuer::Validity;
use simulator::licence::{Image, LicenceCard, Persona};
use simulator::my_number::{Application, CardPlan, Contents, Location, issue};
use simulator::residence::{IssuerPlan, ResidencePki, ResidenceProfile};
use simulator::{Fault, FaultyCard, SimulatedCard, licence, my_number};

use crate::{Rows, Said};

/// One row.
pub struct Row {
    pub id: &'static str,
    pub what: String,
    pub card: Card,
    pub key: Key,
    /// Whether the issuers of the document are believed.
    pub trusted: bool,
    pub at: &'static str,
    pub expected: Said,
}

/// Makes the card, anew for each way.
pub type Card = Box<dyn Fn() -> Box<dyn SimulatedCard>>;

/// What opens it.
pub enum Key {
    Licence { pin1: &'static str, pin2: &'static str },
    NumberB { number: String, sign: Option<String> },
    TextPin { pin: String, sign: Option<String> },
    Residence { number: String },
}

const NOW: &str = "2026-11-25T00:00:00Z";

pub fn rows() -> Rows {
    let mut rows = Rows::new();
    licences(&mut rows);
    my_number_cards(&mut rows);
    residence_cards(&mut rows);
    rows
}

fn row(id: &'static str, what: impl Into<String>, card: Card, key: Key, expected: Said) -> Row {
    Row { id, what: what.into(), card, key, trusted: true, at: NOW, expected }
}

fn said(code: &str, level: &str) -> Said {
    Said { code: code.to_owned(), level: Some(level.to_owned()) }
}

fn persona(name: &str) -> Persona {
    Persona::built_in(name).expect("a persona")
}

fn placed(persona: Persona) -> Card {
    Box::new(move || licence::place(&persona).expect("a card"))
}

fn licences(rows: &mut Rows) {
    const RIGHT: Key = Key::Licence { pin1: "1234", pin2: "5678" };
    let changed = |file: &str, offset, xor| {
        placed(persona("licence").with_fault(Fault::ChangedByte { file: file.to_owned(), offset, xor }))
    };
    rows.push(row("L01", "changed name", changed("DF1/0001", 6, 1), RIGHT, said("DL_SIG_INVALID", "red")));
    rows.push(row(
        "L01",
        "changed item that is not kept",
        changed("DF1/0001", 303, 1),
        RIGHT,
        said("DL_SIG_INVALID", "red"),
    ));
    rows.push(row("L01", "changed domicile", changed("DF1/0002", 3, 1), RIGHT, said("DL_SIG_INVALID", "red")));
    rows.push(row("L02", "changed photo", changed("DF2/0001", 1500, 0x40), RIGHT, said("DL_SIG_INVALID", "red")));
    let foreign: Card = Box::new(|| {
        let image = |name| LicenceCard::issue(&persona(name)).expect("a card").image().clone();
        let mut files = image("licence").files;
        files.insert("DF1/0007", image("licence-no-pin").files["DF1/0007"].clone());
        Box::new(FaultyCard::new(LicenceCard::from_image(Image { files }, &persona("licence")), Vec::new()))
    });
    rows.push(row("L03", "signature of another licence", foreign, RIGHT, said("DL_SIG_INVALID", "red")));
    let unknown =
        row("L04", "signer nobody knows", placed(persona("licence")), RIGHT, said("DL_SIGNER_UNKNOWN", "amber"));
    rows.push(Row { trusted: false, ..unknown });
    let wrong2 = Key::Licence { pin1: "1234", pin2: "0000" };
    rows.push(row("L06", "PIN 2 wrong", placed(persona("licence")), wrong2, Said::refused("DL_PIN2_WRONG(2)")));
    let wrong1 = Key::Licence { pin1: "0000", pin2: "5678" };
    rows.push(row("L06", "PIN 1 wrong", placed(persona("licence")), wrong1, Said::refused("PIN_WRONG(2)")));
    for (id, tries1, tries2, code) in [
        ("L07", 1, 3, "PIN_LAST_TRY_CONSENT"),
        ("L07", 3, 1, "PIN_LAST_TRY_CONSENT"),
        ("L08", 0, 3, "PIN_BLOCKED"),
        ("L08", 3, 0, "PIN_BLOCKED"),
    ] {
        let mut persona = persona("licence");
        (persona.tries1, persona.tries2) = (Some(tries1), Some(tries2));
        rows.push(row(id, format!("{tries1} and {tries2} tries left"), placed(persona), RIGHT, Said::refused(code)));
    }
    for broken in ["20", "200102"] {
        let mut persona = persona("licence-changed");
        persona.gaiji.insert("3".to_owned(), broken.to_owned());
        rows.push(row(
            "L09",
            format!("external character {broken}"),
            placed(persona),
            RIGHT,
            said("DL_GAIJI_INVALID", "amber"),
        ));
    }
    for (tag, date) in [("16", "4990601"), ("1B", "4990601"), ("18", "5071301")] {
        let persona = persona("licence").with_field(tag, date);
        rows.push(row("L10", format!("{tag} says {date}"), placed(persona), RIGHT, said("DATE_INVALID", "amber")));
    }
    rows.push(Row {
        at: "2030-05-01T15:00:00Z",
        ..row("L11", "expired", placed(persona("licence")), RIGHT, said("DOCUMENT_EXPIRED", "amber"))
    });
    let mut newer = persona("licence");
    newer.version = "099".to_owned();
    rows.push(row("L12", "unknown version", placed(newer), RIGHT, said("DL_LAYOUT_MISMATCH", "amber")));
    // Valid ones.
    rows.push(row("L00", "licence", placed(persona("licence")), RIGHT, said("-", "green")));
    rows.push(row("L00", "licence with changes", placed(persona("licence-changed")), RIGHT, said("-", "green")));
    rows.push(row("L00", "licence without PIN", placed(persona("licence-no-pin")), RIGHT, said("-", "green")));
    rows.push(Row {
        at: "2030-05-01T14:59:59Z",
        ..row("L00", "last day", placed(persona("licence")), RIGHT, said("-", "green"))
    });
    let short = Persona { extended: false, ..persona("licence") };
    rows.push(row("L00", "without extended length", placed(short), RIGHT, said("-", "green")));
    for (tag, text, what) in [("12", "見本", "short name"), ("17", "見本県", "short address")] {
        rows.push(row("L00", what, placed(persona("licence").with_field(tag, text)), RIGHT, said("-", "green")));
    }
}

fn my_number_cards(rows: &mut Rows) {
    let plan = CardPlan::default;
    let contents = |plan: &CardPlan| issue(plan).expect("the test issuers issue").contents;
    let with = |contents: Contents| -> Card { Box::new(move || my_number::place(contents.clone(), Vec::new())) };
    let number_b = |plan: &CardPlan, sign| Key::NumberB {
        number: plan.number_b(),
        sign: if sign { Some(plan.signature_password.clone()) } else { None },
    };
    let text_pin = |plan: &CardPlan, sign| Key::TextPin {
        pin: plan.text_pin.clone(),
        sign: if sign { Some(plan.signature_password.clone()) } else { None },
    };
    const SIGNATURE_KEY: Location = Location::new(Application::Jpki, 0x001A);
    const TEXT_KEY: Location = Location::new(Application::Text, 0x0013);

    let mut other_key = contents(&plan());
    let key = other_key.keys[&TEXT_KEY].clone();
    other_key.keys.insert(SIGNATURE_KEY, key);
    rows.push(row(
        "M05",
        "challenge signed by another key",
        with(other_key),
        number_b(&plan(), true),
        said("JPKI_SIG_INVALID", "red"),
    ));
    let mut old = contents(&plan());
    let scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
    let signature = old.keys[&SIGNATURE_KEY].sign(&scheme, &[1; 32], &mut SeededRandom::new(1)).expect("a signature");
    old.canned.insert(SIGNATURE_KEY, signature);
    rows.push(row("M06", "old signature", with(old), number_b(&plan(), true), said("JPKI_SIG_INVALID", "red")));
    let swapped = CardPlan { user_for_signature: true, ..plan() };
    rows.push(row(
        "M07",
        "user certificate in the other place",
        with(contents(&swapped)),
        number_b(&swapped, true),
        said("JPKI_CERT_PURPOSE", "red"),
    ));
    for (at, code, level) in [
        ("2025-02-02T23:59:59Z", "JPKI_CERT_EXPIRED", "red"),
        ("2030-02-03T15:00:00Z", "JPKI_CERT_EXPIRED", "red"),
        ("2030-02-03T14:59:59Z", "JPKI_STATUS_PENDING", "amber"),
    ] {
        rows.push(Row {
            at,
            ..row(
                "M08",
                format!("certificates at {at}"),
                with(contents(&plan())),
                text_pin(&plan(), true),
                said(code, level),
            )
        });
    }
    for (from, to) in [("１番１号", "１番２号"), ("花子", "太郎"), ("19900203", "19900204")] {
        let mut changed = contents(&plan());
        exchange(changed.file_mut(Application::Text, 0x0002).expect("the text"), from.as_bytes(), to.as_bytes());
        rows.push(row(
            "M09",
            format!("{from} is {to}"),
            with(changed),
            text_pin(&plan(), false),
            said("MN_ATTR_SIG_INVALID", "red"),
        ));
    }
    let photo = |contents: &Contents| {
        let file = contents.files[&Location::new(Application::Surface, 0x0002)].clone();
        chip::my_number::surface::parse(&file).expect("a face").photo.to_vec()
    };
    let mut own = contents(&CardPlan { photo_suffix: vec![1; 16], ..plan() });
    let foreign = photo(&contents(&CardPlan { photo_suffix: vec![2; 16], ..plan() }));
    let before = photo(&own);
    exchange(own.file_mut(Application::Surface, 0x0002).expect("the face"), &before, &foreign);
    rows.push(row(
        "M10",
        "photo of another card",
        with(own),
        number_b(&plan(), false),
        said("MN_FACE_SIG_INVALID", "red"),
    ));
    let other = CardPlan { certificate_name: Some("見本　太郎".into()), ..plan() };
    rows.push(row(
        "M11",
        "certificate of another person",
        with(contents(&other)),
        text_pin(&other, true),
        said("MN_ATTR_CERT_MISMATCH", "red"),
    ));
    for (left, code) in [(1, "PIN_LAST_TRY_CONSENT"), (0, "PIN_BLOCKED")] {
        let mut card = contents(&plan());
        card.secret_mut(Application::Text, 0x0011).expect("a secret").left = left;
        rows.push(row("M12", format!("{left} tries left"), with(card), text_pin(&plan(), false), Said::refused(code)));
    }
    let mut telling = contents(&plan());
    exchange(telling.file_mut(Application::Text, 0x0002).expect("the text"), "１番１号".as_bytes(), b"123456789018");
    rows.push(row(
        "M14",
        "Individual Number in the text",
        with(telling),
        text_pin(&plan(), false),
        Said::refused("MYNUMBER_REDACTION"),
    ));
    // Valid ones. A JPKI certificate is never final without an answer on revocation.
    let lead = CardPlan { lead: vec![0x0A, 0x0B], ..plan() };
    let second = CardPlan { second_generation: true, ..plan() };
    for (what, plan) in
        [("card", plan()), ("card with bytes before the text", lead), ("card of the second root", second)]
    {
        rows.push(row(
            "M00",
            format!("{what}, 照合番号B"),
            with(contents(&plan)),
            number_b(&plan, false),
            said("-", "green"),
        ));
        // The PIN lane does not give the expiry.
        rows.push(row(
            "M00",
            format!("{what}, PIN"),
            with(contents(&plan)),
            text_pin(&plan, false),
            said("-", "amber"),
        ));
        rows.push(row(
            "M03",
            format!("{what}, signature"),
            with(contents(&plan)),
            number_b(&plan, true),
            said("JPKI_STATUS_PENDING", "amber"),
        ));
    }
}

/// Exchanges bytes that occur once in a file.
fn exchange(file: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let at = file.windows(from.len()).position(|window| window == from).expect("the bytes are there");
    file.splice(at..at + from.len(), to.iter().copied());
}

fn residence_cards(rows: &mut Rows) {
    let issue_by = |plan: &IssuerPlan, name: &str| {
        let persona = simulator::residence::Persona::built_in(name).expect("a persona");
        ResidencePki::generate(plan).and_then(|pki| pki.issue(&persona)).expect("a card")
    };
    let issue = |name: &str| issue_by(&IssuerPlan::default(), name);
    let changed = |name: &str, file: &str, offset| {
        issue(name).with_fault(Fault::ChangedByte { file: file.to_owned(), offset, xor: 1 })
    };
    let on = |id, what: &str, profile: ResidenceProfile, expected| {
        let number = profile.card_number.clone();
        let card: Card = Box::new(move || profile.place().expect("a card"));
        row(id, what, card, Key::Residence { number }, expected)
    };
    let invalid = || said("RC_SIG_INVALID", "red");
    rows.push(on("R01", "changed front image", changed("residence-first", "DF1/05", 200), invalid()));
    rows.push(on(
        "R01",
        "changed front image, special permanent resident",
        changed("special-permanent-first", "DF1/05", 200),
        invalid(),
    ));
    rows.push(on("R01", "changed name image", changed("residence-second", "DF1/04", 200), invalid()));
    rows.push(on("R01", "changed birth date", changed("residence-second", "DF1/03", 19), invalid()));
    rows.push(on("R02", "changed photo", changed("residence-second", "DF1/04", 4000), invalid()));
    for (card, other) in
        [("residence-first", "special-permanent-first"), ("residence-second", "special-permanent-second")]
    {
        let signature = issue(other).file("DF3/02").expect("a signature");
        rows.push(on(
            "R03",
            &format!("signature of another card on {card}"),
            issue(card).with_file("DF3/02", &signature),
            invalid(),
        ));
    }
    let stranger = IssuerPlan { stranger: true, ..IssuerPlan::default() };
    for card in ["residence-first", "residence-second"] {
        rows.push(on(
            "R04",
            &format!("unknown signer of {card}"),
            issue_by(&stranger, card),
            said("RC_SIGNER_UNKNOWN", "amber"),
        ));
    }
    let late = IssuerPlan { signer_validity: Validity::new("270101000000Z", "360101000000Z"), ..IssuerPlan::default() };
    rows.push(on(
        "R04",
        "signer of the future",
        issue_by(&late, "residence-second"),
        said("RC_SIGNER_NOT_VALID_AT_SIGNING", "red"),
    ));
    for name in ["residence-first", "residence-second", "special-permanent-second"] {
        let refused = on("R05", &format!("wrong number for {name}"), issue(name), Said::refused("RC_ACCESS_KEY_WRONG"));
        rows.push(Row { key: Key::Residence { number: "ZZ99999999ZZ".to_owned() }, ..refused });
    }
    for name in ["residence-first", "residence-second"] {
        let profile = issue(name).with_fault(Fault::WrongMac { at: 5 });
        rows.push(on("R06", &format!("wrong code of {name}"), profile, Said::refused("SM_MAC_INVALID")));
    }
    let other = issue("residence-second-infant").file("DF1/01").expect("a number");
    for name in ["residence-second", "special-permanent-second"] {
        let profile = issue(name).with_file("DF1/01", &other);
        rows.push(on("R07", &format!("another number on {name}"), profile, said("RC_NUMBER_MISMATCH", "red")));
    }
    for (name, stated) in [("residence-first", "2"), ("residence-second", "06"), ("special-permanent-second", "05")] {
        let lying = issue(name).with_file("MF/0A", &[&[0xC1, stated.len() as u8], stated.as_bytes()].concat());
        rows.push(on("R09", &format!("{name} says {stated}"), lying, said("RC_LAYOUT_MISMATCH", "red")));
    }
    let ended = on("R10", "stay that ended", issue("residence-second"), said("DOCUMENT_EXPIRED", "amber"));
    rows.push(Row { at: "2029-06-30T15:00:00Z", ..ended });
    // Valid ones; the first generation states its dates in the image alone.
    for (name, level) in [
        ("residence-first", "amber"),
        ("residence-first-child", "amber"),
        ("special-permanent-first", "amber"),
        ("residence-second", "green"),
        ("residence-second-infant", "green"),
        ("residence-second-renewal", "amber"),
        ("special-permanent-second", "green"),
    ] {
        rows.push(on("R00", name, issue(name), said("-", level)));
    }
    let expired =
        IssuerPlan { signer_validity: Validity::new("250601000000Z", "261001000000Z"), ..IssuerPlan::default() };
    rows.push(on("R00", "signer expired since", issue_by(&expired, "residence-first"), said("-", "amber")));
    let last = on("R00", "last day of the stay", issue("residence-second"), said("-", "green"));
    rows.push(Row { at: "2029-06-30T14:59:59Z", ..last });
    let mut short = issue("residence-second");
    short.extended = false;
    rows.push(on("R00", "without extended length", short, said("-", "green")));
}
