//! The judgement: evidence, issuers and a moment in, a verdict out. Total: it never fails and never panics.

use std::collections::{BTreeMap, BTreeSet};

use chip::ChipEvidence;
use chip::mrtd::security_info::PaceMapping;
use chip::mrtd::{AccessProtocol, MrtdEvidence, MrtdFile, card_access, dg1, dg14};
use jiff::Timestamp;

use crate::card_security::{self, CardSecurity};
use crate::checks::Report;
use crate::chip_proof::{self, Signed};
use crate::data_groups::{self, Bound};
use crate::finding::Finding;
use crate::issuers::Issuers;
use crate::passive::{self, Passive};
use crate::store::TrustStore;
use crate::verdict::{
    CheckState, ChipGenuine, ChipVerdict, DataSignature, DocumentKind, ForbiddenData, HolderFields, PrintMatch,
    ReadVerdict, Validity,
};
use crate::{country, fields};

/// Judges what the chip of any document said, from the raw files and transcripts alone.
#[must_use]
pub fn judge(evidence: &ChipEvidence, issuers: &Issuers, at: Timestamp) -> ChipVerdict {
    match evidence {
        ChipEvidence::Mrtd(evidence) => judge_mrtd(evidence, &issuers.passports, at),
        ChipEvidence::Licence(evidence) => crate::licence::judge(evidence, &issuers.licences, at),
        ChipEvidence::MyNumber(evidence) => crate::my_number::judge(evidence, &issuers.my_number, at),
        ChipEvidence::Residence(evidence) => crate::residence::judge(evidence, &issuers.residence, at),
    }
}

/// EF.SOD, authenticated while the rest of the chip is still being read.
#[derive(Debug)]
pub struct Ahead {
    sod: Vec<u8>,
    at: Timestamp,
    passive: Passive,
    report: Report,
}

impl Ahead {
    /// Authenticates EF.SOD alone.
    #[must_use]
    pub fn of(sod: &[u8], trust: &TrustStore, at: Timestamp) -> Self {
        let mut report = Report::default();
        let passive = passive::authenticate(sod, trust, at, &mut report);
        Self { sod: sod.to_vec(), at, passive, report }
    }
}

/// Judges what a passport's chip said.
#[must_use]
pub fn judge_mrtd(evidence: &MrtdEvidence, trust: &TrustStore, at: Timestamp) -> ChipVerdict {
    judge_after(None, evidence, trust, at)
}

/// Judges what a passport's chip said, of which EF.SOD was authenticated ahead with the same issuers. The verdict is of that moment,
/// and the same as one without; work on another EF.SOD is of no use and left alone.
#[must_use]
pub fn judge_after(ahead: Option<Ahead>, evidence: &MrtdEvidence, trust: &TrustStore, at: Timestamp) -> ChipVerdict {
    let file = |file: MrtdFile| evidence.files.get(&file).map(Vec::as_slice);
    let groups =
        evidence.files.iter().filter_map(|(file, bytes)| Some((file.data_group()?, bytes.as_slice()))).collect();
    let input = Input {
        sod: file(MrtdFile::Sod),
        com: file(MrtdFile::Com),
        card_access: file(MrtdFile::CardAccess),
        card_security: file(MrtdFile::CardSecurity),
        groups,
        evidence: Some(evidence),
    };
    let ahead = ahead.filter(|ahead| file(MrtdFile::Sod) == Some(&ahead.sod));
    input.judge(ahead, trust, at)
}

/// Judges files alone: an EF.SOD and the data groups somebody has of it. What only a chip can show stays not checked.
#[must_use]
pub fn judge_files(sod: &[u8], data_groups: &BTreeMap<u8, Vec<u8>>, trust: &TrustStore, at: Timestamp) -> ChipVerdict {
    let groups = data_groups.iter().map(|(number, bytes)| (*number, bytes.as_slice())).collect();
    Input { sod: Some(sod), com: None, card_access: None, card_security: None, groups, evidence: None }
        .judge(None, trust, at)
}

struct Input<'a> {
    sod: Option<&'a [u8]>,
    com: Option<&'a [u8]>,
    card_access: Option<&'a [u8]>,
    card_security: Option<&'a [u8]>,
    groups: BTreeMap<u8, &'a [u8]>,
    /// Present when a chip was read, absent when files were given.
    evidence: Option<&'a MrtdEvidence>,
}

