//! Data groups against the signed list of their hashes: raw files, never a re-encoding.

use std::collections::{BTreeMap, BTreeSet};

use apdu::tlv::TlvError;
use chip::mrtd::{com, dg2};
use chip::portrait::ImageError;
use chip_crypto::hash;

use crate::checks::Report;
use crate::finding::Finding;
use crate::lds::LdsSecurityObject;
use crate::verdict::CheckState;

/// The data groups an identity check reads when the document has them.
const READ: [u8; 4] = [1, 2, 14, 15];

/// How the files stand to the signed list.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// Files whose hash is the signed one.
    pub verified: BTreeSet<u8>,
    /// Some file is not the signed one.
    pub mismatch: bool,
    /// Files that were to be read and are not here.
    pub missing: BTreeSet<u8>,
}

/// Compares every file with the list; `from_chip` tells a file the chip lacks from one nobody gave.
pub(crate) fn compare(
    files: &BTreeMap<u8, &[u8]>,
    list: Option<&LdsSecurityObject>,
    from_chip: bool,
    report: &mut Report,
) -> Bound {
    let mut bound = Bound::default();
    let listed = |number: u8| list.is_some_and(|list| list.hashes.contains_key(&number));
    bound.missing.extend(READ.into_iter().filter(|n| !files.contains_key(n) && (*n <= 2 || listed(*n))));
    if from_chip {
        for number in bound.missing.iter().filter(|n| listed(**n)) {
            report.find(Finding::DgMissing(*number));
        }
    }
    let Some(list) = list else {
        if !report.has(Finding::SodDuplicateDg) {
            report.not_checked("dg_hashes", "no authentic list of hashes");
        }
        return bound;
    };
    let mut unlisted = BTreeSet::new();
    let mut differing = BTreeSet::new();
    for (number, bytes) in files {
        match list.hashes.get(number) {
            None => {
                unlisted.insert(*number);
                report.find(Finding::DgNotInSod(*number));
            }
            Some(expected) if hash::digest(list.hash, &[bytes]) == *expected => {
                bound.verified.insert(*number);
            }
            Some(_) => {
                differing.insert(*number);
                report.find(Finding::DgHashMismatch(*number));
            }
        }
    }
    bound.mismatch = !differing.is_empty();
    let unread: BTreeSet<u8> = list.hashes.keys().filter(|n| !files.contains_key(n)).copied().collect();
    let parts = [("match", &bound.verified), ("differ", &differing), ("not listed", &unlisted), ("not read", &unread)];
    let detail: Vec<String> =
        parts.iter().filter(|(_, set)| !set.is_empty()).map(|(what, set)| format!("{what}: {}", join(set))).collect();
    let state = if bound.mismatch || unlisted.iter().any(|n| *n <= 2) {
        CheckState::Failed
    } else if bound.verified.is_empty() {
        CheckState::NotChecked
    } else {
        CheckState::Passed
    };
    report.line("dg_hashes", state, detail.join("; "));
    bound
}

/// EF.COM is unsigned: it decides nothing, but when it disagrees with EF.SOD somebody changed it.
pub(crate) fn compare_com(file: Option<&[u8]>, list: Option<&LdsSecurityObject>, report: &mut Report) {
    let (Some(file), Some(list)) = (file, list) else {
        report.not_checked("com", "EF.COM or the signed list is not there");
        return;
    };
    let com = match com::parse(file) {
        Ok(com) => com,
        Err(error) => {
            report.failed("com", tlv_finding(error), error.to_string());
            return;
        }
    };
    let announced: BTreeSet<u8> = com.data_groups.iter().copied().collect();
    let signed: BTreeSet<u8> = list.hashes.keys().copied().collect();
    if announced == signed {
        report.passed("com", format!("data groups {}", join(&signed)));
    } else {
        let detail = format!("EF.COM has {}, EF.SOD has {}", join(&announced), join(&signed));
        report.failed("com", Finding::ComSodMismatch, detail);
    }
    let differs =
        |signed: &Option<String>, announced: &str| signed.as_deref().is_some_and(|signed| signed != announced);
    if differs(&list.lds_version, &com.lds_version) || differs(&list.unicode_version, &com.unicode_version) {
        report.failed("com", Finding::LdsVersionMismatch, "EF.COM and EF.SOD state different versions");
    }
}

/// The portrait must be one face within the limits; its pixels are decoded elsewhere.
pub(crate) fn check_portrait(file: Option<&&[u8]>, report: &mut Report) {
    let Some(file) = file else { return };
    match dg2::parse(file) {
        Ok(_) => {}
        Err(dg2::Dg2Error::FaceCount { .. }) => report.find(Finding::Dg2FaceCount),
        Err(dg2::Dg2Error::Tlv(error)) => report.find(tlv_finding(error)),
        Err(dg2::Dg2Error::Record) => report.find(Finding::TlvInvalid),
        Err(dg2::Dg2Error::Image(ImageError::Limit { .. })) => report.find(Finding::ImageLimit),
        Err(dg2::Dg2Error::Image(ImageError::Format | ImageError::Header | ImageError::Data)) => {
            report.find(Finding::TlvInvalid)
        }
    }
}

pub(crate) fn tlv_finding(error: TlvError) -> Finding {
    if crate::Asn1Error::Tlv(error).is_limit() { Finding::TlvLimit } else { Finding::TlvInvalid }
}

fn join(numbers: &BTreeSet<u8>) -> String {
    numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}
