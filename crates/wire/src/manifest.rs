use minicbor::{Decode, Encode};
use session::ItemKind;

/// Version of the manifest's schema.
pub const MANIFEST_SCHEMA: u16 = 1;

/// Whether the kiosk's clock was plausible at acceptance (threat model T13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ClockTrust {
    /// Above the floor, no jump.
    #[n(0)]
    Trusted,
    /// Below the floor or jumped; the backend judges again with its own clock.
    #[n(1)]
    Untrusted,
}

/// One named check of the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManifestCheck {
    /// Name of the check.
    #[n(0)]
    pub name: String,
    /// Its state, as the verdict spells it.
    #[n(1)]
    pub state: String,
}

/// One item of the session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManifestItem {
    /// Identity of the blob.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub blob_id: [u8; 16],
    /// What it holds: [`ItemKind::number`].
    #[n(1)]
    pub kind: u16,
    /// Which of its kind, e.g. `EF.SOD`.
    #[n(2)]
    pub name: String,
    /// Media type.
    #[n(3)]
    pub media_type: String,
    /// Octets before encryption.
    #[n(4)]
    pub plain_len: u64,
    /// Octets of the EKB1 blob.
    #[n(5)]
    pub sealed_len: u64,
    /// SHA-256 before encryption.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub plain_sha256: [u8; 32],
    /// SHA-256 of the EKB1 blob.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub sealed_sha256: [u8; 32],
}

impl ManifestItem {
    /// What it holds; `None` for a kind this version does not know.
    pub fn item_kind(&self) -> Option<ItemKind> {
        ItemKind::from_number(self.kind)
    }
}

/// What a bundle says about its session; encrypted under the session's DEK.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    #[n(0)]
    pub schema: u16,
    /// SHA-256 of the app build.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub app_build: [u8; 32],
    /// Version of the policy in force.
    #[n(2)]
    pub policy_version: u64,
    /// Version of the trust bundle in force.
    #[n(3)]
    pub trust_version: String,
    /// Plausibility of the clock.
    #[n(4)]
    pub clock_trust: ClockTrust,
    /// Document type.
    #[n(5)]
    pub document: String,
    /// Level of the verdict.
    #[n(6)]
    pub level: String,
    /// Failure codes, the deciding one first.
    #[n(7)]
    pub codes: Vec<String>,
    /// Every check of the verdict.
    #[n(8)]
    pub checks: Vec<ManifestCheck>,
    /// Every item.
    #[n(9)]
    pub items: Vec<ManifestItem>,
    /// Pseudonym of the deciding operator.
    #[cbor(n(10), with = "minicbor::bytes")]
    pub operator: [u8; 16],
    /// SHA-256 of the bundle this device sealed before; `None` for its first.
    #[cbor(n(11), with = "minicbor::bytes")]
    pub previous_bundle: Option<[u8; 32]>,
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manifest")
            .field("schema", &self.schema)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}
