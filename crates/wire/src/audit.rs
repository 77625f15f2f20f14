//! Reading a sealed session back, and the three questions an auditor asks of it.

use chip_crypto::device_key::DevicePublicKey;
use jiff::Timestamp;
use session::{ItemKind, MediaType, RecordItem};
use trust::{ChipVerdict, Issuers};

use crate::{
    BlobError, BlobHeader, Bundle, BundleError, Manifest, ManifestItem, OpenKey, Receipt, ReceiptError,
    ReceiptVerifyKey, Upload,
};
use crate::{UploadError, open_blob, sha256};

/// An opened session: personal data in clear.
pub struct Contents {
    /// The manifest.
    pub manifest: Manifest,
    /// Every item, in the manifest's order.
    pub items: Vec<RecordItem>,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contents({} items)", self.items.len())
    }
}

/// Why a session does not open, or is not what its manifest says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentsError {
    /// The bundle does not open.
    #[error("bundle: {0}")]
    Bundle(#[from] BundleError),
    /// Number of blobs and items differ.
    #[error("{blobs} blobs for {items} items")]
    Count {
        /// Blobs at hand.
        blobs: usize,
        /// Items of the manifest.
        items: usize,
    },
    /// A blob is not the one the manifest names.
    #[error("item {position} is not the one in the manifest")]
    OtherBlob {
        /// Place in the manifest.
        position: usize,
    },
    /// A blob does not open.
    #[error("item {position}: {source}")]
    Blob {
        /// Place in the manifest.
        position: usize,
        /// Why.
        source: BlobError,
    },
    /// An item opened to other bytes than the manifest names.
    #[error("item {position} has other contents than the manifest says")]
    OtherContents {
        /// Place in the manifest.
        position: usize,
    },
    /// A kind or media type this version does not know.
    #[error("item {position} is of an unknown kind")]
    UnknownKind {
        /// Place in the manifest.
        position: usize,
    },
}

/// Opens a bundle and all its blobs and compares every one with the manifest. The caller has verified the signature.
pub fn open_contents(bundle: &Bundle, blobs: &[Vec<u8>], key: &OpenKey) -> Result<Contents, ContentsError> {
    let (dek, manifest) = bundle.open(key)?;
    if blobs.len() != manifest.items.len() {
        return Err(ContentsError::Count { blobs: blobs.len(), items: manifest.items.len() });
    }
    let mut items = Vec::new();
    for (position, (item, blob)) in manifest.items.iter().zip(blobs).enumerate() {
        let header = BlobHeader::parse(blob).map_err(|source| ContentsError::Blob { position, source })?;
        if header.blob_id != item.blob_id
            || u16::from(header.kind) != item.kind
            || sha256(&[blob]) != item.sealed_sha256
        {
            return Err(ContentsError::OtherBlob { position });
        }
        let plain = open_blob(&dek, &bundle.header.session_id, blob)
            .map_err(|source| ContentsError::Blob { position, source })?;
        if plain.len() as u64 != item.plain_len || sha256(&[&plain]) != item.plain_sha256 {
            return Err(ContentsError::OtherContents { position });
        }
        items.push(record_item(item, plain.to_vec()).ok_or(ContentsError::UnknownKind { position })?);
    }
    Ok(Contents { manifest, items })
}

fn record_item(item: &ManifestItem, bytes: Vec<u8>) -> Option<RecordItem> {
    let media_type = [MediaType::Bytes, MediaType::Json, MediaType::Jpeg]
        .into_iter()
        .find(|known| known.name() == item.media_type)?;
    Some(RecordItem { kind: item.item_kind()?, name: item.name.clone(), media_type, bytes })
}

/// A session judged again from its raw bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What the kiosk found.
    pub kiosk: Outcome,
    /// What the raw bytes say with the issuer certificates at hand.
    pub here: Outcome,
}

/// Level and codes of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `green`, `amber` or `red`.
    pub level: String,
    /// Codes, the deciding one first.
    pub codes: Vec<String>,
}

