//! What one role may see, as data for the page: text keys and parameters, never prose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::choice::{
    DocumentChoice, HolderField, HumanVerdict, Language, NoticeId, NoticeKind, Occupation, Purpose, RefusalReason, Role,
};

/// The whole picture of one surface. `screen` names the session's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SessionView {
    pub head: Head,
    #[serde(flatten)]
    pub screen: Screen,
}

/// What every screen shows around its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Head {
    pub role: Role,
    /// Eight characters, safe to print; absent while idle.
    pub session: Option<String>,
    pub language: Language,
    /// Whether "stop" is offered here.
    pub can_stop: bool,
    /// Whether "back" is offered here.
    pub can_go_back: bool,
    /// "Time almost up": seconds left before everything is erased.
    pub time_warning: Option<u32>,
    /// What went wrong last, or a hint; cleared by the next act.
    pub message: Option<Message>,
}

/// A text key with its parameters; with `code` when it speaks of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Message {
    /// Key in the catalogue of the page, or `failure.<NAME>` for the texts of this crate.
    pub key: String,
    pub params: BTreeMap<String, String>,
    pub code: Option<CodeView>,
}

/// A failure as the page may branch on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CodeView {
    /// For the telephone. Absent for the customer.
    pub number: Option<u16>,
    /// For the log, parameter in brackets. For the customer only the name, which selects the sentence.
    pub name: String,
    pub stage: String,
    pub turn: String,
    pub remedy: String,
}

/// One screen per state of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "screen", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Screen {
    Idle {
        ready: bool,
        devices: DevicesView,
        documents: Vec<DocumentOption>,
        /// Teller only.
        deliveries: Vec<DeliveryLine>,
    },
    Opening,
    Language {
        languages: Vec<Language>,
    },
    Notice {
        /// Customer only, in the order they are shown.
        items: Vec<NoticeLine>,
        /// `P1` … : `purpose_tags` in `notice.{ja,en,vi}.json`.
        purposes: Vec<String>,
    },
    Declare {
        purposes: Vec<Purpose>,
        occupations: Vec<Occupation>,
    },
    ChooseDocument {
        documents: Vec<DocumentOption>,
    },
    AccessKey {
        document: DocumentChoice,
        attempts_left: u8,
        /// Tries the card said are left for its PIN, after a wrong one.
        card_tries_left: Option<u8>,
        last_try: LastTry,
    },
    AwaitCard {
        document: DocumentChoice,
        devices: DevicesView,
        /// The card was lifted while being read; reading goes on when it is back.
        resuming: bool,
        attempts_left: u8,
        /// A card that lies there failed: lift it, or "try again".
        can_retry: bool,
    },
    Reading(ReadingView),
    Verifying,
    ShowChipData {
        /// Staff only; the customer sees "staff is looking".
        chip: Option<ChipDataView>,
        /// Milliseconds until the teller may go on (legal display step, at least 2 s).
        wait_ms: u32,
    },
    ConfirmData {
        chip: ChipDataView,
        missing: Vec<MissingItem>,
        /// The customer said that something is not right.
        disputed: bool,
    },
    FaceCapture {
        devices: DevicesView,
        /// The picture taken, waiting for "use" or "again".
        photo: Option<Photo>,
        can_skip: bool,
        attempts_left: u8,
        taking: bool,
    },
    FaceCompare {
        /// Staff only.
        faces: Option<FacesView>,
    },
    Decide {
        /// Staff only; the customer sees "please wait".
        decision: Option<DecisionView>,
    },
    Sealing,
    Receipt(ReceiptView),
    Wiping {
        outcome: Outcome,
        /// Everything is erased.
        done: bool,
    },
}

impl Screen {
    /// The name it has on the page.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle { .. } => "idle",
            Self::Opening => "opening",
            Self::Language { .. } => "language",
            Self::Notice { .. } => "notice",
            Self::Declare { .. } => "declare",
            Self::ChooseDocument { .. } => "choose_document",
            Self::AccessKey { .. } => "access_key",
            Self::AwaitCard { .. } => "await_card",
            Self::Reading(_) => "reading",
            Self::Verifying => "verifying",
            Self::ShowChipData { .. } => "show_chip_data",
            Self::ConfirmData { .. } => "confirm_data",
            Self::FaceCapture { .. } => "face_capture",
            Self::FaceCompare { .. } => "face_compare",
            Self::Decide { .. } => "decide",
            Self::Sealing => "sealing",
            Self::Receipt(_) => "receipt",
            Self::Wiping { .. } => "wiping",
        }
    }
}

/// The last try of a PIN (product.md §13.2): the customer wants it, staff allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum LastTry {
    NotAsked,
    /// One try is left; nothing is sent until staff allow it.
    Asked,
    Allowed,
}

/// State of one device, with its failure when there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DevicesView {
    pub reader: DeviceState,
    pub reader_name: Option<String>,
    pub card_present: bool,
    pub camera: DeviceState,
    pub camera_name: Option<String>,
    pub backend: DeviceState,
    /// A failure each, where there is one.
    pub failures: Vec<CodeView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum DeviceState {
    #[default]
    Unknown,
    Ready,
    Starting,
    Missing,
    Failed,
}

