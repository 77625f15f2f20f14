//! The rows M01 to M14 of the negative matrix (security.md §8), each with its code, and what else can be wrong with a card.

use std::collections::BTreeSet;

use chip::my_number::redaction::holds_individual_number;
use chip::my_number::{CardKey, InspectError, KeyProof, MyNumberFile, Secret};
use chip::pin::{PinError, Tries};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::SignatureScheme;
use kiosk::Readers;
use session::{Failure, FailureCode};
use simulator::my_number::{Application, CardPlan, Contents, Issued, Location, MyNumberCard, cv_keys_json, place};
use simulator::{Fault, SimulatedCard, VirtualReaders};
use trust::my_number::{
    CertificateStatus, Hierarchy, MyNumberTrust, StatusAnswer, StatusQuestion, TrustInputError, judge,
    judge_with_status,
};
use trust::{Certificate, Chain, ChipGenuine, DataSignature, Finding, Level};

use crate::support::{
    Recorded, deciding, everything, issued, now, number_b, read, read_card, read_with, specimen, text_pin, trust,
    verdict, verifications, with_signature,
};

const SURFACE_KEY: Location = Location::new(Application::Surface, 0x001A);
const TEXT_KEY: Location = Location::new(Application::Text, 0x0013);
const SIGNATURE_KEY: Location = Location::new(Application::Jpki, 0x001A);

fn plan() -> CardPlan {
    CardPlan::default()
}

/// The code the catalogue has for the deciding finding, and that the finding's own name is the same.
fn code(verdict: &trust::ChipVerdict) -> &'static str {
    let finding = deciding(verdict).expect("a finding");
    let name = Failure::from(finding).code.name();
    assert_eq!(finding.code(), name);
    name
}

/// Exchanges bytes that occur once in a file.
fn exchange(file: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let at = file.windows(from.len()).position(|window| window == from).expect("the bytes are there");
    file.splice(at..at + from.len(), to.iter().copied());
}

#[test]
fn m01_a_certificate_of_an_unknown_root_with_a_known_name() {
    let plan = CardPlan { second_generation: true, ..plan() };
    let card = issued(&plan);
    let mut known = MyNumberTrust::new(Hierarchy::Test);
    let first = &card.trust.user_roots[0];
    known.add_root(first, &MyNumberTrust::fingerprint(first)).expect("a root");
    known.add_cv_keys(card.trust.cv_keys.as_bytes()).expect("keys");
    let evidence = read(&card.contents, everything(&plan)).expect("a reading");
    // Both roots have one name: only the key tells them apart.
    let names =
        card.trust.user_roots.each_ref().map(|root| Certificate::parse(root).expect("a root").subject().clone());
    assert!(names[0].matches(&names[1]));
    let verdict = judge(&evidence, &known, now());
    assert_eq!(code(&verdict), "JPKI_CA_UNKNOWN");
    assert_eq!((verdict.level(), &verdict.chain), (Level::Amber, &Chain::UntrustedIssuer));
    assert_eq!(deciding(&judge(&evidence, &trust(&card.trust), now())), Some(Finding::JpkiStatusPending));
}

fn answer(card: &Issued, status: CertificateStatus) -> (chip::my_number::MyNumberEvidence, StatusAnswer) {
    let evidence = read(&card.contents, with_signature(&plan(), number_b(&plan()))).expect("a reading");
    let file = &evidence.files[&MyNumberFile::SignatureCertificate];
    let certificate = Certificate::parse(file).expect("a certificate").sha256();
    let question = StatusQuestion { certificate, nonce: [7; 16], asked_at: now() };
    (evidence, StatusAnswer { certificate, nonce: Some([7; 16]), produced_at: now(), status, question })
}

#[test]
fn m02_a_revoked_certificate() {
    let card = specimen();
    let (evidence, revoked) = answer(&card, CertificateStatus::Revoked);
    let verdict = judge_with_status(&evidence, &trust(&card.trust), Some(&revoked), now());
    assert_eq!(code(&verdict), "JPKI_CERT_REVOKED");
    assert_eq!((verdict.level(), &verdict.chain), (Level::Red, &Chain::Revoked));
}

