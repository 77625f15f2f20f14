//! What the verdict says about the holder of a licence: the white list of product.md §6.1, changes merged over the items.

use chip::licence::{ChangeGroup, FaceItem, FieldError, LicenceEvidence, LicenceLayout};
use serde::{Deserialize, Serialize};

use super::finding_of;
use crate::checks::Report;
use crate::verdict::HolderFields;

/// What licences say besides. External characters stand as 【※n】 in every text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceFields {
    pub kana: Option<String>,
    pub alias: Option<String>,
    /// `YYYY-MM-DD`.
    pub issue_date: Option<String>,
    /// The public safety commission that issued it.
    pub issuer: Option<String>,
    /// The last digit of the number: how often it was issued again. For staff alone.
    pub reissued: Option<u8>,
    /// What was entered after issue, oldest first in each group; the newest stands in the fields.
    pub changes: Vec<FieldChange>,
}

/// One entry after issue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// `name`, `kana`, `address` or `issuer`.
    pub field: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub value: String,
    /// What stood there before.
    pub before: Option<String>,
}

impl std::fmt::Debug for LicenceFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LicenceFields(..)")
    }
}

impl std::fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FieldChange({}, ..)", self.field)
    }
}

/// Reads items and changes; what cannot be read is a finding and stays empty.
pub(super) fn read(evidence: &LicenceEvidence, layout: &LicenceLayout, report: &mut Report) -> HolderFields {
    let items = evidence.items();
    let mut failed = None;
    let mut keep = |error: FieldError| {
        report.find(finding_of(&error));
        failed.get_or_insert(error);
    };
    let mut text = |item| match items.text(item) {
        Ok(text) => text.map(|text| text.to_string()),
        Err(error) => {
            keep(error);
            None
        }
    };
    let mut name = text(FaceItem::Name);
    let mut address = text(FaceItem::Address);
    let mut licence = LicenceFields {
        kana: text(FaceItem::Kana).or_else(|| text(FaceItem::UnifiedKana)),
        alias: text(FaceItem::Alias),
        issuer: text(FaceItem::Commission),
        ..LicenceFields::default()
    };
    let mut date = |item| match items.date(item) {
        Ok(date) => Some(date.to_string()),
        Err(error) => {
            keep(error);
            None
        }
    };
    let birth_date = date(FaceItem::Birth);
    let expiry_date = date(FaceItem::Expires);
    licence.issue_date = date(FaceItem::Issued);
    let document_number = match items.number() {
        Ok(number) => Some(number),
        Err(error) => {
            keep(error);
            None
        }
    };
    licence.reissued =
        document_number.as_ref().and_then(|number| number.chars().last()).and_then(|c| c.to_digit(10)).map(|n| n as u8);
    match evidence.entries().read(&layout.change) {
        Ok(changes) => {
            for change in changes {
                let (field, place) = match change.group {
                    ChangeGroup::Name => ("name", &mut name),
                    ChangeGroup::Kana => ("kana", &mut licence.kana),
                    ChangeGroup::Address => ("address", &mut address),
                    ChangeGroup::Commission => ("issuer", &mut licence.issuer),
                };
                let value = change.text.to_string();
                let before = place.replace(value.clone());
                let date = change.date.to_string();
                licence.changes.push(FieldChange { field: field.to_owned(), date, value, before });
            }
        }
        Err(error) => {
            keep(error);
            // Which name and address hold today is not known: none is better than an old one.
            (name, address) = (None, None);
        }
    }
    match failed {
        Some(error) => report.failed("items", finding_of(&error), error.to_string()),
        None if licence.changes.is_empty() => report.passed("items", "no changes"),
        None => report.passed("items", format!("{} changes after issue", licence.changes.len())),
    }
    HolderFields {
        name,
        address,
        birth_date,
        document_number,
        expiry_date,
        has_portrait: evidence.photo.is_some(),
        licence: Some(licence),
        ..HolderFields::default()
    }
}