/// A document button (product.md §14.4): name text `document.<id>`, hint `document_hint.<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DocumentOption {
    pub document: DocumentChoice,
    pub usable: bool,
}

/// One notice text: `notice.{ja,en,vi}.json`, key `id`, placeholders filled from `params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NoticeLine {
    pub id: NoticeId,
    pub version: String,
    pub kind: NoticeKind,
    pub params: BTreeMap<String, String>,
}

/// Progress in three meaningful steps (C8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReadingView {
    pub step: ReadingStep,
    /// 0 to 100 over all three steps, never falling while one card stays.
    pub percent: u8,
    /// Staff only.
    pub file: Option<String>,
    pub files_done: u8,
    pub bytes: u32,
    pub lifts: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ReadingStep {
    Opening,
    Reading,
    CheckingSeal,
}

/// Holder data as shown. Sex is hidden; the document number is masked (product.md §6.4, §7).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ChipDataView {
    pub document: DocumentChoice,
    /// What the chip states, in the order it is shown.
    pub lines: Vec<HolderLine>,
    /// What the chip states as an image alone.
    pub pictures: Vec<HolderPicture>,
    /// Staff: the chip states no expiry; somebody reads it from the card.
    pub printed_expiry_wanted: bool,
    pub photo: Option<Photo>,
    /// The photo is being decoded and follows.
    pub photo_pending: bool,
    /// Staff only.
    pub verdict: Option<VerdictView>,
}

/// One item, text `fields.<field>`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HolderLine {
    pub field: HolderField,
    /// Dates as `YYYY-MM-DD`, or with `XX` where the document leaves a part out; numbers masked.
    pub value: String,
    /// Entered after issue, `YYYY-MM-DD`.
    pub changed_on: Option<String>,
    /// Covered by no signature.
    pub unsigned: bool,
}

/// One item as an image.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HolderPicture {
    pub field: HolderField,
    pub picture: Photo,
}

/// Names the item only.
impl std::fmt::Debug for HolderLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HolderLine({})", self.field.id())
    }
}

/// Names the item only.
impl std::fmt::Debug for HolderPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HolderPicture({})", self.field.id())
    }
}

/// Shows nothing of a person.
impl std::fmt::Debug for ChipDataView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChipDataView(..)")
    }
}

/// A JPEG image, base64 in JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Photo {
    #[serde(with = "base64_text")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({} bytes)", self.jpeg.len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum LevelView {
    Green,
    Amber,
    Red,
}

/// The verdict with all its parts (product.md §8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VerdictView {
    pub level: LevelView,
    /// One line per part: read, data_signature, chain, chip_genuine, print_match, validity, forbidden_data, trust_bundle.
    pub lines: Vec<VerdictLine>,
    pub algorithm: Option<String>,
    /// Everything found, the deciding one first.
    pub codes: Vec<CodeView>,
}

/// One part of the verdict: text `verdict.<part>`, state text `verdict.<part>.<state>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VerdictLine {
    pub part: String,
    pub state: String,
    pub level: LevelView,
    pub params: BTreeMap<String, String>,
    pub codes: Vec<CodeView>,
}

/// Something the method still needs (T6): text `missing.<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum MissingItem {
    ResidenceSupplement,
}

/// Chip photo, live photo, and when the buttons open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FacesView {
    pub chip: Option<Photo>,
    pub live: Option<Photo>,
    /// Why there is no live photo.
    pub skipped: bool,
    /// `same`, `not sure` and `different` open after this many milliseconds (T5).
    pub wait_ms: u32,
    /// The machine's band. This build compares by eye only.
    pub band: String,
}

/// The teller's decision screen (T7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DecisionView {
    pub chip: ChipDataView,
    /// Absent when the verdict is red: then there is nothing to compare any more.
    pub faces: Option<FacesView>,
    pub human: Option<HumanVerdict>,
    pub purpose: Purpose,
    pub occupation: Occupation,
    pub missing: Vec<MissingItem>,
    /// The teller has said that the residence supplement comes later; sealing failed after that.
    pub residence_later: bool,
    pub can_accept: bool,
    /// Why accepting is closed: text `decide.closed.<id>`.
    pub closed_because: Option<String>,
    pub refusal_reasons: Vec<RefusalReason>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Outcome {
    Completed,
    PaperFallback,
    Refused,
    Aborted,
    Expired,
    TechnicalFailure,
    Quarantined,
}

/// What the customer may take along (product.md §10.11): no name, birth date or photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReceiptView {
    pub outcome: Outcome,
    /// Text key of the sentence.
    pub sentence: String,
    pub short_id: String,
    /// RFC 3339.
    pub at: String,
    pub document: DocumentChoice,
    pub document_number: String,
    pub delivery: DeliveryStep,
    pub notice_version: String,
    /// Take your card.
    pub card_present: bool,
}

/// Where a sealed session is on its way (product.md §11.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum DeliveryStep {
    Queued,
    Uploading,
    RetryWait,
    Receipted,
    Rejected,
}

/// One row of pending deliveries (T10): no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DeliveryLine {
    pub short_id: String,
    pub step: DeliveryStep,
    /// RFC 3339.
    pub sealed_at: String,
    /// In bytes; as text because a number may exceed 2^53.
    pub size: String,
    pub attempts: u32,
    pub code: Option<CodeView>,
}

mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