impl Judged {
    /// Whether both come to the same.
    pub fn agrees(&self) -> bool {
        self.kiosk == self.here
    }
}

/// Why a session cannot be judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The items do not make evidence.
    #[error("evidence: {0}")]
    Evidence(#[from] session::EvidenceError),
    /// The verdict item does not parse, or the manifest repeats it wrongly.
    #[error("the kiosk's verdict does not parse")]
    KioskVerdict,
}

/// Judges the raw chip files of an opened session as of the time it was accepted.
pub fn judge_again(contents: &Contents, accepted_ms: u64, issuers: &Issuers) -> Result<Judged, JudgeError> {
    let evidence = session::evidence_of(&contents.items)?;
    let item = contents.items.iter().find(|item| item.kind == ItemKind::Verdict).ok_or(JudgeError::KioskVerdict)?;
    let kiosk: ChipVerdict = serde_json::from_slice(&item.bytes).map_err(|_| JudgeError::KioskVerdict)?;
    let kiosk = outcome(&kiosk);
    if kiosk.level != contents.manifest.level || kiosk.codes != contents.manifest.codes {
        return Err(JudgeError::KioskVerdict);
    }
    let at = i64::try_from(accepted_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .ok_or(JudgeError::KioskVerdict)?;
    Ok(Judged { kiosk, here: outcome(&trust::judge(&evidence, issuers, at)) })
}

fn outcome(verdict: &ChipVerdict) -> Outcome {
    Outcome { level: verdict.level().name().to_owned(), codes: verdict.codes() }
}

/// What an auditor has besides the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditInput<'a> {
    /// The device key from enrolment; without it the key in the file is taken, which proves sameness, not origin.
    pub device: Option<&'a DevicePublicKey>,
    /// The key that opens the bundle.
    pub open_key: Option<&'a OpenKey>,
    /// The backend's receipt and the key it verifies with.
    pub receipt: Option<(&'a [u8], &'a ReceiptVerifyKey)>,
    /// SHA-256 of the bundle the same device sealed before.
    pub previous_bundle: Option<[u8; 32]>,
    /// Issuer certificates to judge with.
    pub trust: Option<&'a Issuers>,
}

/// Is the chain intact?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainAnswer {
    /// The bundle names exactly the one given as its predecessor.
    Intact,
    /// The bundle says it is its device's first.
    First,
    /// The bundle names another predecessor.
    Broken,
    /// No predecessor was given to compare with.
    NotCompared,
    /// The manifest is sealed and no key was given.
    Sealed,
}

/// Are the contents unaltered?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentsAnswer {
    /// Signature, every item and every digest fit.
    Unaltered {
        /// Items compared.
        items: usize,
    },
    /// The signature fits; the items are sealed and no key was given.
    SignatureOnly,
    /// The bundle file holds no items to compare with its manifest.
    ItemsAbsent,
    /// The signature does not fit.
    SignatureWrong(BundleError),
    /// An item is not what the manifest says.
    Altered(ContentsError),
}

/// Does anyone but the kiosk vouch for it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Independence {
    /// A receipt of the backend covers exactly this bundle.
    Anchored {
        /// Place in the backend's order.
        server_seq: u64,
        /// When it was committed, Unix milliseconds.
        committed_ms: u64,
    },
    /// Only the kiosk's own signature.
    SelfAttested,
    /// A receipt was given and does not cover this bundle.
    ReceiptInvalid(ReceiptError),
}

/// The auditor's three answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// The session.
    pub session_id: [u8; 16],
    /// The device that sealed it.
    pub device_id: [u8; 16],
    /// When it was accepted, Unix milliseconds.
    pub accepted_ms: u64,
    /// Its identity.
    pub bundle_sha256: [u8; 32],
    /// Is the chain intact?
    pub chain: ChainAnswer,
    /// Are the contents unaltered?
    pub contents: ContentsAnswer,
    /// Does anyone but the kiosk vouch for it?
    pub independence: Independence,
    /// The verdict again, when key and issuer certificates were given.
    pub judged: Option<Result<Judged, JudgeError>>,
}