#[test]
fn m03_an_unknown_status_is_never_final() {
    let card = specimen();
    let (evidence, unknown) = answer(&card, CertificateStatus::Unknown);
    let (_, good) = answer(&card, CertificateStatus::Good);
    for status in [None, Some(&unknown)] {
        let verdict = judge_with_status(&evidence, &trust(&card.trust), status, now());
        assert_eq!((code(&verdict), verdict.level()), ("JPKI_STATUS_PENDING", Level::Amber));
    }
    let verdict = judge_with_status(&evidence, &trust(&card.trust), Some(&good), now());
    assert!(verdict.findings.is_empty() && verdict.level() == Level::Green, "{verdict:#?}");
}

#[test]
fn m04_an_answer_that_is_replayed_old_or_of_another_question() {
    let card = specimen();
    let (evidence, good) = answer(&card, CertificateStatus::Good);
    let hour = jiff::SignedDuration::from_hours(1);
    let bad = [
        StatusAnswer { nonce: None, ..good.clone() },
        StatusAnswer { nonce: Some([8; 16]), ..good.clone() },
        StatusAnswer { certificate: [0; 32], ..good.clone() },
        StatusAnswer { question: StatusQuestion { certificate: [0; 32], ..good.question.clone() }, ..good.clone() },
        StatusAnswer { produced_at: now() - hour, ..good.clone() },
        StatusAnswer { produced_at: now() + hour, ..good },
    ];
    for answer in bad {
        let verdict = judge_with_status(&evidence, &trust(&card.trust), Some(&answer), now());
        assert_eq!((code(&verdict), verdict.level()), ("JPKI_STATUS_INVALID", Level::Red), "{answer:?}");
    }
}

#[test]
fn m05_a_challenge_signed_by_another_key() {
    let mut card = specimen();
    let other = card.contents.keys[&TEXT_KEY].clone();
    card.contents.keys.insert(SIGNATURE_KEY, other);
    let verdict = verdict(&card, with_signature(&plan(), number_b(&plan())));
    assert_eq!((code(&verdict), verdict.level()), ("JPKI_SIG_INVALID", Level::Red));
    assert_eq!(verdict.chip_genuine, ChipGenuine::Failed);
}

#[test]
fn m06_an_old_signature_by_the_right_key() {
    let mut card = specimen();
    let scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
    let old =
        card.contents.keys[&SIGNATURE_KEY].sign(&scheme, &[1; 32], &mut SeededRandom::new(1)).expect("a signature");
    card.contents.canned.insert(SIGNATURE_KEY, old);
    let verdict = verdict(&card, with_signature(&plan(), number_b(&plan())));
    assert_eq!((code(&verdict), verdict.level()), ("JPKI_SIG_INVALID", Level::Red));
}

#[test]
fn m07_a_user_certificate_where_the_signature_certificate_belongs() {
    let plan = CardPlan { user_for_signature: true, ..plan() };
    let verdict = verdict(&issued(&plan), with_signature(&plan, number_b(&plan)));
    assert_eq!((code(&verdict), verdict.level()), ("JPKI_CERT_PURPOSE", Level::Red));
}

#[test]
fn m08_a_certificate_past_its_fifth_birthday_or_before_its_time() {
    let card = specimen();
    let evidence = read(&card.contents, with_signature(&plan(), number_b(&plan()))).expect("a reading");
    for (at, expected) in [
        ("2025-02-02T23:59:59Z", "JPKI_CERT_EXPIRED"),
        ("2025-02-03T00:00:00Z", "JPKI_STATUS_PENDING"),
        ("2030-02-03T14:59:59Z", "JPKI_STATUS_PENDING"),
        ("2030-02-03T15:00:00Z", "JPKI_CERT_EXPIRED"),
    ] {
        let verdict = judge(&evidence, &trust(&card.trust), at.parse().expect("a time"));
        assert_eq!(code(&verdict), expected, "{at}");
    }
}

