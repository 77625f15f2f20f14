//! Everything a page may ask of the core.

use serde::{Deserialize, Serialize};

use crate::choice::{
    ConsentHow, DocumentChoice, HumanVerdict, Language, NoticeId, Occupation, Purpose, RefusalReason, Role,
};

/// One act of a person at a surface. With [`crate::SessionView`] this is the whole protocol between page and core.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum UserIntent {
    /// Opens a session (`StaffOpened` / `CustomerTouched`).
    Start,
    ChooseLanguage {
        language: Language,
    },
    /// Accepts everything mandatory; `optional` lists the optional items switched on. Without `face_photo` the face step is a
    /// comparison by eye (C3).
    GiveConsent {
        optional: Vec<NoticeId>,
        face_photo: bool,
        how: ConsentHow,
    },
    RefuseConsent,
    Declare {
        purpose: Purpose,
        occupation: Occupation,
        own_behalf: bool,
    },
    ChooseDocument {
        document: DocumentChoice,
    },
    /// Line 2 of a passport's machine readable zone, or both lines.
    EnterMrz {
        text: String,
    },
    /// The three fields of the key, dates as YYMMDD.
    EnterKey {
        document_number: String,
        birth: String,
        expiry: String,
    },
    /// The card access number, where the document prints one.
    EnterCan {
        can: String,
    },
    /// 在留カード等番号: two letters, eight digits, two letters.
    EnterCardNumber {
        number: String,
    },
    /// The parts of 照合番号B: birth date as YYMMDD with the year of the era or as YYYYMMDD, year of expiry, security code.
    EnterNumberB {
        birth: String,
        expiry_year: String,
        security_code: String,
    },
    /// The four-digit PIN of a My Number card.
    EnterPin {
        pin: String,
    },
    /// 暗証番号1 and 2 of a licence; empty where none was set.
    EnterPins {
        pin1: String,
        pin2: String,
    },
    /// Staff allow the last try the customer agreed to.
    UnlockLastTry,
    /// One screen back, where that loses nothing.
    Back,
    /// Tries again after a failure that offered it.
    Retry,
    /// Staff read the expiry from the card, whose chip does not state it: `YYYY-MM-DD`.
    EnterPrintedExpiry {
        date: String,
    },
    /// The teller has looked at the chip content (legal display step).
    StaffDisplayed,
    ConfirmData,
    DisputeData,
    TakePhoto,
    RetakePhoto,
    UsePhoto,
    /// No photo: accommodation or no consent; staff compare by eye.
    SkipFace,
    JudgeFace {
        verdict: HumanVerdict,
    },
    /// `residence_later` states that the teller knows the residence supplement is still owed.
    Accept {
        residence_later: bool,
    },
    AnotherDocument,
    Refuse {
        reason: RefusalReason,
    },
    /// Ends on paper: nothing is kept.
    Paper,
    /// Leaves the receipt screen.
    Finish,
    /// Stops at once from any screen; everything so far is erased.
    Stop,
    /// "I need more time."
    Extend,
    /// A sign of life that changes nothing but the idle timer.
    Touch,
}

impl UserIntent {
    /// Whether a surface of this role offers the act at all. The shell refuses the others before they reach the session.
    #[must_use]
    pub fn offered_to(&self, role: Role) -> bool {
        match self {
            Self::UnlockLastTry
            | Self::EnterPrintedExpiry { .. }
            | Self::StaffDisplayed
            | Self::JudgeFace { .. }
            | Self::Accept { .. }
            | Self::AnotherDocument
            | Self::Refuse { .. }
            | Self::Paper => role != Role::Customer,
            // Nobody but the holder enters a PIN (product.md §13.9).
            Self::EnterPin { .. } | Self::EnterPins { .. } => role != Role::Teller,
            Self::Start
            | Self::ChooseLanguage { .. }
            | Self::GiveConsent { .. }
            | Self::RefuseConsent
            | Self::Declare { .. }
            | Self::ChooseDocument { .. }
            | Self::EnterMrz { .. }
            | Self::EnterKey { .. }
            | Self::EnterCan { .. }
            | Self::EnterCardNumber { .. }
            | Self::EnterNumberB { .. }
            | Self::Back
            | Self::Retry
            | Self::ConfirmData
            | Self::DisputeData
            | Self::TakePhoto
            | Self::RetakePhoto
            | Self::UsePhoto
            | Self::SkipFace
            | Self::Finish
            | Self::Stop
            | Self::Extend
            | Self::Touch => true,
        }
    }

    /// The name of the act, for logs: never its content.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::ChooseLanguage { .. } => "choose_language",
            Self::GiveConsent { .. } => "give_consent",
            Self::RefuseConsent => "refuse_consent",
            Self::Declare { .. } => "declare",
            Self::ChooseDocument { .. } => "choose_document",
            Self::EnterMrz { .. } => "enter_mrz",
            Self::EnterKey { .. } => "enter_key",
            Self::EnterCan { .. } => "enter_can",
            Self::EnterCardNumber { .. } => "enter_card_number",
            Self::EnterNumberB { .. } => "enter_number_b",
            Self::EnterPin { .. } => "enter_pin",
            Self::EnterPins { .. } => "enter_pins",
            Self::UnlockLastTry => "unlock_last_try",
            Self::EnterPrintedExpiry { .. } => "enter_printed_expiry",
            Self::Back => "back",
            Self::Retry => "retry",
            Self::StaffDisplayed => "staff_displayed",
            Self::ConfirmData => "confirm_data",
            Self::DisputeData => "dispute_data",
            Self::TakePhoto => "take_photo",
            Self::RetakePhoto => "retake_photo",
            Self::UsePhoto => "use_photo",
            Self::SkipFace => "skip_face",
            Self::JudgeFace { .. } => "judge_face",
            Self::Accept { .. } => "accept",
            Self::AnotherDocument => "another_document",
            Self::Refuse { .. } => "refuse",
            Self::Paper => "paper",
            Self::Finish => "finish",
            Self::Stop => "stop",
            Self::Extend => "extend",
            Self::Touch => "touch",
        }
    }
}

/// Names the act only: an intent can carry a key.
impl std::fmt::Debug for UserIntent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserIntent({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_the_customers_and_its_last_try_the_tellers() {
        let pin = UserIntent::EnterPin { pin: "1234".to_owned() };
        let pins = UserIntent::EnterPins { pin1: "1234".to_owned(), pin2: String::new() };
        assert!(pin.offered_to(Role::Customer) && pins.offered_to(Role::Customer));
        assert!(!pin.offered_to(Role::Teller) && !pins.offered_to(Role::Teller));
        assert!(!UserIntent::UnlockLastTry.offered_to(Role::Customer));
        assert!(UserIntent::UnlockLastTry.offered_to(Role::Teller));
        assert_eq!(format!("{pins:?}"), "UserIntent(enter_pins)");
    }
}
