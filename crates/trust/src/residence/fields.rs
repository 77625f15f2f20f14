//! What the verdict says about the holder, by the white list of product.md §6.3.

use chip::residence::{
    CardType, Generation, Items, Permission, ResidenceEvidence, ResidenceFile, TextEncoding, address, back_notes,
    items, renewal_pending,
};
use serde::{Deserialize, Serialize};

/// A code whose table is a separate document of the agency and not known here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coded {
    /// As on the chip.
    pub code: String,
    /// What it means; screens show "unknown" without it.
    pub meaning: Option<String>,
}

impl Coded {
    fn new(code: &str) -> Option<Self> {
        (!code.is_empty()).then(|| Self { code: code.to_owned(), meaning: None })
    }
}

/// What nobody signed: the back of the card. It is what the municipality wrote there last, no more.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsigned {
    /// Text of the address; the second generation has it as an image alone.
    pub address: Option<String>,
    /// `utf-8` or `shift_jis`: sources disagree, so the way it was found is kept.
    pub address_encoding: Option<String>,
    /// There is an address image.
    pub address_in_image: bool,
    /// `YYYY-MM-DD`.
    pub address_entered: Option<String>,
    pub municipality: Option<Coded>,
    /// Notes on permissions to work.
    pub permissions: Vec<String>,
    /// An extension or change of the stay has been applied for.
    pub extension_applied: Option<bool>,
}

/// What residence cards say besides the fields of every document.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidenceFields {
    /// `1`, `2`, `05` to `08`.
    pub card_type: String,
    /// The name, and with the first generation every other item, is in the image alone: staff type it.
    pub name_in_image: bool,
    pub status_of_residence: Option<Coded>,
    pub period_of_stay: Option<Coded>,
    /// `YYYY-MM-DD`.
    pub end_of_stay: Option<String>,
    pub work_restriction: Option<Coded>,
    pub permission: Option<Coded>,
    /// `YYYY-MM-DD`.
    pub permission_date: Option<String>,
    pub unsigned: Unsigned,
}

macro_rules! redacted {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}
redacted!(Coded, Unsigned, ResidenceFields);

/// The items of the second generation, if they can be read.
pub(super) fn text_items(evidence: &ResidenceEvidence) -> Option<Items> {
    match evidence.card_type.generation() {
        Generation::First => None,
        Generation::Second => items(evidence.files.get(&ResidenceFile::Df1Ef02)?).ok(),
    }
}

pub(super) fn residence(evidence: &ResidenceEvidence, items: Option<&Items>) -> ResidenceFields {
    let coded = |code: Option<&String>| code.and_then(|code| Coded::new(code));
    ResidenceFields {
        card_type: evidence.card_type.code().to_owned(),
        name_in_image: true,
        status_of_residence: coded(items.and_then(|items| items.status.as_ref())),
        period_of_stay: coded(items.and_then(|items| items.period_of_stay.as_ref())),
        end_of_stay: items.and_then(|items| items.end_of_stay).map(|date| date.to_string()),
        work_restriction: coded(items.and_then(|items| items.work_restriction.as_ref())),
        permission: coded(items.and_then(|items| items.permission.as_ref())),
        permission_date: items.and_then(|items| items.permission_date).map(|date| date.to_string()),
        unsigned: match evidence.card_type.generation() {
            Generation::First => first_back(evidence),
            Generation::Second => second_back(evidence),
        },
    }
}

fn first_back(evidence: &ResidenceEvidence) -> Unsigned {
    let file = |file: ResidenceFile| evidence.files.get(&file).map(Vec::as_slice);
    let address = file(ResidenceFile::Df2Ef01).and_then(|file| address(file).ok());
    let note = |permission: Permission, place: ResidenceFile| file(place).and_then(|file| permission.read(file).ok());
    let notes =
        [note(Permission::Blanket, ResidenceFile::Df2Ef02), note(Permission::Individual, ResidenceFile::Df2Ef03)];
    let (mut text, mut encoding, mut entered, mut municipality) = (None, None, None, None);
    if let Some(found) = address {
        encoding = Some(
            match found.text.encoding {
                TextEncoding::Utf8 => "utf-8",
                TextEncoding::ShiftJis => "shift_jis",
            }
            .to_owned(),
        );
        text = Some(found.text.text).filter(|text| !text.is_empty());
        entered = found.entered.map(|date| date.to_string());
        municipality = Coded::new(&found.municipality);
    }
    Unsigned {
        address: text,
        address_encoding: encoding,
        address_in_image: false,
        address_entered: entered,
        municipality,
        permissions: notes.into_iter().flatten().map(|note| note.text).filter(|text| !text.is_empty()).collect(),
        extension_applied: extension_applied(evidence),
    }
}

fn second_back(evidence: &ResidenceEvidence) -> Unsigned {
    let file = |file: ResidenceFile| evidence.files.get(&file).map(Vec::as_slice);
    let notes = file(ResidenceFile::Df2Ef01).and_then(|file| back_notes(file).ok());
    Unsigned {
        address_in_image: evidence.files.contains_key(&ResidenceFile::Df1Ef04),
        permissions: notes.into_iter().map(|notes| notes.blanket).filter(|code| !code.is_empty()).collect(),
        extension_applied: extension_applied(evidence),
        ..Unsigned::default()
    }
}

/// The flag on the back, where the card has one.
pub(super) fn extension_applied(evidence: &ResidenceEvidence) -> Option<bool> {
    let generation = evidence.card_type.generation();
    let place = match generation {
        Generation::First => ResidenceFile::Df2Ef04,
        Generation::Second if evidence.card_type.is_special_permanent() => return None,
        Generation::Second => ResidenceFile::Df2Ef02,
    };
    renewal_pending(evidence.files.get(&place)?, generation).ok()
}

/// Which document a type is.
pub(super) fn kind(card_type: CardType) -> crate::DocumentKind {
    use crate::DocumentKind;
    match card_type {
        CardType::ResidenceFirst | CardType::ResidenceSecond => DocumentKind::ResidenceCard,
        CardType::SpecialPermanentFirst | CardType::SpecialPermanentSecond => DocumentKind::SpecialPermanentResident,
        CardType::CombinedResidence | CardType::CombinedSpecialPermanent => DocumentKind::CombinedResidenceCard,
    }
}