#[test]
fn m09_changed_text() {
    for (from, to) in [("１番１号", "１番２号"), ("花子", "太郎"), ("19900203", "19900204")] {
        let mut card = specimen();
        let file = card.contents.file_mut(Application::Text, 0x0002).expect("the text");
        exchange(file, from.as_bytes(), to.as_bytes());
        let verdict = verdict(&card, text_pin(&plan()));
        assert_eq!((code(&verdict), verdict.level()), ("MN_ATTR_SIG_INVALID", Level::Red), "{from}");
        assert_eq!(verdict.data_signature, DataSignature::Invalid);
    }
}

#[test]
fn m10_the_photo_of_another_card() {
    let mut card = issued(&CardPlan { photo_suffix: vec![1; 16], ..plan() });
    let other = issued(&CardPlan { photo_suffix: vec![2; 16], ..plan() });
    let photo = |contents: &Contents| {
        let file = contents.files[&Location::new(Application::Surface, 0x0002)].clone();
        chip::my_number::surface::parse(&file).expect("a face").photo.to_vec()
    };
    let (own, foreign) = (photo(&card.contents), photo(&other.contents));
    exchange(card.contents.file_mut(Application::Surface, 0x0002).expect("the face"), &own, &foreign);
    let verdict = verdict(&card, number_b(&plan()));
    assert_eq!((code(&verdict), verdict.level()), ("MN_FACE_SIG_INVALID", Level::Red));
    assert!(verdict.check("face_signature").expect("a line").detail.ends_with("photo"));
}

#[test]
fn m11_a_certificate_of_another_person() {
    let other = CardPlan { certificate_name: Some("見本　太郎".into()), ..plan() };
    let differing = verdict(&issued(&other), with_signature(&other, text_pin(&other)));
    assert_eq!((code(&differing), differing.level()), ("MN_ATTR_CERT_MISMATCH", Level::Red));
    // Characters the certificate marks as substitutes may differ, and staff are told to look.
    let marked = CardPlan { name_substitutes: Some("00011".into()), ..other };
    let excused = verdict(&issued(&marked), with_signature(&marked, text_pin(&marked)));
    assert_eq!(excused.findings, [Finding::JpkiStatusPending]);
    assert!(excused.check("same_person").expect("a line").detail.contains("substitute"));
}

#[test]
fn m12_the_last_try_is_not_sent_and_a_blocked_secret_says_so() {
    for (left, code) in [(1, "PIN_LAST_TRY_CONSENT"), (0, "PIN_BLOCKED")] {
        let mut card = specimen();
        card.contents.secret_mut(Application::Jpki, 0x001B).expect("a secret").left = left;
        let (recorded, log) = Recorded::new(place(card.contents, Vec::new()));
        let error = read_card(recorded, with_signature(&plan(), text_pin(&plan()))).expect_err("not opened");
        assert!(matches!(error, InspectError::Secret { secret: Secret::SignaturePassword, .. }));
        assert_eq!(Failure::from(error).code.name(), code);
        assert_eq!(verifications(&log), 1, "the text PIN alone was sent");
    }
    let mut card = specimen();
    card.contents.secret_mut(Application::Jpki, 0x001B).expect("a secret").left = 1;
    let mut request = with_signature(&plan(), text_pin(&plan()));
    request.consent.signature_password = Some(chip::pin::LastTryConsent::given_by_customer_and_staff());
    assert!(read(&card.contents, request).is_ok(), "with consent the last try is used");
}

