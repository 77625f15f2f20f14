//! From a state to what a role may see of it (product.md §10.10).

use jiff::Timestamp;

use crate::choice::{DocumentChoice, Occupation, Purpose, RefusalReason, Role};
use crate::deciding::{closed_because, missing};
use crate::idle::{countdown, wait_ms};
use crate::machine::Session;
use crate::present_holder::holder_lines;
use crate::present_verdict::verdict_view;
use crate::state::{Compared, Deciding, Judged, Pictures, ReadingChip, State, WithFace};
use crate::talking::languages;
use crate::view::{
    ChipDataView, DecisionView, DeviceState, DocumentOption, FacesView, Head, HolderPicture, Photo, ReadingView,
    ReceiptView, Screen, SessionView,
};

pub(crate) fn view(session: &Session, role: Role, now: Timestamp) -> SessionView {
    SessionView { head: head(session, role, now), screen: screen(session, role, now) }
}

fn head(session: &Session, role: Role, now: Timestamp) -> Head {
    let Session { state, desk } = session;
    let id = if let State::Receipt(receipt) = state {
        Some(receipt.id.short())
    } else {
        state.opened().map(|opened| opened.id.short())
    };
    Head {
        role,
        session: id,
        language: state.language().unwrap_or(desk.language),
        can_stop: state.opened().is_some() && !matches!(state, State::Sealing(_)),
        can_go_back: matches!(
            state,
            State::Notice(_) | State::ChooseDocument(_) | State::AccessKey(_) | State::AwaitCard(_)
        ),
        time_warning: countdown(state, desk, now),
        message: desk.note.map(|note| note.message(role)),
    }
}

fn screen(session: &Session, role: Role, now: Timestamp) -> Screen {
    let Session { state, desk } = session;
    let staff = role != Role::Customer;
    match state {
        State::Idle => Screen::Idle {
            ready: desk.devices.reader == DeviceState::Ready && desk.devices.closed.is_none(),
            devices: desk.devices.view(role),
            documents: documents(),
            deliveries: if staff { desk.deliveries.clone() } else { Vec::new() },
        },
        State::Opening => Screen::Opening,
        State::Language(_) => Screen::Language { languages: languages() },
        State::Notice(greeted) => {
            let items = if staff { Vec::new() } else { greeted.opened.notices.lines(greeted.language) };
            Screen::Notice { items, purposes: (1..=12).map(|n| format!("P{n}")).collect() }
        }
        State::Declare(_) => Screen::Declare { purposes: Purpose::ALL.to_vec(), occupations: Occupation::ALL.to_vec() },
        State::ChooseDocument(_) => Screen::ChooseDocument { documents: documents() },
        State::AccessKey(chosen) => Screen::AccessKey {
            document: chosen.document,
            attempts_left: chosen.key_tries_left,
            card_tries_left: chosen.card_tries_left,
            last_try: chosen.last_try,
        },
        State::AwaitCard(awaiting) => Screen::AwaitCard {
            document: awaiting.keyed.chosen.document,
            devices: desk.devices.view(role),
            resuming: awaiting.keyed.lifts > 0,
            attempts_left: 4_u8.saturating_sub(awaiting.keyed.lifts.max(awaiting.keyed.failures)),
            can_retry: !awaiting.armed,
        },
        State::Reading(reading) => Screen::Reading(reading_view(reading, staff)),
        State::Verifying(_) => Screen::Verifying,
        State::ShowChipData(judged) => Screen::ShowChipData {
            chip: staff.then(|| chip_data(judged, role)),
            wait_ms: wait_ms(judged.shown_at, now),
        },
        State::ConfirmData(displayed) => Screen::ConfirmData {
            chip: chip_data(&displayed.judged, role),
            missing: missing(displayed.judged.chosen.document),
            disputed: displayed.disputed,
        },
        State::FaceCapture(capturing) => Screen::FaceCapture {
            devices: desk.devices.view(role),
            photo: capturing.photo.as_ref().map(|photo| Photo { jpeg: photo.jpeg.clone() }),
            can_skip: true,
            attempts_left: capturing.tries_left,
            taking: capturing.taking.is_some(),
        },
        State::FaceCompare(with_face) => Screen::FaceCompare { faces: staff.then(|| faces(with_face, now)) },
        State::Decide(deciding) => Screen::Decide { decision: staff.then(|| decision(deciding, role, now)) },
        State::Sealing(_) => Screen::Sealing,
        State::Receipt(receipt) => Screen::Receipt(ReceiptView {
            outcome: crate::view::Outcome::Completed,
            sentence: "receipt.completed".to_owned(),
            short_id: receipt.id.short(),
            at: receipt.sealed_at.to_string(),
            document: receipt.document,
            document_number: receipt.document_number.clone(),
            delivery: receipt.delivery,
            notice_version: receipt.notice_version.clone(),
            card_present: desk.devices.card_present,
        }),
        State::Wiping(wiping) => Screen::Wiping { outcome: wiping.outcome, done: wiping.done_at.is_some() },
    }
}