impl AuditReport {
    /// Whether nothing speaks against the bundle: what could not be asked does not.
    pub fn sound(&self) -> bool {
        let contents = match self.contents {
            ContentsAnswer::Unaltered { .. } | ContentsAnswer::SignatureOnly | ContentsAnswer::ItemsAbsent => true,
            ContentsAnswer::SignatureWrong(_) | ContentsAnswer::Altered(_) => false,
        };
        let independence = match self.independence {
            Independence::Anchored { .. } | Independence::SelfAttested => true,
            Independence::ReceiptInvalid(_) => false,
        };
        contents && independence && self.chain != ChainAnswer::Broken
    }
}

/// Why a file is not a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// Starts like an upload and is none.
    #[error("upload: {0}")]
    Upload(#[from] UploadError),
    /// Not a bundle.
    #[error("bundle: {0}")]
    Bundle(#[from] BundleError),
    /// A bare bundle needs the device key beside it.
    #[error("a bare bundle needs the device key")]
    DeviceKeyNeeded,
}

/// Answers the three questions about a bundle file: an `EKU1` with items, or a bare `EKS1`.
pub fn audit(file: &[u8], input: &AuditInput<'_>) -> Result<AuditReport, AuditError> {
    let (bundle, blobs, held) = if file.starts_with(b"EKS1") {
        (Bundle::parse(file)?, Vec::new(), None)
    } else {
        let upload = Upload::parse(file)?;
        (Bundle::parse(&upload.bundle)?, upload.blobs, Some(upload.device))
    };
    let device = input.device.copied().or(held).ok_or(AuditError::DeviceKeyNeeded)?;
    let signature = bundle.verify_signature(&device);
    let opened = input.open_key.map(|key| bundle.open(key).map(|(_, manifest)| manifest));
    let chain = match (&opened, input.previous_bundle) {
        (None, _) => ChainAnswer::Sealed,
        (Some(Err(_)), _) => ChainAnswer::Broken,
        (Some(Ok(manifest)), given) => match (manifest.previous_bundle, given) {
            (None, None) => ChainAnswer::First,
            (Some(_), None) => ChainAnswer::NotCompared,
            (named, given) if named == given => ChainAnswer::Intact,
            (_, Some(_)) => ChainAnswer::Broken,
        },
    };
    let mut judged = None;
    let contents = match (signature, input.open_key) {
        (Err(error), _) => ContentsAnswer::SignatureWrong(error),
        (Ok(()), None) => ContentsAnswer::SignatureOnly,
        (Ok(()), Some(_)) if held.is_none() => ContentsAnswer::ItemsAbsent,
        (Ok(()), Some(key)) => match open_contents(&bundle, &blobs, key) {
            Ok(contents) => {
                judged = input.trust.map(|trust| judge_again(&contents, bundle.header.accepted_ms, trust));
                ContentsAnswer::Unaltered { items: contents.items.len() }
            }
            Err(error) => ContentsAnswer::Altered(error),
        },
    };
    let (header, bundle_sha256) = (bundle.header, bundle.sha256());
    let independence = match input.receipt {
        None => Independence::SelfAttested,
        Some((receipt, key)) => match Receipt::verify(receipt, key, &header.session_id, &bundle_sha256) {
            Ok(receipt) => {
                Independence::Anchored { server_seq: receipt.server_seq, committed_ms: receipt.committed_ms }
            }
            Err(error) => Independence::ReceiptInvalid(error),
        },
    };
    Ok(AuditReport {
        session_id: header.session_id,
        device_id: header.device_id,
        accepted_ms: header.accepted_ms,
        bundle_sha256,
        chain,
        contents,
        independence,
        judged,
    })
}