#[test]
fn m13_another_card_between_secret_and_signature() {
    let (card, plan) = (specimen(), plan());
    let (recorded, log) = Recorded::new(place(card.contents.clone(), Vec::new()));
    read_card(recorded, with_signature(&plan, text_pin(&plan))).expect("the undisturbed reading");
    let commands = log.lock().expect("one thread").clone();
    let last_secret = commands.iter().rposition(|c| c.ins == 0x20 && !c.data.is_empty()).expect("a VERIFY");
    for at in last_secret + 2..=commands.len() {
        let fault = Fault::Swap { at: at as u32 };
        let error = read_with(&card.contents, fault, with_signature(&plan, text_pin(&plan))).expect_err("no evidence");
        assert_eq!(Failure::from(error).code, FailureCode::CardChanged);
    }
}

/// Exchanges the card on a reader after so many commands, without the field ever being empty.
struct Exchanged {
    connection: Box<dyn kiosk::CardConnection>,
    reader: simulator::VirtualReader,
    after: usize,
    with: Option<Box<dyn SimulatedCard>>,
}

impl apdu::Card for Exchanged {
    fn transmit(&mut self, command: &apdu::CommandApdu) -> Result<apdu::ResponseApdu, apdu::TransportError> {
        if self.after == 0
            && let Some(card) = self.with.take()
        {
            self.reader.insert_card(card);
        }
        self.after = self.after.saturating_sub(1);
        self.connection.transmit(command)
    }
}

#[test]
fn m13_another_card_on_the_reader_between_secret_and_signature() {
    let (card, plan) = (specimen(), plan());
    let (readers, reader) = VirtualReaders::with_reader("counter");
    reader.insert_card(Box::new(MyNumberCard::new(card.contents.clone())));
    let all = read(&card.contents, with_signature(&plan, text_pin(&plan))).expect("a reading").counters.apdus;
    let exchanged = Exchanged {
        connection: readers.connect("counter").expect("a card"),
        reader,
        after: all as usize - 2,
        with: Some(place(card.contents, Vec::new())),
    };
    let error = read_card(exchanged, with_signature(&plan, text_pin(&plan))).expect_err("no evidence");
    assert_eq!(Failure::from(error).code, FailureCode::CardChanged);
}

#[test]
fn m14_no_individual_number_is_in_anything_that_is_kept() {
    // A card that would give every file to everybody, and has the number in each of its forms.
    let (mut card, plan) = (specimen(), plan());
    card.contents.generous = true;
    let number = &plan.individual_number;
    let picture = {
        let file = &card.contents.files[&Location::new(Application::Surface, 0x0005)];
        let outer = apdu::tlv::Reader::ber(file).next().expect("a template");
        apdu::tlv::Reader::ber(outer.value).next().expect("an image").value.to_vec()
    };
    let bcd: Vec<u8> = number.as_bytes().chunks(2).map(|pair| (pair[0] - b'0') << 4 | (pair[1] - b'0')).collect();
    let forms: Vec<Vec<u8>> = vec![
        number.clone().into_bytes(),
        number.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        number.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        number
            .chars()
            .map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xFF10).expect("a digit"))
            .collect::<String>()
            .into_bytes(),
        bcd,
        picture,
    ];
    for (name, request) in crate::support::lanes(&plan) {
        let evidence = read(&card.contents, request).expect(name);
        let verdict = judge(&evidence, &trust(&card.trust), now());
        let mut kept: Vec<Vec<u8>> = evidence.files.values().cloned().collect();
        kept.push(serde_json::to_vec(&verdict).expect("JSON"));
        kept.push(format!("{evidence:?} {verdict:?}").into_bytes());
        for (bytes, form) in kept.iter().flat_map(|bytes| forms.iter().map(move |form| (bytes, form))) {
            assert!(!bytes.windows(form.len()).any(|window| window == *form), "{name}");
        }
    }
}

