//! The closed lists a person chooses from.

use chip::recognition::Document;
use serde::{Deserialize, Serialize};
use trust::DocumentKind;

/// Who looks at a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Role {
    Customer,
    Teller,
    /// The tester of a simulator build: sees what the teller sees, plus codes.
    Qa,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Customer, Self::Teller, Self::Qa];
}

/// Declares a closed list with its stable identifiers, so that the list, the JSON and the text keys cannot drift apart.
macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $id:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $id)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable identifier, as in records and text keys.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }
    };
}

closed_list! {
    /// The languages of every text.
    Language { Ja = "ja", En = "en", Vi = "vi" }
}

closed_list! {
    /// Notice and consent texts (product.md §14).
    NoticeId {
        C1 = "C1", C2 = "C2", C3 = "C3", C4a = "C4a", C4b = "C4b", C5 = "C5", C6 = "C6", C7 = "C7", C8 = "C8", C10 = "C10",
        C11 = "C11", C12 = "C12", C13 = "C13", C17 = "C17",
    }
}

closed_list! {
    /// What an answer to a notice means (product.md §14).
    NoticeKind {
        /// Without agreement the paper procedure is offered.
        Mandatory = "mandatory",
        /// Mandatory with an alternative: staff compare by eye instead.
        Alternative = "alternative",
        /// Off by default; refusing changes nothing.
        Optional = "optional",
        /// Told, not asked.
        Notice = "notice",
    }
}

closed_list! {
    /// How an answer was given.
    ConsentHow { Touch = "touch", ReadAloudByStaff = "read_aloud_by_staff", WritingPad = "writing_pad" }
}

closed_list! {
    /// Purpose of the transaction (product.md §14.2).
    Purpose {
        Living = "living", Salary = "salary", Pension = "pension", Saving = "saving", Business = "business", Loan = "loan",
        Fx = "fx", Study = "study", Other = "other",
    }
}

closed_list! {
    /// Occupation (product.md §14.3).
    Occupation {
        Officer = "officer", Employee = "employee", Public = "public", SelfEmployed = "self", Part = "part", Trainee = "trainee",
        Home = "home", Student = "student", None = "none", Other = "other",
    }
}

closed_list! {
    /// Documents a customer can choose (product.md §14.4).
    DocumentChoice {
        MyNumberCard = "mnc", ResidenceCard = "rc", SpecialPermanentResident = "sprc", CombinedCard = "rc_mnc",
        DriverLicence = "dl", Passport = "passport", Other = "other",
    }
}

closed_list! {
    /// What a person saw when comparing faces. The human decides (product.md §8).
    HumanVerdict { Same = "same", Unsure = "unsure", NotSame = "not_same" }
}

closed_list! {
    /// Refusal codes (product.md §10.9).
    RefusalReason {
        DocExpired = "DOC_EXPIRED", DocNotAccepted = "DOC_NOT_ACCEPTED", SignatureInvalid = "SIGNATURE_INVALID",
        PersonMismatch = "PERSON_MISMATCH", DataMismatch = "DATA_MISMATCH", ConsentRefused = "CONSENT_REFUSED",
        CustomerStopped = "CUSTOMER_STOPPED", MinorNoGuardian = "MINOR_NO_GUARDIAN", AgentNoAuthority = "AGENT_NO_AUTHORITY",
        /// Never printed and never shown to the customer.
        Suspicion = "SUSPICION",
    }
}

closed_list! {
    /// What a chip states about its holder and itself, as far as it is shown (product.md §6).
    HolderField {
        Surname = "surname", GivenNames = "given_names", Name = "name", Kana = "kana", Alias = "alias", Birth = "birth",
        Nationality = "nationality", IssuingState = "issuing_state", Address = "address", IssueDate = "issued",
        DocumentNumber = "document_number", Expiry = "expiry", Issuer = "issuer",
        StatusOfResidence = "status_of_residence", PeriodOfStay = "period_of_stay", EndOfStay = "end_of_stay",
        WorkRestriction = "work_restriction", Permission = "permission", Front = "front",
    }
}

impl DocumentChoice {
    /// Whether this build can read the document.
    #[must_use]
    pub fn usable(self) -> bool {
        match self {
            Self::Passport
            | Self::DriverLicence
            | Self::MyNumberCard
            | Self::ResidenceCard
            | Self::SpecialPermanentResident => true,
            // The combined card opens only with the agency's transport key, which no installation has yet.
            Self::CombinedCard | Self::Other => false,
        }
    }

    /// The document a chip turned out to be. Both kinds of residence document open alike, and people confuse them.
    #[must_use]
    pub fn of(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Passport => Self::Passport,
            DocumentKind::MyNumberCard => Self::MyNumberCard,
            DocumentKind::DriverLicence | DocumentKind::MyNumberLicence => Self::DriverLicence,
            DocumentKind::ResidenceCard => Self::ResidenceCard,
            DocumentKind::SpecialPermanentResident => Self::SpecialPermanentResident,
            DocumentKind::CombinedResidenceCard => Self::CombinedCard,
        }
    }

    /// The choice for a card that was recognised without being opened.
    #[must_use]
    pub fn recognised(document: Document) -> Self {
        match document {
            Document::DriversLicence => Self::DriverLicence,
            Document::MyNumberCard => Self::MyNumberCard,
            Document::ResidenceCard => Self::ResidenceCard,
            Document::SpecialPermanentResident => Self::SpecialPermanentResident,
            Document::CombinedCard => Self::CombinedCard,
            Document::Passport => Self::Passport,
        }
    }
}
