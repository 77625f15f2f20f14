//! What must hold whatever happens in whatever order.

mod support;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use session::view::{DeviceState, Outcome, Screen};
use session::{
    ChipPictures, ConsentHow, Devices, DocumentChoice, Effect, Event, FailureCode, HumanVerdict, Language, NoticeId,
    Occupation, Purpose, ReadProgress, RefusalReason, Role, Session, SessionId, UserIntent,
};
use support::{amber_verdict, evidence, green_verdict, notices, red_verdict};

/// A step of a random history. Tickets and identifiers are filled in from the last effect when it is performed.
#[derive(Debug, Clone)]
enum Step {
    User(UserIntent),
    Card(bool),
    ReadDone,
    ReadFailed(FailureCode),
    Progress,
    Verdict(u8),
    Portrait,
    Photo(bool),
    Sealed(bool),
    Opened(bool),
    Wiped,
    Wait(i64),
}

fn intents() -> impl Strategy<Value = UserIntent> {
    let key = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    prop_oneof![
        Just(UserIntent::Start),
        Just(UserIntent::ChooseLanguage { language: Language::En }),
        any::<bool>().prop_map(|face_photo| UserIntent::GiveConsent {
            optional: vec![NoticeId::C8],
            face_photo,
            how: ConsentHow::Touch
        }),
        Just(UserIntent::RefuseConsent),
        Just(UserIntent::Declare { purpose: Purpose::Living, occupation: Occupation::Student, own_behalf: true }),
        Just(UserIntent::ChooseDocument { document: DocumentChoice::Passport }),
        Just(UserIntent::EnterMrz { text: key.to_owned() }),
        ".{0,50}".prop_map(|text| UserIntent::EnterMrz { text }),
        Just(UserIntent::Back),
        Just(UserIntent::Retry),
        Just(UserIntent::StaffDisplayed),
        Just(UserIntent::ConfirmData),
        Just(UserIntent::DisputeData),
        Just(UserIntent::TakePhoto),
        Just(UserIntent::RetakePhoto),
        Just(UserIntent::UsePhoto),
        Just(UserIntent::SkipFace),
        Just(UserIntent::JudgeFace { verdict: HumanVerdict::Same }),
        Just(UserIntent::JudgeFace { verdict: HumanVerdict::Unsure }),
        any::<bool>().prop_map(|residence_later| UserIntent::Accept { residence_later }),
        Just(UserIntent::AnotherDocument),
        Just(UserIntent::Refuse { reason: RefusalReason::DataMismatch }),
        Just(UserIntent::Paper),
        Just(UserIntent::Finish),
        Just(UserIntent::Stop),
        Just(UserIntent::Extend),
    ]
}

/// Steps that lead forward are likelier than chance, so that histories reach the far states.
fn steps() -> impl Strategy<Value = Step> {
    let failure = prop::sample::select(FailureCode::ALL);
    prop_oneof![
        10 => intents().prop_map(Step::User),
        3 => any::<bool>().prop_map(Step::Card),
        4 => Just(Step::ReadDone),
        1 => failure.prop_map(Step::ReadFailed),
        1 => Just(Step::Progress),
        4 => (0_u8..4).prop_map(Step::Verdict),
        4 => Just(Step::Portrait),
        2 => any::<bool>().prop_map(Step::Photo),
        2 => any::<bool>().prop_map(Step::Sealed),
        2 => (0_u8..8).prop_map(|n| Step::Opened(n > 0)),
        1 => Just(Step::Wiped),
        3 => (0_i64..5).prop_map(Step::Wait),
        1 => (50_i64..2000).prop_map(Step::Wait),
    ]
}

/// Walks the usual way, or a random step instead with some chance: most histories get far.
fn usual_way() -> Vec<Step> {
    let key = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    vec![
        Step::User(UserIntent::Start),
        Step::Opened(true),
        Step::User(UserIntent::ChooseLanguage { language: Language::Ja }),
        Step::User(UserIntent::GiveConsent { optional: vec![], face_photo: true, how: ConsentHow::Touch }),
        Step::User(UserIntent::Declare {
            purpose: Purpose::Salary,
            occupation: Occupation::Employee,
            own_behalf: true,
        }),
        Step::User(UserIntent::ChooseDocument { document: DocumentChoice::Passport }),
        Step::User(UserIntent::EnterMrz { text: key.to_owned() }),
        Step::Card(true),
        Step::Progress,
        Step::ReadDone,
        Step::Verdict(0),
        Step::Portrait,
        Step::Wait(2),
        Step::User(UserIntent::StaffDisplayed),
        Step::User(UserIntent::ConfirmData),
        Step::User(UserIntent::TakePhoto),
        Step::Photo(true),
        Step::User(UserIntent::UsePhoto),
        Step::Wait(2),
        Step::User(UserIntent::JudgeFace { verdict: HumanVerdict::Same }),
        Step::User(UserIntent::Accept { residence_later: true }),
        Step::Sealed(true),
        Step::User(UserIntent::Finish),
        Step::Wiped,
    ]
}

