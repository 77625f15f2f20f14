//! Active and Chip Authentication: what the transcripts prove, and whether signed data name the key.

use std::collections::BTreeMap;

use chip::mrtd::pace_cam::PaceCamTranscript;
use chip::mrtd::public_key::PublicKeyError;
use chip::mrtd::{ChipAuthOutcome, MrtdEvidence, active_authentication, chip_authentication, dg14, pace_cam};

use crate::card_security::CardSecurity;
use crate::checks::Report;
use crate::data_groups::Bound;
use crate::finding::Finding;
use crate::lds::LdsSecurityObject;
use crate::verdict::{CheckState, ChipGenuine, ChipProof};

/// How one of the two protocols ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Proven,
    /// The chip has the key, but the signed data do not name it.
    NotBound,
    Failed,
    NotOffered,
    NotChecked,
}

/// What the issuer vouches for.
pub(crate) struct Signed<'a> {
    pub list: Option<&'a LdsSecurityObject>,
    pub bound: &'a Bound,
    /// The list of hashes is the issuer's.
    pub authentic: bool,
    pub card_security: Option<&'a CardSecurity>,
}

impl Signed<'_> {
    fn is_bound(&self, number: u8) -> bool {
        self.authentic && self.bound.verified.contains(&number)
    }

    fn lists(&self, number: u8) -> bool {
        self.list.is_some_and(|list| list.hashes.contains_key(&number))
    }
}

/// Judges both protocols; chip authentication mapping of PACE is a form of Chip Authentication (Doc 9303-11, 6).
pub(crate) fn judge(
    evidence: &MrtdEvidence,
    files: &BTreeMap<u8, &[u8]>,
    signed: &Signed<'_>,
    report: &mut Report,
) -> ChipGenuine {
    let active = active(evidence, files, signed.lists(15), signed.is_bound(15), report);
    let mapping = match (&evidence.mapping, signed.card_security) {
        (Some(transcript), Some(card_security)) => Some(mapped(transcript, card_security, files, signed, report)),
        (Some(_), None) | (None, _) => None,
    };
    // Both run only when the first brought nothing; then the second must not hide what it brought.
    let chip = match mapping {
        Some(mapping) if evidence.chip.is_none() || mapping == Proof::Failed => mapping,
        Some(_) | None => chip_authentication(evidence, files, signed.lists(14), signed.is_bound(14), report),
    };
    genuine(active, chip)
}

/// Chip authentication mapping (Doc 9303-11, 4.4.3.5): the key counts when EF.CardSecurity is the issuer's, or DG14 names it too.
fn mapped(
    transcript: &PaceCamTranscript,
    card_security: &CardSecurity,
    files: &BTreeMap<u8, &[u8]>,
    signed: &Signed<'_>,
    report: &mut Report,
) -> Proof {
    const NAME: &str = "chip_authentication";
    let keys = &card_security.infos.chip_keys;
    let key = match pace_cam::verify(keys, transcript) {
        Ok(key) => key,
        Err(error) => {
            let off_curve = keys.iter().any(|key| matches!(key.key(), Err(PublicKeyError::Point(_))));
            let finding = if off_curve { Finding::EcPointInvalid } else { Finding::CaFailed };
            report.failed(NAME, finding, format!("chip authentication mapping: {error}"));
            return Proof::Failed;
        }
    };
    let in_dg14 = signed.is_bound(14)
        && files.get(&14).and_then(|file| dg14::parse(file).ok()).is_some_and(|infos| infos.chip_keys.contains(key));
    if card_security.authentic || in_dg14 {
        report.passed(NAME, "proven by chip authentication mapping with a key that is signed");
        return Proof::Proven;
    }
    report.passed(NAME, "chip authentication mapping completed, but not bound: nobody vouches for EF.CardSecurity");
    Proof::NotBound
}

