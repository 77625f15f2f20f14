//! Findings: everything a judgement can hold against a document, each with one code name of the product's catalogue.

use serde::{Deserialize, Serialize};

use crate::Level;

/// One thing that speaks against a document or keeps it from being green. Each has exactly one code name ([`Finding::code`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// No certificate of any country is known.
    TrustStoreEmpty,
    /// The issuing authority (CSCA) is not among the known ones.
    CscaUnknown,
    /// The CSCA the signer names is known, but its key did not make the signature.
    ChainSigInvalid,
    /// A certificate that must not issue stands in the chain.
    ChainConstraint,
    /// The CSCA was not valid when it issued the signer.
    CscaNotValidAtIssue,
    /// The signer's certificate carries a critical extension this verifier does not know.
    CertCriticalExt,
    /// The issuing state of the document is not the country of its signer.
    CountryMismatch,
    /// The signer was revoked.
    DscRevoked,
    /// The revocation list was not signed by the CSCA of the signer.
    CrlUntrusted,
    /// The newest revocation list is too old.
    CrlStale,
    /// The trust bundle holds no revocation list of the signer's authority.
    CrlMissing,
    /// The issuer certificates the verdict rests on are too old.
    TrustListStale,
    /// The signer was not valid when it signed.
    DscNotValidAtSigning,
    /// The signer's certificate is not for signing.
    DscKeyUsage,
    /// EF.SOD has no signer certificate and none is known.
    DscMissing,
    /// The chip holds no EF.SOD, or it could not be read.
    SodMissing,
    /// The signature of EF.SOD is wrong.
    SodSigInvalid,
    /// The signed digest is not that of the content of EF.SOD.
    SodDigestMismatch,
    /// EF.SOD has no signed attributes although its content type needs them.
    SodAttrsMissing,
    /// The content type of EF.SOD is wrong.
    SodContentType,
    /// EF.SOD has no signer or more than one.
    SodSignerCount,
    /// EF.SOD lists one data group more than once.
    SodDuplicateDg,
    /// A signed part of EF.SOD is not DER.
    DerNotCanonical,
    /// A structure cannot be read.
    TlvInvalid,
    /// A structure is deeper or larger than the budget.
    TlvLimit,
    /// A file is larger than the budget.
    FileLimit,
    /// A file that every document of this kind has is missing or closed.
    FileMissing,
    /// A digest algorithm that is no longer allowed was used.
    AlgForbidden,
    /// A key is too small.
    KeyTooSmall,
    /// Two statements about one algorithm differ.
    AlgParamMismatch,
    /// The explicit parameters of a curve are not those of a known curve.
    EcParamInvalid,
    /// A public key is not a point of its curve.
    EcPointInvalid,
    /// A signature value cannot be one.
    SigEncoding,
    /// A data group is not the one that was signed.
    DgHashMismatch(u8),
    /// A data group was read that the SOD does not list.
    DgNotInSod(u8),
    /// A data group is signed but missing on the chip.
    DgMissing(u8),
    /// EF.COM and EF.SOD disagree on the data groups.
    ComSodMismatch,
    /// EF.COM and EF.SOD disagree on the version of the data structure.
    LdsVersionMismatch,
    /// The key typed to open the chip is not that of the MRZ in DG1.
    AccessKeyMrzMismatch,
    /// The printed MRZ is not the one in DG1.
    MrzDg1Mismatch,
    /// A check digit of the MRZ in DG1 is wrong.
    MrzCheckDigit,
    /// The document is past its expiry date.
    DocumentExpired,
    /// Active Authentication failed: the chip may be a copy.
    AaFailed,
    /// The chip refused Active Authentication although it must offer it.
    AaRefused,
    /// Chip Authentication failed: the chip may be a copy.
    CaFailed,
    /// The chip advertises PACE but was opened with the weaker BAC.
    AccessDowngrade,
    /// EF.CardAccess and DG14 disagree.
    CardaccessMismatch,
    /// The portrait is larger than the budget.
    ImageLimit,
    /// DG2 holds no face or several.
    Dg2FaceCount,
    /// No known root of the JPKI issued the certificate.
    JpkiCaUnknown,
    /// The certificate is not for what it was offered for.
    JpkiCertPurpose,
    /// The certificate is not within its dates.
    JpkiCertExpired,
    /// The accredited verifier says that the certificate was revoked.
    JpkiCertRevoked,
    /// Nobody was asked whether the certificate was revoked.
    JpkiStatusPending,
    /// The answer on revocation is old, of another question or of another certificate.
    JpkiStatusInvalid,
    /// The key of the certificate did not sign the challenge.
    JpkiSigInvalid,
    /// Name, address, birth date or sex are not what was signed.
    MnAttrSigInvalid,
    /// The photo of the card is not what was signed.
    MnFaceSigInvalid,
    /// The text and the signature certificate are of different persons.
    MnAttrCertMismatch,
    /// The key that certified the signer of the card's data is not known.
    MnIssuerUnknown,
    /// The certificate of the signer of the card's data was not made by the key it names.
    MnIssuerSigInvalid,
    /// The card did not prove its own key: it may be a copy.
    MnChipProofFailed,
    /// The card refused to prove its own key.
    MnChipProofRefused,
    /// The applications of the card speak of different persons.
    MnApplicationsDiffer,
    /// An Individual Number stands where none may be kept.
    MyNumberRedaction,
    /// A date of the document is none.
    DateInvalid,
    /// An image of the document cannot be shown.
    ImageInvalid,
    /// The signature of the licence is wrong.
    DlSigInvalid,
    /// The signer of the licence is not among the known ones.
    DlSignerUnknown,
    /// The signer of the licence was not valid when it was issued.
    DlSignerNotValidAtSigning,
    /// An external character of the licence is missing or no picture.
    DlGaijiInvalid,
    /// The licence's common data do not fit its contents, or its version is unknown.
    DlLayoutMismatch,
    /// The signature of the residence card is wrong.
    RcSigInvalid,
    /// No known authority issued the signer of the residence card.
    RcSignerUnknown,
    /// The signer of the residence card cannot have been valid when it signed.
    RcSignerNotValidAtSigning,
    /// The number on the chip is not the printed one that opened it.
    RcNumberMismatch,
    /// The card's files are not those of its type.
    RcLayoutMismatch,
    /// The number is registered as revoked.
    RcNumberRevoked,
    /// The number could not be looked up.
    RcStatusPending,
}

