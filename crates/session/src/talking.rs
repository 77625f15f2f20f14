//! From the start screen to the choice of a document.

use jiff::Timestamp;

use crate::choice::{DocumentChoice, Language};
use crate::desk::{Desk, Note};
use crate::event::Effect;
use crate::intent::UserIntent;
use crate::machine::{Next, stop};
use crate::state::{Chosen, Consented, Declaration, Declared, Greeted, State};
use crate::view::{LastTry, Outcome};

/// Wrong keys a chip is asked with before another way is offered (product.md §13.7).
const KEY_TRIES: u8 = 3;

pub(crate) fn user(state: State, intent: UserIntent, desk: &mut Desk, now: Timestamp) -> Next {
    match (state, intent) {
        (State::Idle, UserIntent::Start) => Next::to(State::Opening).with(Effect::Open),
        (State::Idle, UserIntent::ChooseLanguage { language }) => {
            desk.language = language;
            Next::stay(State::Idle)
        }
        (State::Language(opened), UserIntent::ChooseLanguage { language }) => {
            Next::to(State::Notice(Greeted { opened, language }))
        }
        (State::Notice(greeted), UserIntent::ChooseLanguage { language }) => {
            Next::to(State::Notice(Greeted { language, ..greeted }))
        }
        (State::Notice(greeted), UserIntent::Back) => Next::to(State::Language(greeted.opened)),
        (State::Notice(greeted), UserIntent::GiveConsent { optional, face_photo, how }) => {
            let consents = greeted.opened.notices.record(greeted.language, &optional, face_photo, how, now);
            Next::to(State::Declare(Consented { greeted, consents, face_photo }))
        }
        (state @ State::Notice(_), UserIntent::RefuseConsent) => stop(state, Outcome::Aborted),
        (State::Declare(consented), UserIntent::Declare { purpose, occupation, own_behalf }) => {
            if !own_behalf {
                // Agents need both persons checked (C15): that procedure is on paper here.
                return stop(State::Declare(consented), Outcome::PaperFallback);
            }
            let declaration = Declaration { purpose, occupation, own_behalf, at: now };
            Next::to(State::ChooseDocument(Declared { consented, declaration }))
        }
        (State::ChooseDocument(declared), UserIntent::Back) => Next::to(State::Declare(declared.consented)),
        (State::ChooseDocument(declared), UserIntent::ChooseDocument { document }) => choose(declared, document, desk),
        (state, _) => Next::stay(state),
    }
}

fn choose(declared: Declared, document: DocumentChoice, desk: &mut Desk) -> Next {
    if !document.usable() {
        desk.note = Some(Note::Hint("choose_document.ask_staff"));
        return Next::stay(State::ChooseDocument(declared));
    }
    Next::to(State::AccessKey(Chosen {
        declared,
        document,
        key_tries_left: KEY_TRIES,
        card_tries_left: None,
        last_try: LastTry::NotAsked,
    }))
}

/// The languages in the order of the start screen.
pub(crate) fn languages() -> Vec<Language> {
    Language::ALL.to_vec()
}
