//! Made-up evidence, verdicts and notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use chip::ChipEvidence;
use chip::mrtd::{AccessEvidence, AccessProtocol, Counters, MrtdEvidence, MrtdFile};
use session::NoticeSet;
use trust::{
    Chain, ChipGenuine, ChipProof, ChipVerdict, DataSignature, DocumentKind, Finding, ForbiddenData, HolderFields,
    PrintMatch, ReadVerdict, TrustBundleInfo, Validity,
};

pub fn evidence() -> ChipEvidence {
    ChipEvidence::Mrtd(MrtdEvidence {
        access: AccessEvidence {
            protocol: AccessProtocol::Bac,
            pace_advertised: false,
            pace_failure: None,
            mrz_key: None,
        },
        files: BTreeMap::from([(MrtdFile::Dg1, vec![0x61, 0]), (MrtdFile::Sod, vec![0x77, 0])]),
        absent: BTreeMap::new(),
        active: None,
        active_refused: None,
        chip: None,
        mapping: None,
        counters: Counters::default(),
    })
}

pub fn green_verdict() -> ChipVerdict {
    ChipVerdict {
        document: DocumentKind::Passport,
        read: ReadVerdict::Ok,
        data_signature: DataSignature::Valid,
        chain: Chain::Trusted,
        chip_genuine: ChipGenuine::Proven { method: ChipProof::ChipAuthentication },
        print_match: PrintMatch::NotChecked,
        validity: Validity::InDate,
        forbidden_data: ForbiddenData::NoneSeen,
        trust_bundle: TrustBundleInfo { version: "test".into(), built_at: None, age_days: Some(1), stale: false },
        algorithm: Some("secp384r1/SHA-384".into()),
        findings: Vec::new(),
        checks: Vec::new(),
        fields: HolderFields {
            surname: Some("ERIKSSON".into()),
            given_names: Some("ANNA MARIA".into()),
            birth_date: Some("1974-08-12".into()),
            sex: Some("F".into()),
            document_number: Some("L898902C3".into()),
            ..HolderFields::default()
        },
    }
}

pub fn amber_verdict() -> ChipVerdict {
    ChipVerdict { chain: Chain::UntrustedIssuer, findings: vec![Finding::CscaUnknown], ..green_verdict() }
}

pub fn red_verdict() -> ChipVerdict {
    ChipVerdict { data_signature: DataSignature::Invalid, findings: vec![Finding::SodSigInvalid], ..green_verdict() }
}

pub fn notices() -> Arc<NoticeSet> {
    let params = ["recipient_list_version", "entrustees", "cache_hours", "image_retention", "desk"];
    let params = params.map(|name| (name.to_owned(), "x".to_owned())).into();
    Arc::new(NoticeSet::new(params, |_| [0; 32]).unwrap())
}
