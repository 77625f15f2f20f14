//! Which document lies on the reader, in at most six commands, before any key is asked for.
//!
//! Only SELECT and READ BINARY of free files are sent: no counter of tries is touched. Selecting an application clears what was
//! verified before on a My Number card, so a card is recognised first and opened afterwards.
//!
//! | commands | card |
//! |---|---|
//! | 2 | phone |
//! | 4, 5 | My Number card; combined card, whose type is read |
//! | 4 | driver's licence |
//! | 4 | residence card, special permanent resident certificate |
//! | 5 | passport; unknown card |
//!
//! My Number cards and licences come first because most customers bring one of them; a passport is asked for last because any
//! other card refuses it at once. The licence needs all three of its applications: municipal and school cards carry one.

use apdu::{Card, CommandApdu, ResponseApdu, ShortFileId, TransportError, transmit_whole};
use serde::{Deserialize, Serialize};

use crate::mrtd;
use crate::residence::{AID_COMBINED, CardType};

/// The most commands a recognition sends; `61xx` and `6Cxx` of contact readers come on top.
pub const MAX_COMMANDS: u32 = 6;

/// 公的個人認証 (JPKI).
const JPKI: &[u8] = &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
/// 券面事項確認AP, which no phone has (one source).
const SURFACE: &[u8] = &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];
/// マイナ免許証, マイナ経歴証明書.
const DIGITAL_LICENCE: [u8; 16] = police([0xA0, 0x00, 0x00, 0x02, 0x31, 0x06]);
/// The licence's DF1, DF2 and DF3.
const LICENCE: [[u8; 16]; 3] = [
    police([0xA0, 0x00, 0x00, 0x02, 0x31, 0x01]),
    police([0xA0, 0x00, 0x00, 0x02, 0x31, 0x02]),
    police([0xA0, 0x00, 0x00, 0x02, 0x48, 0x03]),
];
/// Card type: of the master file on a residence card, of 在留AP on a combined card.
const CARD_TYPE: ShortFileId = ShortFileId(0x0A);

const fn police(head: [u8; 6]) -> [u8; 16] {
    let [a, b, c, d, e, f] = head;
    [a, b, c, d, e, f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// What a card turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recognised {
    /// IC運転免許証.
    DriversLicence,
    /// 個人番号カード.
    MyNumberCard {
        /// It carries マイナ免許証 or マイナ経歴証明書 besides.
        digital_licence: bool,
    },
    /// A My Number card with residence data: 特定在留カード, 特定特別永住者証明書.
    CombinedCard {
        /// 07 or 08, when the card says so without authentication.
        card_type: Option<CardType>,
        /// It carries マイナ免許証 or マイナ経歴証明書 besides.
        digital_licence: bool,
    },
    /// A phone in the place of a My Number card: it holds certificates, and no face of a card.
    Phone,
    /// 在留カード, 特別永住者証明書, with its generation.
    ResidenceCard(CardType),
    /// A machine readable travel document.
    Passport,
    /// None of them.
    Unknown,
}

/// The documents a person chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Document {
    /// `dl`
    DriversLicence,
    /// `mnc`
    MyNumberCard,
    /// `rc`
    ResidenceCard,
    /// `sprc`
    SpecialPermanentResident,
    /// `rc_mnc`
    CombinedCard,
    /// `passport`
    Passport,
}

impl Document {
    /// The product's short name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::DriversLicence => "dl",
            Self::MyNumberCard => "mnc",
            Self::ResidenceCard => "rc",
            Self::SpecialPermanentResident => "sprc",
            Self::CombinedCard => "rc_mnc",
            Self::Passport => "passport",
        }
    }
}

impl Recognised {
    /// The documents that can be read from the card, the likeliest first: "this looks like …". Empty for a phone and for a card
    /// nobody can read here.
    #[must_use]
    pub const fn documents(self) -> &'static [Document] {
        match self {
            Self::DriversLicence => &[Document::DriversLicence],
            Self::MyNumberCard { .. } => &[Document::MyNumberCard],
            Self::CombinedCard { .. } => &[Document::CombinedCard, Document::MyNumberCard],
            Self::ResidenceCard(card) if card.is_special_permanent() => &[Document::SpecialPermanentResident],
            Self::ResidenceCard(_) => &[Document::ResidenceCard],
            Self::Passport => &[Document::Passport],
            Self::Phone | Self::Unknown => &[],
        }
    }

    /// Whether the card is what was chosen. Both kinds of residence document are typed in alike, and people confuse them.
    #[must_use]
    pub fn fits(self, chosen: Document) -> bool {
        let residence = [Document::ResidenceCard, Document::SpecialPermanentResident, Document::CombinedCard];
        let both = residence.contains(&chosen) && self.documents().iter().any(|document| residence.contains(document));
        both || self.documents().contains(&chosen)
    }
}

/// Asks a card what it is. The master file, or what the card takes for it, must be selected: as after a reset.
///
/// # Errors
/// No response. A card that refuses everything is [`Recognised::Unknown`].
pub fn recognise<C: Card>(card: &mut C) -> Result<Recognised, TransportError> {
    if has(card, JPKI)? {
        return my_number_family(card);
    }
    let [first, others @ ..] = &LICENCE;
    if has(card, first)? {
        for aid in others {
            // Part of a licence is a card of the police, and none that is read here.
            if !has(card, aid)? {
                return Ok(Recognised::Unknown);
            }
        }
        return Ok(Recognised::DriversLicence);
    }
    // Refused selections leave the master file selected; a card that thinks otherwise is set right.
    transmit_whole(card, &CommandApdu::new(0x00, 0xA4, 0x00, 0x00))?;
    if let Some(card_type) = card_type(card)? {
        return Ok(Recognised::ResidenceCard(card_type));
    }
    if has(card, &mrtd::AID)? {
        return Ok(Recognised::Passport);
    }
    Ok(Recognised::Unknown)
}