impl Input<'_> {
    fn judge(&self, ahead: Option<Ahead>, trust: &TrustStore, at: Timestamp) -> ChipVerdict {
        let mut report = Report::default();
        self.check_access(&mut report);
        let (passive, at) = match ahead {
            Some(Ahead { passive, report: gathered, at, .. }) => {
                report.extend(gathered);
                (passive, at)
            }
            None => (self.authenticate(trust, at, &mut report), at),
        };
        let bound = data_groups::compare(&self.groups, passive.lds.as_ref(), self.evidence.is_some(), &mut report);
        data_groups::compare_com(self.com, passive.lds.as_ref(), &mut report);
        data_groups::check_portrait(self.groups.get(&2), &mut report);
        let authentic = passive.data_signature == DataSignature::Valid;
        let card_security =
            self.card_security.and_then(|file| card_security::authenticate(file, trust, at, &mut report));
        let chip_genuine = match self.evidence {
            Some(evidence) => {
                let signed = Signed {
                    list: passive.lds.as_ref(),
                    bound: &bound,
                    authentic,
                    card_security: card_security.as_ref(),
                };
                chip_proof::judge(evidence, &self.groups, &signed, &mut report)
            }
            None => ChipGenuine::NotChecked,
        };
        self.check_card_access(&bound, card_security.as_ref(), &mut report);
        let (fields, validity) = self.holder(&passive, at, &mut report);
        let trust_bundle = trust.describe(at, passive.anchored);
        if trust_bundle.stale {
            report.find(Finding::TrustListStale);
        }
        let data_signature = data_signature(&passive, &bound);
        let (findings, checks) = report.finish();
        let mut verdict = ChipVerdict {
            document: DocumentKind::Passport,
            read: self.read(&bound),
            data_signature,
            chain: passive.chain,
            chip_genuine,
            print_match: PrintMatch::NotChecked,
            validity,
            forbidden_data: ForbiddenData::NoneSeen,
            trust_bundle,
            algorithm: passive.algorithm,
            findings,
            checks,
            fields,
        };
        let opened_with = self.evidence.and_then(|evidence| evidence.access.mrz_key.as_ref());
        if let (Some(key), Some(Ok(mrz))) = (opened_with, self.groups.get(&1).map(|file| dg1::parse(file))) {
            verdict.compare_keys(key, &mrz.key());
        }
        verdict
    }

    fn authenticate(&self, trust: &TrustStore, at: Timestamp, report: &mut Report) -> Passive {
        let Some(sod) = self.sod else {
            report.failed("sod_signature", Finding::SodMissing, "EF.SOD was not read");
            return Passive::nothing(DataSignature::NotPresent);
        };
        passive::authenticate(sod, trust, at, report)
    }

    /// Doc 9303-11, 4.2: a chip that offers PACE is opened with it.
    fn check_access(&self, report: &mut Report) {
        let Some(access) = self.evidence.map(|evidence| &evidence.access) else {
            report.not_checked("access", "files were given, no chip was opened");
            return;
        };
        match access.protocol {
            AccessProtocol::Pace { mapping, .. } => {
                let curve = access.protocol.curve().map_or("a finite field", |curve| curve.name());
                let mapping = match mapping {
                    PaceMapping::Generic => "generic",
                    PaceMapping::Integrated => "integrated",
                    PaceMapping::ChipAuthentication => "chip authentication",
                };
                report.passed("access", format!("PACE over {curve}, {mapping} mapping"));
            }
            AccessProtocol::Bac if access.pace_advertised || access.pace_failure.is_some() => {
                report.failed("access", Finding::AccessDowngrade, "the chip offers PACE but was opened with BAC");
            }
            AccessProtocol::Bac => report.passed("access", "BAC"),
        }
    }

    /// Doc 9303-11, 9.2.11: EF.CardAccess is unsigned; the same entries stand in DG14 and, those of PACE, in EF.CardSecurity, both
    /// signed.
    fn check_card_access(&self, bound: &Bound, card_security: Option<&CardSecurity>, report: &mut Report) {
        const NAME: &str = "card_access";
        let Some(file) = self.card_access else {
            let signed = self.groups.get(&14).filter(|_| bound.verified.contains(&14)).map(|group| dg14::parse(group));
            if signed.is_some_and(|signed| signed.is_ok_and(|infos| infos.offers_pace())) {
                report.failed(NAME, Finding::CardaccessMismatch, "DG14 offers PACE and EF.CardAccess is missing");
            } else {
                report.line(NAME, CheckState::NotSupported, "the chip has no EF.CardAccess");
            }
            return;
        };
        let open = match card_access::parse(file) {
            Ok(open) => open,
            Err(error) => {
                report.failed(NAME, data_groups::tlv_finding(error), error.to_string());
                return;
            }
        };
        let mut compared = Vec::new();
        if let Some(group) = self.groups.get(&14).filter(|_| bound.verified.contains(&14)) {
            let signed = match dg14::parse(group) {
                Ok(signed) => signed,
                Err(error) => {
                    report.failed(NAME, data_groups::tlv_finding(error), error.to_string());
                    return;
                }
            };
            let signed: BTreeSet<_> = signed.entries.iter().collect();
            if !open.entries.iter().all(|entry| signed.contains(entry)) {
                report.failed(NAME, Finding::CardaccessMismatch, "EF.CardAccess and DG14 disagree");
                return;
            }
            compared.push("DG14");
        }
        if let Some(signed) = card_security.filter(|signed| signed.authentic && signed.infos.offers_pace()) {
            if !open.pace.iter().all(|info| signed.infos.pace.contains(info)) {
                report.failed(NAME, Finding::CardaccessMismatch, "EF.CardAccess and EF.CardSecurity disagree");
                return;
            }
            compared.push("EF.CardSecurity");
        }
        if compared.is_empty() {
            report.not_checked(NAME, "no signed file to compare with");
        } else {
            report.passed(NAME, format!("every entry stands in {}", compared.join(" and ")));
        }
    }

    /// DG1: check digits, country and expiry.
    fn holder(&self, passive: &Passive, at: Timestamp, report: &mut Report) -> (HolderFields, Validity) {
        let has_portrait = self.groups.contains_key(&2);
        let nothing = (HolderFields { has_portrait, ..HolderFields::default() }, Validity::Unknown);
        let Some(file) = self.groups.get(&1) else {
            for name in ["mrz", "country", "validity"] {
                report.not_checked(name, "DG1 was not read");
            }
            return nothing;
        };
        let mrz = match dg1::parse(file) {
            Ok(mrz) => mrz,
            Err(error) => {
                let finding = match error {
                    dg1::Dg1Error::Tlv(error) => data_groups::tlv_finding(error),
                    dg1::Dg1Error::NotText | dg1::Dg1Error::Mrz(_) => Finding::MrzCheckDigit,
                };
                report.failed("mrz", finding, error.to_string());
                for name in ["country", "validity"] {
                    report.not_checked(name, "the MRZ in DG1 is not usable");
                }
                return nothing;
            }
        };
        let mrz = mrz.fields();
        report.passed("mrz", "all check digits are right");
        match passive.signer.as_ref().and_then(|signer| signer.country()) {
            Some(signer) if country::matches(&mrz.issuing_state, &signer) => {
                if report.has(Finding::CountryMismatch) {
                    report.failed(
                        "country",
                        Finding::CountryMismatch,
                        "signer and authority are of different countries",
                    );
                } else {
                    report.passed("country", signer);
                }
            }
            Some(signer) => {
                report.failed(
                    "country",
                    Finding::CountryMismatch,
                    format!("signer of {signer}, document of {}", mrz.issuing_state),
                );
            }
            None => report.not_checked("country", "no signer with a country"),
        }
        let validity = fields::validity(mrz, at);
        match &validity {
            Validity::Expired { since } => {
                report.failed("validity", Finding::DocumentExpired, format!("expired {since}"))
            }
            Validity::InDate => report.passed("validity", "not expired"),
            Validity::SpecialPeriod { .. } | Validity::NotYet | Validity::Unknown => {
                report.not_checked("validity", "the expiry date is not known");
            }
        }
        (fields::holder(mrz, has_portrait, at), validity)
    }

    fn read(&self, bound: &Bound) -> ReadVerdict {
        let sod = self.sod.is_none().then(|| MrtdFile::Sod.name().to_owned());
        let groups = bound
            .missing
            .iter()
            .filter_map(|number| MrtdFile::from_data_group(*number))
            .map(|file| file.name().to_owned());
        let missing: Vec<String> = sod.into_iter().chain(groups).collect();
        if missing.is_empty() { ReadVerdict::Ok } else { ReadVerdict::Partial { missing } }
    }
}

/// The signature covers what was read only when the hashes of what was read agree.
fn data_signature(passive: &Passive, bound: &Bound) -> DataSignature {
    if bound.mismatch && passive.data_signature == DataSignature::Valid {
        DataSignature::Invalid
    } else {
        passive.data_signature
    }
}