impl Finding {
    /// Gives the code: the name in the catalogue, with its parameter in brackets.
    #[must_use]
    pub fn code(&self) -> String {
        match self.data_group() {
            Some(number) => format!("{}({number})", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Gives the number of the data group the finding is about.
    #[must_use]
    pub fn data_group(&self) -> Option<u8> {
        if let Self::DgHashMismatch(n) | Self::DgNotInSod(n) | Self::DgMissing(n) = *self { Some(n) } else { None }
    }

    /// Gives the name in the catalogue without a parameter.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row().0
    }

    /// Gives the level the finding forces on the verdict.
    ///
    /// Policy: digests and keys that were once legal (SHA-1, RSA-1024) keep a document from green but do not make it a
    /// forgery; neither does an authority we do not know.
    #[must_use]
    pub fn level(&self) -> Level {
        self.row().1
    }

    /// One row for each finding: name, level, rank (the smallest rank decides).
    fn row(&self) -> (&'static str, Level, u16) {
        use Level::{Amber, Red};
        match self {
            Self::SodMissing => ("SOD_MISSING", Amber, 10),
            Self::FileLimit => ("FILE_LIMIT", Amber, 11),
            Self::FileMissing => ("FILE_MISSING", Amber, 14),
            Self::TlvLimit => ("TLV_LIMIT", Amber, 12),
            Self::TlvInvalid => ("TLV_INVALID", Amber, 13),
            Self::SodSigInvalid => ("SOD_SIG_INVALID", Red, 19),
            Self::SodSignerCount => ("SOD_SIGNER_COUNT", Red, 20),
            Self::SodContentType => ("SOD_CONTENT_TYPE", Red, 21),
            Self::SodAttrsMissing => ("SOD_ATTRS_MISSING", Red, 22),
            Self::DerNotCanonical => ("DER_NOT_CANONICAL", Red, 23),
            Self::DscMissing => ("DSC_MISSING", Red, 24),
            Self::EcParamInvalid => ("EC_PARAM_INVALID", Red, 25),
            Self::EcPointInvalid => ("EC_POINT_INVALID", Red, 26),
            Self::AlgParamMismatch => ("ALG_PARAM_MISMATCH", Red, 27),
            Self::SigEncoding => ("SIG_ENCODING", Red, 18),
            Self::SodDigestMismatch => ("SOD_DIGEST_MISMATCH", Red, 20),
            Self::SodDuplicateDg => ("SOD_DUPLICATE_DG", Red, 31),
            Self::DgHashMismatch(n) => ("DG_HASH_MISMATCH", Red, 40 + u16::from(*n)),
            Self::ChainSigInvalid => ("CHAIN_SIG_INVALID", Red, 300),
            Self::ChainConstraint => ("CHAIN_CONSTRAINT", Red, 301),
            Self::DscRevoked => ("DSC_REVOKED", Red, 302),
            Self::CscaNotValidAtIssue => ("CSCA_NOT_VALID_AT_ISSUE", Red, 303),
            Self::DscNotValidAtSigning => ("DSC_NOT_VALID_AT_SIGNING", Red, 304),
            Self::DscKeyUsage => ("DSC_KEY_USAGE", Red, 305),
            Self::CertCriticalExt => ("CERT_CRITICAL_EXT", Red, 306),
            Self::CountryMismatch => ("COUNTRY_MISMATCH", Red, 307),
            Self::AaFailed => ("AA_FAILED", Red, 310),
            Self::AaRefused => ("AA_REFUSED", Red, 311),
            Self::CaFailed => ("CA_FAILED", Red, 312),
            Self::AccessKeyMrzMismatch => ("ACCESS_KEY_MRZ_MISMATCH", Red, 320),
            Self::MrzDg1Mismatch => ("MRZ_DG1_MISMATCH", Red, 321),
            Self::DgNotInSod(n @ (1 | 2)) => ("DG_NOT_IN_SOD", Red, 330 + u16::from(*n)),
            Self::TrustStoreEmpty => ("TRUST_STORE_EMPTY", Amber, 400),
            Self::CscaUnknown => ("CSCA_UNKNOWN", Amber, 401),
            Self::CrlUntrusted => ("CRL_UNTRUSTED", Amber, 402),
            Self::CrlStale => ("CRL_STALE", Amber, 403),
            Self::CrlMissing => ("CRL_MISSING", Amber, 406),
            Self::TrustListStale => ("TRUST_LIST_STALE", Amber, 407),
            Self::AlgForbidden => ("ALG_FORBIDDEN", Amber, 404),
            Self::KeyTooSmall => ("KEY_TOO_SMALL", Amber, 405),
            Self::AccessDowngrade => ("ACCESS_DOWNGRADE", Amber, 410),
            Self::CardaccessMismatch => ("CARDACCESS_MISMATCH", Amber, 411),
            Self::DgMissing(n) => ("DG_MISSING", Amber, 420 + u16::from(*n)),
            Self::DgNotInSod(n) => ("DG_NOT_IN_SOD", Amber, 700 + u16::from(*n)),
            Self::ComSodMismatch => ("COM_SOD_MISMATCH", Amber, 961),
            Self::LdsVersionMismatch => ("LDS_VERSION_MISMATCH", Amber, 962),
            Self::MrzCheckDigit => ("MRZ_CHECK_DIGIT", Amber, 963),
            Self::Dg2FaceCount => ("DG2_FACE_COUNT", Amber, 964),
            Self::ImageLimit => ("IMAGE_LIMIT", Amber, 965),
            Self::DlSigInvalid => ("DL_SIG_INVALID", Red, 500),
            Self::DlSignerNotValidAtSigning => ("DL_SIGNER_NOT_VALID_AT_SIGNING", Red, 501),
            Self::DlSignerUnknown => ("DL_SIGNER_UNKNOWN", Amber, 510),
            Self::DlLayoutMismatch => ("DL_LAYOUT_MISMATCH", Amber, 511),
            Self::DlGaijiInvalid => ("DL_GAIJI_INVALID", Amber, 512),
            Self::DateInvalid => ("DATE_INVALID", Amber, 966),
            Self::ImageInvalid => ("IMAGE_INVALID", Amber, 967),
            Self::DocumentExpired => ("DOCUMENT_EXPIRED", Amber, 970),
            Self::MyNumberRedaction => ("MYNUMBER_REDACTION", Red, 500),
            Self::MnIssuerSigInvalid => ("MN_ISSUER_SIG_INVALID", Red, 510),
            Self::MnAttrSigInvalid => ("MN_ATTR_SIG_INVALID", Red, 511),
            Self::MnFaceSigInvalid => ("MN_FACE_SIG_INVALID", Red, 512),
            Self::MnChipProofFailed => ("MN_CHIP_PROOF_FAILED", Red, 513),
            Self::JpkiCertPurpose => ("JPKI_CERT_PURPOSE", Red, 520),
            Self::JpkiCertRevoked => ("JPKI_CERT_REVOKED", Red, 521),
            Self::JpkiCertExpired => ("JPKI_CERT_EXPIRED", Red, 522),
            Self::JpkiSigInvalid => ("JPKI_SIG_INVALID", Red, 523),
            Self::JpkiStatusInvalid => ("JPKI_STATUS_INVALID", Red, 524),
            Self::MnAttrCertMismatch => ("MN_ATTR_CERT_MISMATCH", Red, 530),
            Self::MnApplicationsDiffer => ("MN_APPLICATIONS_DIFFER", Red, 531),
            Self::JpkiCaUnknown => ("JPKI_CA_UNKNOWN", Amber, 540),
            Self::MnIssuerUnknown => ("MN_ISSUER_UNKNOWN", Amber, 541),
            Self::MnChipProofRefused => ("MN_CHIP_PROOF_REFUSED", Amber, 542),
            // Last of all: it only says that this verdict is not the final one.
            Self::JpkiStatusPending => ("JPKI_STATUS_PENDING", Amber, 990),
            Self::RcSigInvalid => ("RC_SIG_INVALID", Red, 600),
            Self::RcSignerNotValidAtSigning => ("RC_SIGNER_NOT_VALID_AT_SIGNING", Red, 601),
            Self::RcNumberMismatch => ("RC_NUMBER_MISMATCH", Red, 602),
            Self::RcLayoutMismatch => ("RC_LAYOUT_MISMATCH", Red, 603),
            Self::RcNumberRevoked => ("RC_NUMBER_REVOKED", Red, 604),
            Self::RcSignerUnknown => ("RC_SIGNER_UNKNOWN", Amber, 610),
            Self::RcStatusPending => ("RC_STATUS_PENDING", Amber, 991),
        }
    }

    /// Puts the deciding finding first: the worst level, then the one nearest to the cause.
    pub(crate) fn sort(findings: &mut [Self]) {
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.level()), finding.rank()));
    }

    fn rank(&self) -> u16 {
        self.row().2
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}
