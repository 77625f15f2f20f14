use std::collections::BTreeMap;

use apdu::{ChannelFault, FileId, FileRef, ShortFileId, StatusWord};
use chip_crypto::curve::NamedCurve;
use serde::{Deserialize, Serialize};

use super::access_key::MrzKey;
use super::pace_cam::PaceCamTranscript;
use super::security_info::{KeyAgreement, PaceCipher, PaceMapping};

/// Everything a reading of one chip brought: raw files and transcripts, from which the verdict is computed and recomputed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrtdEvidence {
    /// How access was gained.
    pub access: AccessEvidence,
    /// The files as they were read.
    pub files: BTreeMap<MrtdFile, Vec<u8>>,
    /// Files the chip did not give, with what it answered instead.
    pub absent: BTreeMap<MrtdFile, StatusWord>,
    /// Active Authentication as it ran.
    pub active: Option<ActiveTranscript>,
    /// What the chip answered instead of signing.
    pub active_refused: Option<StatusWord>,
    /// Chip Authentication as it ran; `None` when DG14 offers none.
    pub chip: Option<ChipAuthTranscript>,
    /// PACE with chip authentication mapping as it ran; `None` for other mappings and for BAC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<PaceCamTranscript>,
    /// What the reading cost.
    pub counters: Counters,
}

/// Shows names and sizes only.
impl std::fmt::Debug for MrtdEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: BTreeMap<&str, usize> = self.files.iter().map(|(file, bytes)| (file.name(), bytes.len())).collect();
        f.debug_struct("MrtdEvidence")
            .field("access", &self.access)
            .field("files", &sizes)
            .field("absent", &self.absent)
            .field("active", &self.active)
            .field("active_refused", &self.active_refused)
            .field("chip", &self.chip)
            .field("mapping", &self.mapping)
            .field("counters", &self.counters)
            .finish()
    }
}

/// The files an identity check reads. DG3 and DG4 (fingers, irises) are never read and have no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MrtdFile {
    /// EF.CardAccess (Doc 9303-10, 3.11.3).
    CardAccess,
    /// EF.CardSecurity (Doc 9303-11, 9.2.11): read after chip authentication mapping alone.
    CardSecurity,
    /// EF.COM (Doc 9303-10, 4.6.1).
    Com,
    /// EF.SOD, the Document Security Object.
    Sod,
    /// DG1: the machine readable zone.
    Dg1,
    /// DG2: the encoded face.
    Dg2,
    /// DG14: security options.
    Dg14,
    /// DG15: the Active Authentication public key.
    Dg15,
}

impl MrtdFile {
    /// Name as Doc 9303 writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardAccess => "EF.CardAccess",
            Self::CardSecurity => "EF.CardSecurity",
            Self::Com => "EF.COM",
            Self::Sod => "EF.SOD",
            Self::Dg1 => "DG1",
            Self::Dg2 => "DG2",
            Self::Dg14 => "DG14",
            Self::Dg15 => "DG15",
        }
    }

    /// The data group with this number, if it is one that is read.
    #[must_use]
    pub const fn from_data_group(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Dg1),
            2 => Some(Self::Dg2),
            14 => Some(Self::Dg14),
            15 => Some(Self::Dg15),
            _ => None,
        }
    }

    /// The data group number; `None` for the elementary files around them.
    #[must_use]
    pub const fn data_group(self) -> Option<u8> {
        match self {
            Self::Dg1 => Some(1),
            Self::Dg2 => Some(2),
            Self::Dg14 => Some(14),
            Self::Dg15 => Some(15),
            Self::CardAccess | Self::CardSecurity | Self::Com | Self::Sod => None,
        }
    }

    /// File identifier and short identifier (Doc 9303-10, table 38). EF.CardSecurity has those of EF.SOD, under the master file.
    #[must_use]
    pub const fn reference(self) -> FileRef {
        let (id, short_id) = match self {
            Self::CardAccess => (0x011C, 0x1C),
            Self::Com => (0x011E, 0x1E),
            Self::CardSecurity | Self::Sod => (0x011D, 0x1D),
            Self::Dg1 => (0x0101, 0x01),
            Self::Dg2 => (0x0102, 0x02),
            Self::Dg14 => (0x010E, 0x0E),
            Self::Dg15 => (0x010F, 0x0F),
        };
        FileRef { id: FileId(id), short_id: Some(ShortFileId(short_id)) }
    }

    /// Greatest size that is read (security.md §9: SOD 256 KiB, DG2 1 MiB, else 512 KiB).
    #[must_use]
    pub const fn max_size(self) -> usize {
        match self {
            Self::CardSecurity | Self::Sod => 256 * 1024,
            Self::Dg2 => 1024 * 1024,
            Self::CardAccess | Self::Com | Self::Dg1 | Self::Dg14 | Self::Dg15 => 512 * 1024,
        }
    }
}