fn histories() -> impl Strategy<Value = Vec<Step>> {
    let usual = usual_way();
    let detours = prop::collection::vec(prop::collection::vec(steps(), 0..3), usual.len());
    let mixed = detours.prop_map(move |detours| {
        usual
            .iter()
            .cloned()
            .zip(detours)
            .flat_map(|(step, detour)| detour.into_iter().chain([step]))
            .collect::<Vec<_>>()
    });
    prop_oneof![mixed, prop::collection::vec(steps(), 0..120)]
}

/// Performs a history and checks every invariant after every step.
struct Walk {
    session: Option<Session>,
    now: Timestamp,
    ticket: u32,
    id: Option<SessionId>,
    ids: u8,
    consented: bool,
    red: bool,
    shown_at: Option<Timestamp>,
    portrayed: bool,
    displayed: bool,
    wiping: bool,
    accepted: u32,
}

impl Walk {
    fn new() -> Self {
        let now = "2026-11-24T01:00:00Z".parse().unwrap();
        Self {
            session: Some(Session::new(now)),
            now,
            ticket: 0,
            id: None,
            ids: 0,
            consented: false,
            red: false,
            shown_at: None,
            portrayed: false,
            displayed: false,
            wiping: false,
            accepted: 0,
        }
    }

    fn step(&mut self, step: Step) {
        let ticket = self.ticket;
        let id = self.id.unwrap_or_else(|| SessionId::from_bytes([9; 16]));
        let event = match step {
            Step::User(intent) => Event::User(intent),
            Step::Card(card_present) => {
                Event::Devices(Devices { reader: DeviceState::Ready, card_present, ..Devices::default() })
            }
            Step::ReadDone => Event::ReadDone { ticket, evidence: Arc::new(evidence()) },
            Step::ReadFailed(code) => Event::ReadFailed { ticket, failure: code.into(), looks_like: None },
            Step::Progress => {
                let progress = ReadProgress::Reading { file: "DG2".to_owned(), bytes: 5, of: 10 };
                Event::Progress { ticket, progress }
            }
            Step::Verdict(which) => {
                let verdict = [green_verdict, green_verdict, amber_verdict, red_verdict][usize::from(which)]();
                if self.session.as_ref().unwrap().state_name() == "verifying" {
                    self.red = verdict.level() == trust::Level::Red;
                }
                Event::VerdictReady { ticket, verdict: Box::new(verdict) }
            }
            Step::Portrait => Event::PicturesReady { ticket, pictures: ChipPictures::default() },
            Step::Photo(true) => Event::PhotoTaken { ticket, jpeg: vec![0xFF, 0xD8] },
            Step::Photo(false) => Event::PhotoFailed { ticket, failure: FailureCode::CameraStalled.into() },
            Step::Sealed(true) => Event::Sealed { id },
            Step::Sealed(false) => Event::SealFailed { id, failure: FailureCode::StoreFull.into() },
            Step::Opened(true) => {
                self.ids = self.ids.wrapping_add(1);
                let id = SessionId::from_time(self.now, [self.ids; 10]);
                if self.session.as_ref().unwrap().state_name() == "opening" {
                    self.id = Some(id);
                }
                Event::Opened { id, notices: notices() }
            }
            Step::Opened(false) => Event::OpenFailed(FailureCode::StoreFull.into()),
            Step::Wiped => Event::Wiped,
            Step::Wait(seconds) => {
                self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
                Event::Tick
            }
        };
        self.feed(event);
    }

    fn feed(&mut self, event: Event) {
        let session = self.session.take().unwrap();
        let before = session.state_name();
        let consents = matches!(&event, Event::User(UserIntent::GiveConsent { .. })) && before == "notice";
        let portrait = matches!(&event, Event::PicturesReady { .. }) && before == "show_chip_data" && !self.portrayed;
        let next = session.handle(event, self.now);
        let after = next.session.state_name();
        self.consented |= consents;
        if after == "show_chip_data" && before != after {
            self.portrayed = false;
        }
        if portrait {
            self.portrayed = true;
            self.shown_at = Some(self.now);
        }
        if before == "show_chip_data" && (after == "confirm_data" || after == "decide") {
            assert!(self.portrayed, "left before the portrait was shown");
            let shown_at = self.shown_at.unwrap();
            assert!(
                self.now.duration_since(shown_at) >= session::STAFF_DISPLAY,
                "left after less than the display time"
            );
            self.displayed = true;
        }
        if after == "choose_document" {
            self.displayed = false;
        }
        for effect in &next.effects {
            self.check_effect(effect);
        }
        if after == "idle" && before != "idle" {
            assert!(before == "wiping", "{before} left without wiping");
            assert!(self.wiping, "idle before everything was wiped");
            *self = Self { session: None, now: self.now, ids: self.ids, ..Self::new() };
        }
        check_views(&next.session, self.now);
        self.session = Some(next.session);
    }