#[test]
fn m14_a_number_that_stands_in_the_text_goes_no_further() {
    let plan = CardPlan { address: "架空県見本市１２３４５６７８９０１８".into(), ..plan() };
    let card = issued(&plan);
    let error = read(&card.contents, text_pin(&plan)).expect_err("not kept");
    assert_eq!(Failure::from(error).code.name(), "MYNUMBER_REDACTION");
    // Evidence that came by another way is judged likewise and shows nothing.
    let mut evidence = read(&specimen().contents, text_pin(&plan)).expect("a reading");
    let file = card.contents.files[&Location::new(Application::Text, 0x0002)].clone();
    assert!(holds_individual_number(&file));
    evidence.files.insert(MyNumberFile::Attributes, file);
    let verdict = judge(&evidence, &trust(&card.trust), now());
    assert_eq!((code(&verdict), verdict.level()), ("MYNUMBER_REDACTION", Level::Red));
    assert_eq!(verdict.fields, trust::HolderFields::default());
}

#[test]
fn a_copy_of_all_files_cannot_prove_the_keys() {
    let scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
    for location in [SURFACE_KEY, TEXT_KEY] {
        let mut copy = specimen();
        let key = copy.contents.keys.remove(&location).expect("a key");
        let refused = verdict(&copy, number_b(&plan()));
        assert_eq!((code(&refused), refused.level()), ("MN_CHIP_PROOF_REFUSED", Level::Amber));
        assert_eq!(refused.chip_genuine, ChipGenuine::NotChecked);
        // An answer overheard from the genuine card.
        let old = key.sign(&scheme, &[1; 32], &mut SeededRandom::new(1)).expect("a signature");
        copy.contents.canned.insert(location, old);
        let failed = verdict(&copy, number_b(&plan()));
        assert_eq!((code(&failed), failed.level()), ("MN_CHIP_PROOF_FAILED", Level::Red));
        assert_eq!(failed.chip_genuine, ChipGenuine::Failed);
    }
}

#[test]
fn a_forger_with_keys_of_his_own_is_not_known() {
    let card = specimen();
    let other = card.contents.keys[&SURFACE_KEY].clone();
    let evidence = read(&card.contents, number_b(&plan())).expect("a reading");
    let judged = |keys: &str| {
        let mut trust = MyNumberTrust::new(Hierarchy::Test);
        if !keys.is_empty() {
            trust.add_cv_keys(keys.as_bytes()).expect("keys");
        }
        judge(&evidence, &trust, now())
    };
    let nobody = judged("");
    assert_eq!((code(&nobody), nobody.level()), ("TRUST_STORE_EMPTY", Level::Amber));
    let stranger = judged(&cv_keys_json(&[("5000023", &other)]));
    assert_eq!((code(&stranger), stranger.level()), ("MN_ISSUER_UNKNOWN", Level::Amber));
    assert!(matches!(stranger.chip_genuine, ChipGenuine::NotBound { .. }));
    let namesake = judged(&cv_keys_json(&[("9900023", &other), ("9900033", &other)]));
    assert_eq!((code(&namesake), namesake.level()), ("MN_ISSUER_SIG_INVALID", Level::Red));
}

#[test]
fn the_face_of_one_card_and_the_text_of_another() {
    let other = issued(&CardPlan { birth: "19910203".into(), ..plan() });
    let mut card = specimen();
    for id in [0x0002, 0x0003] {
        let file = other.contents.files[&Location::new(Application::Text, id)].clone();
        *card.contents.file_mut(Application::Text, id).expect("a file") = file;
    }
    let verdict = verdict(&card, number_b(&plan()));
    assert_eq!((code(&verdict), verdict.level()), ("MN_APPLICATIONS_DIFFER", Level::Red));
}

#[test]
fn an_expired_card_is_said_to_be_by_a_date_that_is_not_signed() {
    let card = specimen();
    let evidence = read(&card.contents, number_b(&plan())).expect("a reading");
    let verdict = judge(&evidence, &trust(&card.trust), "2035-02-03T15:00:00Z".parse().expect("a time"));
    assert_eq!((code(&verdict), verdict.level()), ("DOCUMENT_EXPIRED", Level::Amber));
    let last_day = judge(&evidence, &trust(&card.trust), "2035-02-03T14:59:59Z".parse().expect("a time"));
    assert_eq!(last_day.level(), Level::Green);
}