fn documents() -> Vec<DocumentOption> {
    DocumentChoice::ALL
        .iter()
        .map(|document| DocumentOption { document: *document, usable: document.usable() })
        .collect()
}

fn reading_view(reading: &ReadingChip, staff: bool) -> ReadingView {
    ReadingView {
        step: reading.step,
        percent: reading.percent,
        file: reading.file.clone().filter(|_| staff),
        files_done: reading.files_done,
        bytes: reading.bytes,
        lifts: reading.keyed.lifts,
    }
}

fn chip_data(judged: &Judged, role: Role) -> ChipDataView {
    let staff = role != Role::Customer;
    let photo = |jpeg: &Vec<u8>| Photo { jpeg: jpeg.clone() };
    let (portrait, items, pending) = match &judged.pictures {
        Pictures::Decoding => (None, &[][..], true),
        Pictures::Decoded(pictures) => (pictures.portrait.as_ref(), pictures.items.as_slice(), false),
    };
    ChipDataView {
        document: judged.chosen.document,
        lines: holder_lines(judged, staff),
        printed_expiry_wanted: staff && judged.wants_printed_expiry() && judged.printed_expiry.is_none(),
        pictures: items.iter().map(|(field, jpeg)| HolderPicture { field: *field, picture: photo(jpeg) }).collect(),
        photo: portrait.map(photo),
        photo_pending: pending,
        verdict: staff.then(|| verdict_view(&judged.verdict, role)),
    }
}

fn faces(with_face: &WithFace, now: Timestamp) -> FacesView {
    let jpeg = |jpeg: &Vec<u8>| Photo { jpeg: jpeg.clone() };
    FacesView {
        chip: with_face.confirmed.displayed.judged.pictures.portrait().map(jpeg),
        live: with_face.photo.as_ref().map(|photo| jpeg(&photo.jpeg)),
        skipped: with_face.photo.is_none(),
        wait_ms: wait_ms(with_face.shown_at, now),
        band: "skipped".to_owned(),
    }
}

fn decision(deciding: &Deciding, role: Role, now: Timestamp) -> DecisionView {
    let judged = &deciding.displayed().judged;
    let declaration = judged.chosen.declared.declaration;
    let compared = match deciding {
        Deciding::Blocked(_) => None,
        Deciding::Compared(compared) => Some(compared),
    };
    let closed = compared.map_or(Some("verdict_red"), |compared| closed_because(compared, now));
    DecisionView {
        chip: chip_data(judged, role),
        faces: compared.map(|Compared { with_face, .. }| faces(with_face, now)),
        human: compared.map(|compared| compared.human),
        purpose: declaration.purpose,
        occupation: declaration.occupation,
        missing: missing(judged.chosen.document),
        residence_later: compared.is_some_and(|compared| compared.residence_later),
        can_accept: closed.is_none(),
        closed_because: closed.map(str::to_owned),
        refusal_reasons: RefusalReason::ALL.to_vec(),
    }
}
