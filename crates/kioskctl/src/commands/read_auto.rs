//! `read auto`: which document lies on the reader.

use std::time::Instant;

use chip::mrtd::Counting;
use chip::recognition::{Recognised, recognise};
use kiosk::Readers;
use serde_json::json;
use session::Failure;

use super::read::{named, pcsc};
use crate::output::{Answer, CommandError, Outcome};

pub fn run(reader: &str) -> Result<Answer, CommandError> {
    let readers = pcsc();
    let reader = named(&readers, reader)?;
    let mut connection = readers.connect_card(&reader).map_err(|error| super::readers::failed(&error))?;
    let started = Instant::now();
    let mut card = Counting::new(&mut connection);
    let recognised = recognise(&mut card);
    let counters = card.counters();
    connection.disconnect(true);
    let recognised = recognised.map_err(|error| {
        let code = Failure::from(error).code;
        CommandError::incomplete(code.name(), error.to_string())
    })?;
    let documents: Vec<&str> = recognised.documents().iter().map(|document| document.id()).collect();
    let looks = name(recognised);
    let generation = match recognised {
        Recognised::ResidenceCard(card) => Some(card.code()),
        Recognised::CombinedCard { card_type, .. } => card_type.map(chip::residence::CardType::code),
        Recognised::DriversLicence
        | Recognised::MyNumberCard { .. }
        | Recognised::Phone
        | Recognised::Passport
        | Recognised::Unknown => None,
    };
    let digital_licence = match recognised {
        Recognised::MyNumberCard { digital_licence } | Recognised::CombinedCard { digital_licence, .. } => {
            digital_licence
        }
        Recognised::DriversLicence
        | Recognised::Phone
        | Recognised::ResidenceCard(_)
        | Recognised::Passport
        | Recognised::Unknown => false,
    };
    Ok(Answer {
        // A card nobody can read here is an answer, and a negative one.
        outcome: if documents.is_empty() { Outcome::Negative } else { Outcome::Verified },
        json: json!({
            "recognised": looks,
            "documents": documents,
            "card_type": generation,
            "digital_licence": digital_licence,
            "apdus": counters.apdus,
            "bytes_sent": counters.bytes_sent,
            "bytes_received": counters.bytes_received,
            "ms": u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }),
        text: format!("{looks} [{}], {} APDUs", documents.join(", "), counters.apdus),
    })
}

fn name(recognised: Recognised) -> &'static str {
    match recognised {
        Recognised::DriversLicence => "drivers_licence",
        Recognised::MyNumberCard { .. } => "my_number_card",
        Recognised::CombinedCard { .. } => "combined_residence_card",
        Recognised::Phone => "phone",
        Recognised::ResidenceCard(card) if card.is_special_permanent() => "special_permanent_resident",
        Recognised::ResidenceCard(_) => "residence_card",
        Recognised::Passport => "passport",
        Recognised::Unknown => "unknown",
    }
}
