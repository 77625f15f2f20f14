//! A whole world of one issuer: authority, signer, data groups, one EF.SOD, with one thing wrong at a time.

use std::collections::BTreeMap;

use chip::mrtd::{AccessEvidence, AccessProtocol, Counters, MrtdEvidence, MrtdFile};
use trust::{ChipVerdict, Level, TrustStore, import, judge_files, judge_mrtd};

use crate::support::{CertSpec, Party, SodSpec, authority, dg1, issue, party, signer, sod, sod_spec};

pub const DG2: &[u8] = b"not a face, but bytes with a hash";

/// A whole world: authority, signer, data groups, one EF.SOD.
pub struct World {
    pub csca: Party,
    pub dsc: Party,
    pub authority: CertSpec,
    pub signer: CertSpec,
    pub sod: SodSpec,
    pub anchors: Vec<Vec<u8>>,
    pub groups: BTreeMap<u8, Vec<u8>>,
    pub at: &'static str,
}

impl World {
    pub fn new() -> Self {
        Self {
            csca: party(1, "UT", "CSCA Utopia"),
            dsc: party(2, "UT", "Signer 1"),
            authority: authority(),
            signer: signer(),
            sod: sod_spec(&[(1, &dg1()), (2, DG2)]),
            anchors: Vec::new(),
            groups: BTreeMap::from([(1, dg1()), (2, DG2.to_vec())]),
            at: "2025-07-01T00:00:00Z",
        }
    }

    pub fn csca_der(&self) -> Vec<u8> {
        issue(&self.csca, &self.csca, &self.authority)
    }

    pub fn dsc_der(&self) -> Vec<u8> {
        issue(&self.csca, &self.dsc, &self.signer)
    }

    pub fn sod_der(&self) -> Vec<u8> {
        sod(&self.dsc, &self.dsc_der(), &self.signer.serial, &self.csca.name, &self.sod)
    }

    pub fn trusting(mut self) -> Self {
        self.anchors.push(self.csca_der());
        self
    }

    pub fn judge(&self) -> ChipVerdict {
        self.judge_sod(&self.sod_der())
    }

    pub fn judge_sod(&self, sod: &[u8]) -> ChipVerdict {
        judge_files(sod, &self.groups, &self.store(), self.at.parse().unwrap())
    }

    /// As a chip opened with BAC would show it, with EF.COM.
    pub fn judge_chip(&self, com: &[u8]) -> ChipVerdict {
        let mut files: BTreeMap<_, _> = [(MrtdFile::Sod, self.sod_der()), (MrtdFile::Com, com.to_vec())].into();
        for (number, bytes) in &self.groups {
            files.insert(MrtdFile::from_data_group(*number).unwrap(), bytes.clone());
        }
        let access =
            AccessEvidence { protocol: AccessProtocol::Bac, pace_advertised: false, pace_failure: None, mrz_key: None };
        let evidence = MrtdEvidence {
            access,
            files,
            absent: BTreeMap::new(),
            active: None,
            active_refused: None,
            chip: None,
            mapping: None,
            counters: Counters::default(),
        };
        judge_mrtd(&evidence, &self.store(), self.at.parse().unwrap())
    }

    pub fn store(&self) -> TrustStore {
        let mut store = TrustStore::empty();
        for anchor in &self.anchors {
            store.add(import(anchor).unwrap());
        }
        store
    }
}

/// The deciding code, what the specimen itself brings (expired, no real face) aside.
pub fn deciding(verdict: &ChipVerdict) -> Option<String> {
    assert_ne!(verdict.level(), Level::Green);
    verdict.codes().into_iter().find(|code| !["DOCUMENT_EXPIRED", "TLV_INVALID"].contains(&code.as_str()))
}

#[track_caller]
pub fn assert_code(world: &World, code: &str) {
    assert_eq!(deciding(&world.judge()).as_deref(), Some(code));
}
