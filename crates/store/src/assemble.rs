use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use session::Accepted;
use wire::{
    Bundle, BundleHeader, ClockTrust, MANIFEST_SCHEMA, MAX_BLOBS, Manifest, ManifestItem, SealKey, SealedBlob, Secret,
};

use crate::error::Error;

/// What sealing needs besides the session.
pub(crate) struct Sealer {
    pub(crate) device: DeviceKey,
    pub(crate) seal_key: SealKey,
    pub(crate) app_build: [u8; 32],
    pub(crate) policy_version: u64,
}

/// A sealed session before it is committed.
pub(crate) struct Assembled {
    pub(crate) bundle: Bundle,
    pub(crate) blobs: Vec<AssembledBlob>,
    pub(crate) size: u64,
}

pub(crate) struct AssembledBlob {
    pub(crate) sealed: SealedBlob,
    pub(crate) sha256: [u8; 32],
}

/// Where the bundle stands.
pub(crate) struct Place {
    pub(crate) journal_seq: u64,
    pub(crate) previous_bundle: Option<[u8; 32]>,
    /// Whether the time of acceptance can be the time of day.
    pub(crate) clock: ClockTrust,
}

impl Sealer {
    /// Encrypts every item, writes the manifest, seals the DEK to the backend and signs.
    pub(crate) fn assemble(
        &self,
        accepted: &Accepted,
        dek: &Secret<32>,
        place: &Place,
        random: &mut dyn SecureRandom,
    ) -> Result<Assembled, Error> {
        if accepted.items.len() > MAX_BLOBS {
            return Err(wire::FactsError::Budget.into());
        }
        let facts = wire::session_facts(accepted)?;
        let session_id = *accepted.id.as_bytes();
        let (mut blobs, mut items) = (Vec::new(), Vec::new());
        for item in &accepted.items {
            let (mut blob_id, mut salt) = ([0; 16], [0; 32]);
            random.fill(&mut blob_id)?;
            random.fill(&mut salt)?;
            let kind = item.kind.number();
            let header_kind = u8::try_from(kind).map_err(|_| Error::Counter)?;
            let sealed = wire::seal_blob(dek, &session_id, header_kind, blob_id, salt, &item.bytes)?;
            let header = sealed.header.encode();
            let mut parts: Vec<&[u8]> = vec![&header];
            parts.extend(sealed.chunks.iter().map(Vec::as_slice));
            let sha256 = wire::sha256(&parts);
            items.push(ManifestItem {
                blob_id,
                kind,
                name: item.name.clone(),
                media_type: item.media_type.name().to_owned(),
                plain_len: sealed.header.plain_len,
                sealed_len: sealed.header.sealed_len() + wire::BLOB_HEADER_LEN as u64,
                plain_sha256: wire::sha256(&[&item.bytes]),
                sealed_sha256: sha256,
            });
            blobs.push(AssembledBlob { sealed, sha256 });
        }
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA,
            app_build: self.app_build,
            policy_version: self.policy_version,
            trust_version: facts.trust_version,
            clock_trust: place.clock,
            document: facts.document,
            level: facts.level,
            codes: facts.codes,
            checks: facts.checks,
            items,
            operator: facts.operator,
            previous_bundle: place.previous_bundle,
        };
        let header = BundleHeader {
            recipient_key_id: self.seal_key.id(),
            device_id: wire::device_id(&self.device.public()),
            session_id,
            accepted_ms: milliseconds(accepted.accepted_at),
            journal_seq: place.journal_seq,
        };
        let bundle = Bundle::seal(header, &self.seal_key, &self.device, dek, &manifest, random)?;
        let blob_size: u64 = manifest.items.iter().map(|item| item.sealed_len).sum();
        let size = blob_size + bundle.to_bytes().len() as u64;
        Ok(Assembled { bundle, blobs, size })
    }
}

/// Unix milliseconds; zero for a time before 1970, which no kiosk sees.
pub(crate) fn milliseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or(0)
}