#[test]
fn any_byte_changed_in_a_signed_part_is_found() {
    let card = specimen();
    let evidence = read(&card.contents, everything(&plan())).expect("a reading");
    let trusted = trust(&card.trust);
    let clean: BTreeSet<_> = judge(&evidence, &trusted, now()).findings.into_iter().collect();
    assert_eq!(clean, BTreeSet::from([Finding::JpkiStatusPending]));
    for (file, bytes) in &evidence.files {
        let object = |tag: [u8; 2]| bytes.windows(2).position(|pair| pair == tag).expect("the object");
        let unsigned = match file {
            // The expiry is the one thing on the face that nobody signed.
            MyNumberFile::CardFace => object([0xDF, 0x29])..bytes.len(),
            // Where the objects of the text begin: a table nobody uses.
            MyNumberFile::Attributes => object([0xDF, 0x22]) - 8..object([0xDF, 0x22]),
            // The algorithm stands again between the signed part and the signature, itself a BIT STRING of 2048 bits.
            MyNumberFile::UserCertificate | MyNumberFile::SignatureCertificate => {
                bytes.len() - 261 - 15..bytes.len() - 261
            }
            MyNumberFile::SurfaceCertificate
            | MyNumberFile::AttributeDigests
            | MyNumberFile::TextCertificate
            | MyNumberFile::TextKey => 0..0,
        };
        for at in (0..bytes.len()).step_by(3).filter(|at| !unsigned.contains(at)) {
            let mut changed = evidence.clone();
            changed.files.get_mut(file).expect("the file")[at] ^= 0x01;
            let verdict = judge(&changed, &trusted, now());
            assert!(verdict.findings.iter().any(|finding| !clean.contains(finding)), "{} at {at}", file.name());
        }
    }
    for key in CardKey::ALL {
        let KeyProof::Signed(transcript) = &evidence.proofs[&key] else { panic!("{key:?} was not proven") };
        for at in [0, 100, 255] {
            let (mut changed, mut transcript) = (evidence.clone(), transcript.clone());
            transcript.response[at] ^= 0x01;
            changed.proofs.insert(key, KeyProof::Signed(transcript));
            assert_eq!(judge(&changed, &trusted, now()).level(), Level::Red, "{key:?}");
        }
    }
}

#[test]
fn test_roots_and_test_keys_are_nobody_in_production() {
    let card = specimen();
    let mut production = MyNumberTrust::new(Hierarchy::Production);
    for root in card.trust.user_roots.iter().chain([&card.trust.signature_root]) {
        let vouched = MyNumberTrust::fingerprint(root);
        assert_eq!(production.add_root(root, &vouched), Err(TrustInputError::TestHierarchy));
    }
    assert_eq!(production.add_cv_keys(card.trust.cv_keys.as_bytes()), Ok(0));
    let evidence = read(&card.contents, everything(&plan())).expect("a reading");
    let verdict = judge(&evidence, &production, now());
    assert_eq!(verdict.chain, Chain::UntrustedIssuer);
    assert!(verdict.codes().contains(&"JPKI_CA_UNKNOWN".to_owned()) && verdict.level() != Level::Green);
    // Only the certificate that was vouched for is taken.
    let mut test = MyNumberTrust::new(Hierarchy::Test);
    let [first, second] = &card.trust.user_roots;
    assert_eq!(test.add_root(first, &MyNumberTrust::fingerprint(second)), Err(TrustInputError::Fingerprint));
}

#[test]
fn a_lost_reply_to_a_secret_is_followed_by_a_look_at_the_counter_alone() {
    let (card, plan) = (specimen(), plan());
    let (recorded, log) = Recorded::new(place(card.contents, vec![Fault::Reset { at: 4 }]));
    let error = read_card(recorded, text_pin(&plan)).expect_err("the reply is lost");
    let InspectError::Secret { source: PinError::ReplyLost { after, .. }, .. } = error else { panic!("{error:?}") };
    assert_eq!(after, Some(Tries::Left(3)));
    assert_eq!(verifications(&log), 1);
}