/// The stronger statement wins, a failure wins over both: a good proof must not hide that the other one failed.
fn genuine(active: Proof, chip: Proof) -> ChipGenuine {
    let method = |wanted: Proof| match (active == wanted, chip == wanted) {
        (true, true) => Some(ChipProof::Both),
        (true, false) => Some(ChipProof::ActiveAuthentication),
        (false, true) => Some(ChipProof::ChipAuthentication),
        (false, false) => None,
    };
    if method(Proof::Failed).is_some() {
        ChipGenuine::Failed
    } else if let Some(method) = method(Proof::Proven) {
        ChipGenuine::Proven { method }
    } else if let Some(method) = method(Proof::NotBound) {
        ChipGenuine::NotBound { method }
    } else if method(Proof::NotChecked).is_some() {
        ChipGenuine::NotChecked
    } else {
        ChipGenuine::NotSupported
    }
}

/// Doc 9303-11, 6.1.
fn active(
    evidence: &MrtdEvidence,
    files: &BTreeMap<u8, &[u8]>,
    listed: bool,
    bound: bool,
    report: &mut Report,
) -> Proof {
    const NAME: &str = "active_authentication";
    let Some(dg15) = files.get(&15) else {
        if listed {
            report.not_checked(NAME, "DG15 is signed but was not read");
            return Proof::NotChecked;
        }
        report.line(NAME, CheckState::NotSupported, "the document has no DG15");
        return Proof::NotOffered;
    };
    if evidence.active_refused.is_some() && evidence.active.is_none() {
        report.failed(NAME, Finding::AaRefused, "the chip refused to sign although DG15 names its key");
        return Proof::Failed;
    }
    let Some(transcript) = &evidence.active else {
        report.not_checked(NAME, "not attempted");
        return Proof::NotChecked;
    };
    match active_authentication::verify(dg15, files.get(&14).copied(), transcript) {
        Ok(()) => completed(NAME, bound, 15, report),
        Err(error) => {
            report.failed(NAME, Finding::AaFailed, error.to_string());
            Proof::Failed
        }
    }
}

/// Doc 9303-11, 6.2.
fn chip_authentication(
    evidence: &MrtdEvidence,
    files: &BTreeMap<u8, &[u8]>,
    listed: bool,
    bound: bool,
    report: &mut Report,
) -> Proof {
    const NAME: &str = "chip_authentication";
    let Some(file) = files.get(&14) else {
        if listed {
            report.not_checked(NAME, "DG14 is signed but was not read");
            return Proof::NotChecked;
        }
        report.line(NAME, CheckState::NotSupported, "the document has no DG14");
        return Proof::NotOffered;
    };
    let Some(transcript) = &evidence.chip else {
        if dg14::parse(file).is_ok_and(|infos| infos.chip_keys.is_empty()) {
            report.line(NAME, CheckState::NotSupported, "DG14 names no key");
            return Proof::NotOffered;
        }
        report.not_checked(NAME, "not attempted");
        return Proof::NotChecked;
    };
    let failure = match &transcript.outcome {
        ChipAuthOutcome::Switched(_) => match chip_authentication::verify(file, transcript) {
            Ok(()) => return completed(NAME, bound, 14, report),
            Err(error) => error.to_string(),
        },
        ChipAuthOutcome::Refused(status) => format!("the chip refused with {status}"),
        ChipAuthOutcome::NotSwitched(fault) => fault.to_string(),
        ChipAuthOutcome::KeyInvalid => {
            report.failed(NAME, Finding::EcPointInvalid, "the key in DG14 is no point of its curve");
            return Proof::Failed;
        }
        ChipAuthOutcome::NotSupported => {
            report.not_checked(NAME, "this terminal runs none of the variants offered");
            return Proof::NotChecked;
        }
    };
    report.failed(NAME, Finding::CaFailed, failure);
    Proof::Failed
}

/// Completed is not trusted: the key counts only when the signed list names the file it stands in.
fn completed(name: &'static str, bound: bool, number: u8, report: &mut Report) -> Proof {
    if bound {
        report.passed(name, format!("proven with the key in DG{number}, which is signed"));
        return Proof::Proven;
    }
    if report.has(Finding::DgHashMismatch(number)) {
        report.not_checked(name, format!("completed, but DG{number} is not the signed one"));
    } else {
        report.passed(name, format!("completed, but not bound: EF.SOD does not vouch for DG{number}"));
    }
    Proof::NotBound
}