/// How access to the chip was gained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEvidence {
    /// The protocol that opened the chip.
    pub protocol: AccessProtocol,
    /// Whether EF.CardAccess offers PACE.
    pub pace_advertised: bool,
    /// Why PACE failed before BAC opened the chip: a downgrade.
    pub pace_failure: Option<PaceFailure>,
    /// The key that opened the chip, when it was that of a machine readable zone: DG1 must have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrz_key: Option<MrzKey>,
}

/// An access protocol that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessProtocol {
    /// Basic Access Control (Doc 9303-11, 4.3).
    Bac,
    /// Password Authenticated Connection Establishment (Doc 9303-11, 4.4).
    Pace {
        /// How the nonce became a generator.
        mapping: PaceMapping,
        /// Number among the standardized domain parameters (Doc 9303-11, 9.5.1).
        parameter_id: u8,
        /// Cipher of the secure messaging that followed.
        cipher: PaceCipher,
    },
}

impl AccessProtocol {
    /// The curve PACE ran on.
    #[must_use]
    pub fn curve(self) -> Option<NamedCurve> {
        match self {
            Self::Bac => None,
            Self::Pace { parameter_id, .. } => NamedCurve::from_standardized_id(parameter_id).ok(),
        }
    }
}

/// Why an advertised PACE did not open the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaceFailure {
    /// The chip refused a step with this status word.
    Refused(StatusWord),
    /// No advertised variant is one this terminal runs.
    Unsupported,
    /// The chip's part of the protocol is wrong: token, point, reflected key, encoding.
    ProtocolViolated,
}

/// Active Authentication (Doc 9303-11, 6.1): our challenge and the chip's signature over it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveTranscript {
    /// RND.IFD, drawn for this reading.
    pub challenge: [u8; 8],
    /// The chip's answer, whatever it is.
    pub response: Vec<u8>,
}

impl std::fmt::Debug for ActiveTranscript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ActiveTranscript({} bytes)", self.response.len())
    }
}

/// Chip Authentication (Doc 9303-11, 6.2) as it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipAuthTranscript {
    /// Group of the key in DG14 that was used.
    #[serde(default)]
    pub agreement: KeyAgreement,
    /// Which of the keys in DG14 was used, when DG14 names them.
    pub key_id: Option<Vec<u8>>,
    /// Cipher of the protocol that was asked for.
    pub cipher: PaceCipher,
    /// How it ended.
    pub outcome: ChipAuthOutcome,
}

/// How Chip Authentication ended. `Switched` is no proof: whose key it was is decided by passive authentication of DG14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChipAuthOutcome {
    /// The chip used the new keys.
    Switched(KeySwitch),
    /// The chip refused the protocol's commands.
    Refused(StatusWord),
    /// The chip took the commands but its next response does not verify under the new keys.
    NotSwitched(ChannelFault),
    /// The public key in DG14 is no valid point of a known curve.
    KeyInvalid,
    /// DG14 offers only variants this terminal does not run.
    NotSupported,
}

/// What proves the switch of keys to anyone who has DG14. The private scalar is spent: the channel it made is closed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySwitch {
    /// Our ephemeral private key.
    pub ephemeral_private: Vec<u8>,
    /// First command under the new keys, as sent.
    pub command: Vec<u8>,
    /// Its response, as received.
    pub response: Vec<u8>,
}

impl std::fmt::Debug for KeySwitch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeySwitch(..)")
    }
}

/// What a reading cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Command APDUs sent.
    pub apdus: u32,
    /// Bytes of command APDUs.
    pub bytes_sent: u64,
    /// Bytes of response APDUs.
    pub bytes_received: u64,
}