fn my_number_family<C: Card>(card: &mut C) -> Result<Recognised, TransportError> {
    if !has(card, SURFACE)? {
        return Ok(Recognised::Phone);
    }
    let digital_licence = has(card, &DIGITAL_LICENCE)?;
    if !has(card, &AID_COMBINED)? {
        return Ok(Recognised::MyNumberCard { digital_licence });
    }
    let card_type = card_type(card)?.filter(|card_type| card_type.is_combined());
    Ok(Recognised::CombinedCard { card_type, digital_licence })
}

fn has<C: Card>(card: &mut C, aid: &[u8]) -> Result<bool, TransportError> {
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0xA4, 0x04, 0x0C).with_data(aid))?;
    Ok(response.status.is_ok())
}

fn card_type<C: Card>(card: &mut C) -> Result<Option<CardType>, TransportError> {
    let ResponseApdu { data, status } =
        transmit_whole(card, &CommandApdu::new(0x00, 0xB0, 0x80 | CARD_TYPE.0, 0x00).with_ne(256))?;
    let read = matches!(status.0, 0x9000 | 0x6282);
    Ok(CardType::parse(&data).ok().filter(|_| read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use apdu::StatusWord;

    /// A card with applications and, in some of them, a type file. Everything but SELECT and READ BINARY fails the test.
    struct Applications {
        aids: Vec<Vec<u8>>,
        selected: Vec<u8>,
        types: Vec<(Vec<u8>, &'static str)>,
        commands: u32,
    }

    impl Card for Applications {
        fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
            self.commands += 1;
            let status = |status: u16| Ok(ResponseApdu::new([], StatusWord(status)));
            match command.ins {
                0xA4 if command.p1 == 0x04 => {
                    if !self.aids.contains(&command.data) {
                        return status(0x6A82);
                    }
                    self.selected.clone_from(&command.data);
                    status(0x9000)
                }
                0xA4 => {
                    self.selected.clear();
                    status(0x9000)
                }
                0xB0 => match self.types.iter().find(|(aid, _)| *aid == self.selected) {
                    Some((_, code)) => {
                        let file = apdu::tlv::encode(apdu::tlv::Tag(0xC1), code.as_bytes());
                        Ok(ResponseApdu::new(file, StatusWord::OK))
                    }
                    None => status(0x6A82),
                },
                other => panic!("a recognition sends {other:02X}"),
            }
        }
    }

    fn recognised(aids: &[&[u8]], types: &[(&[u8], &'static str)]) -> (Recognised, u32) {
        let mut card = Applications {
            aids: aids.iter().map(|aid| aid.to_vec()).collect(),
            selected: Vec::new(),
            types: types.iter().map(|(aid, code)| (aid.to_vec(), *code)).collect(),
            commands: 0,
        };
        let found = recognise(&mut card).unwrap();
        assert!(card.commands <= MAX_COMMANDS, "{found:?} took {} commands", card.commands);
        (found, card.commands)
    }

    #[test]
    fn every_document_is_told_from_the_others() {
        let licence: Vec<&[u8]> = LICENCE.iter().map(<[u8; 16]>::as_slice).collect();
        assert_eq!(recognised(&[JPKI], &[]), (Recognised::Phone, 2));
        assert_eq!(recognised(&[JPKI, SURFACE], &[]), (Recognised::MyNumberCard { digital_licence: false }, 4));
        assert_eq!(
            recognised(&[JPKI, SURFACE, &DIGITAL_LICENCE], &[]),
            (Recognised::MyNumberCard { digital_licence: true }, 4)
        );
        let combined = recognised(&[JPKI, SURFACE, &AID_COMBINED], &[(&AID_COMBINED, "07")]);
        let card_type = Some(CardType::CombinedResidence);
        assert_eq!(combined, (Recognised::CombinedCard { card_type, digital_licence: false }, 5));
        assert_eq!(recognised(&licence, &[]), (Recognised::DriversLicence, 4));
        for card_type in CardType::ALL.into_iter().filter(|card| !card.is_combined()) {
            let found = recognised(&[&crate::residence::AID_DF1], &[(&[], card_type.code())]);
            assert_eq!(found, (Recognised::ResidenceCard(card_type), 4));
        }
        assert_eq!(recognised(&[&mrtd::AID], &[]), (Recognised::Passport, 5));
        assert_eq!(recognised(&[], &[]), (Recognised::Unknown, 5));
    }

    #[test]
    fn a_part_of_a_licence_is_no_licence() {
        assert_eq!(recognised(&[&LICENCE[0]], &[]), (Recognised::Unknown, 3));
        assert_eq!(recognised(&[&LICENCE[0], &LICENCE[1], &mrtd::AID], &[]), (Recognised::Unknown, 4));
    }

    #[test]
    fn what_it_looks_like_is_compared_with_what_was_chosen() {
        let card = Recognised::ResidenceCard(CardType::SpecialPermanentSecond);
        assert!(card.fits(Document::ResidenceCard) && card.fits(Document::SpecialPermanentResident));
        assert!(!card.fits(Document::MyNumberCard));
        let combined = Recognised::CombinedCard { card_type: None, digital_licence: false };
        assert!(combined.fits(Document::MyNumberCard) && combined.fits(Document::CombinedCard));
        assert!(!Recognised::Phone.fits(Document::MyNumberCard));
        assert_eq!(Recognised::Passport.documents(), [Document::Passport]);
    }
}