    fn check_effect(&mut self, effect: &Effect) {
        match effect {
            Effect::ReadChip { ticket, .. } => {
                assert!(self.consented, "a chip is read before consent");
                self.ticket = *ticket;
            }
            Effect::TakePhoto { ticket } => {
                assert!(self.consented, "a photo is taken before consent");
                self.ticket = *ticket;
            }
            Effect::OpenCamera => assert!(self.consented, "the camera is open before consent"),
            Effect::Judge { ticket, .. } => self.ticket = *ticket,
            Effect::Seal(accepted) => {
                assert!(self.consented && self.displayed && !self.red);
                assert_eq!(Some(accepted.id), self.id);
                assert!(session::evidence_of(&accepted.items).is_ok());
                self.accepted += 1;
            }
            Effect::Wipe { .. } => self.wiping = true,
            Effect::Open | Effect::StopReading | Effect::CloseCamera | Effect::Deliver => {}
        }
    }
}

fn check_views(session: &Session, now: Timestamp) {
    for role in Role::ALL {
        let view = session.view(role, now);
        let json = serde_json::to_string(&view).unwrap();
        assert!(!json.contains("L898902C3"), "the document number before {role:?}");
        assert!(!json.contains("740812"), "digits of the key before {role:?}");
        assert!(!json.contains("\"sex\""));
        if role == Role::Customer {
            assert!(!json.contains("chip_genuine") && !json.contains("SUSPICION"), "staff matters before the customer");
        }
        if let Screen::Decide { decision: Some(decision) } = &view.screen {
            let red =
                decision.chip.verdict.as_ref().is_some_and(|verdict| verdict.level == session::view::LevelView::Red);
            assert!(!(red && decision.can_accept));
        }
    }
    let _ = session.wake_at(now);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 4000 }))]

    #[test]
    fn the_invariants_hold_in_every_history(history in histories()) {
        let mut walk = Walk::new();
        for step in history {
            walk.step(step);
        }
    }

    #[test]
    fn stop_ends_every_unsealed_session(history in histories()) {
        let mut walk = Walk::new();
        for step in history {
            walk.step(step);
        }
        let state = walk.session.as_ref().unwrap().state_name();
        walk.feed(Event::User(UserIntent::Stop));
        let after = walk.session.as_ref().unwrap().state_name();
        if !["idle", "opening", "sealing", "receipt", "wiping"].contains(&state) {
            assert_eq!(after, "wiping", "stop did nothing in {state}");
        }
    }
}

#[test]
fn the_usual_way_ends_accepted() {
    let mut walk = Walk::new();
    let way = usual_way();
    for step in way.iter().take(way.len() - 2).cloned() {
        walk.step(step);
    }
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "receipt");
    assert_eq!(walk.accepted, 1);
}

#[test]
fn nobody_there_ends_in_a_countdown_and_a_wipe() {
    let mut walk = Walk::new();
    for step in usual_way().into_iter().take(4) {
        walk.step(step);
    }
    walk.step(Step::Wait(61));
    let warning = |walk: &Walk| walk.session.as_ref().unwrap().view(Role::Customer, walk.now).head.time_warning;
    assert_eq!(warning(&walk), Some(29));
    walk.step(Step::User(UserIntent::Extend));
    assert_eq!(warning(&walk), None);
    walk.step(Step::Wait(91));
    let view = walk.session.as_ref().unwrap().view(Role::Customer, walk.now);
    assert!(matches!(view.screen, Screen::Wiping { outcome: Outcome::Expired, .. }));
}

#[test]
fn a_card_may_be_lifted_three_times() {
    let mut walk = Walk::new();
    for step in usual_way().into_iter().take(8) {
        walk.step(step);
    }
    for _ in 0..3 {
        walk.step(Step::Card(false));
        walk.step(Step::ReadFailed(FailureCode::CardRemoved));
        assert_eq!(walk.session.as_ref().unwrap().state_name(), "await_card");
        walk.step(Step::Card(true));
        assert_eq!(walk.session.as_ref().unwrap().state_name(), "reading");
    }
    walk.step(Step::ReadFailed(FailureCode::CardRemoved));
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "choose_document");
}

#[test]
fn a_card_that_failed_and_still_lies_there_is_not_read_again_by_itself() {
    let mut walk = Walk::new();
    for step in usual_way().into_iter().take(8) {
        walk.step(step);
    }
    walk.step(Step::ReadFailed(FailureCode::SmMacInvalid));
    walk.step(Step::Card(true));
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "await_card");
    walk.step(Step::User(UserIntent::Retry));
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "reading");
}

#[test]
fn an_answer_to_an_older_question_is_ignored() {
    let mut walk = Walk::new();
    for step in usual_way().into_iter().take(8) {
        walk.step(step);
    }
    walk.ticket = walk.ticket.wrapping_sub(1);
    walk.step(Step::ReadDone);
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "reading");
}

#[test]
fn an_unknown_issuer_cannot_be_accepted() {
    let mut walk = Walk::new();
    for step in usual_way().into_iter().take(20) {
        let step = if matches!(step, Step::Verdict(_)) { Step::Verdict(2) } else { step };
        walk.step(step);
    }
    assert_eq!(walk.session.as_ref().unwrap().state_name(), "decide");
    assert_eq!(walk.accepted, 0);
}
