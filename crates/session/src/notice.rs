//! The notice texts and the record of what was answered to them (product.md §14).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::choice::{ConsentHow, Language, NoticeId, NoticeKind};
use crate::view::NoticeLine;

const SOURCES: [(Language, &str); 3] = [
    (Language::Ja, include_str!("../texts/notice.ja.json")),
    (Language::En, include_str!("../texts/notice.en.json")),
    (Language::Vi, include_str!("../texts/notice.vi.json")),
];

/// The notice texts of one kiosk in all languages, placeholders filled, each with the digest of the exact text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSet {
    version: String,
    params: BTreeMap<String, String>,
    texts: BTreeMap<(Language, NoticeId), NoticeText>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct NoticeText {
    kind: NoticeKind,
    text: String,
    sha256: [u8; 32],
}

/// The texts and the parameters do not make complete notices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("the notice texts in {} cannot be read", .0.id())]
    Unreadable(Language),
    #[error("notice {} is missing in {}", .0.id(), .1.id())]
    Missing(NoticeId, Language),
    #[error("notice {} has an unfilled placeholder", .0.id())]
    PlaceholderUnfilled(NoticeId),
}

#[derive(Deserialize)]
struct Source {
    version: String,
    notices: BTreeMap<NoticeId, SourceNotice>,
}

#[derive(Deserialize)]
struct SourceNotice {
    kind: NoticeKind,
    text: String,
}

impl NoticeSet {
    /// Fills the placeholders of every text and digests the result with `sha256`.
    ///
    /// # Errors
    /// A text is missing, or a placeholder has no parameter.
    pub fn new(params: BTreeMap<String, String>, sha256: impl Fn(&[u8]) -> [u8; 32]) -> Result<Self, NoticeError> {
        let mut texts = BTreeMap::new();
        let mut version = String::new();
        for (language, source) in SOURCES {
            let source: Source = serde_json::from_str(source).map_err(|_| NoticeError::Unreadable(language))?;
            version = source.version;
            for id in NoticeId::ALL {
                let notice = source.notices.get(id).ok_or(NoticeError::Missing(*id, language))?;
                let mut text = notice.text.clone();
                for (name, value) in &params {
                    text = text.replace(&format!("{{{name}}}"), value);
                }
                if text.contains('{') {
                    return Err(NoticeError::PlaceholderUnfilled(*id));
                }
                let digest = sha256(text.as_bytes());
                texts.insert((language, *id), NoticeText { kind: notice.kind, text, sha256: digest });
            }
        }
        Ok(Self { version, params, texts })
    }

    /// The version printed on receipts.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The exact text shown.
    #[must_use]
    pub fn text(&self, language: Language, id: NoticeId) -> Option<&str> {
        self.texts.get(&(language, id)).map(|notice| notice.text.as_str())
    }

    /// The lines of the notice screen.
    pub(crate) fn lines(&self, language: Language) -> Vec<NoticeLine> {
        NoticeId::ALL
            .iter()
            .filter_map(|id| {
                let notice = self.texts.get(&(language, *id))?;
                Some(NoticeLine {
                    id: *id,
                    version: self.version.clone(),
                    kind: notice.kind,
                    params: self.params.clone(),
                })
            })
            .collect()
    }

    /// Records the answers to all texts at once.
    pub(crate) fn record(
        &self,
        language: Language,
        optional: &[NoticeId],
        face_photo: bool,
        how: ConsentHow,
        at: Timestamp,
    ) -> Vec<ConsentRecord> {
        NoticeId::ALL
            .iter()
            .filter_map(|id| {
                let notice = self.texts.get(&(language, *id))?;
                let answer = match notice.kind {
                    NoticeKind::Mandatory => Answer::Agreed,
                    NoticeKind::Alternative if face_photo => Answer::Agreed,
                    NoticeKind::Alternative => Answer::AlternativeChosen,
                    NoticeKind::Optional if optional.contains(id) => Answer::Agreed,
                    NoticeKind::Optional => Answer::Declined,
                    NoticeKind::Notice => Answer::Told,
                };
                let (version, text_sha256) = (self.version.clone(), hex(&notice.sha256));
                Some(ConsentRecord { notice: *id, version, language, text_sha256, answer, how, at })
            })
            .collect()
    }
}

/// One answer to one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecord {
    pub notice: NoticeId,
    pub version: String,
    pub language: Language,
    /// SHA-256 of the exact text shown, in hex.
    pub text_sha256: String,
    pub answer: Answer,
    pub how: ConsentHow,
    pub at: Timestamp,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Agreed,
    /// Staff compare by eye instead (C3).
    AlternativeChosen,
    Declined,
    Told,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> BTreeMap<String, String> {
        ["recipient_list_version", "entrustees", "cache_hours", "image_retention", "desk"]
            .map(|name| (name.to_owned(), format!("<{name}>")))
            .into()
    }

    fn no_digest(text: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        out[..8].copy_from_slice(&(text.len() as u64).to_be_bytes());
        out
    }

    #[test]
    fn every_text_exists_in_every_language_with_its_placeholders_filled() {
        let set = NoticeSet::new(params(), no_digest).unwrap();
        for language in Language::ALL {
            assert_eq!(set.lines(*language).len(), NoticeId::ALL.len());
        }
        assert!(set.text(Language::En, NoticeId::C6).unwrap().contains("<cache_hours>"));
    }

    #[test]
    fn an_unfilled_placeholder_is_refused() {
        let mut few = params();
        few.remove("desk");
        assert_eq!(NoticeSet::new(few, no_digest), Err(NoticeError::PlaceholderUnfilled(NoticeId::C11)));
    }

    #[test]
    fn optional_items_are_declined_unless_switched_on() {
        let set = NoticeSet::new(params(), no_digest).unwrap();
        let records = set.record(Language::Ja, &[NoticeId::C8], false, ConsentHow::Touch, Timestamp::UNIX_EPOCH);
        let answer = |id| records.iter().find(|record| record.notice == id).unwrap().answer;
        assert_eq!(answer(NoticeId::C1), Answer::Agreed);
        assert_eq!(answer(NoticeId::C3), Answer::AlternativeChosen);
        assert_eq!(answer(NoticeId::C4b), Answer::Declined);
        assert_eq!(answer(NoticeId::C8), Answer::Agreed);
        assert_eq!(answer(NoticeId::C5), Answer::Told);
    }
}
