//! Issuing one passport: its files, its keys and the profile of its chip.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chip_crypto::curve::{NamedCurve, PrivateScalar};
use chip_crypto::random::SeededRandom;

use super::{Holder, IssuerError, TestPki, key_info, lds};
use crate::portrait::{PORTRAIT_HEIGHT, PORTRAIT_JP2, PORTRAIT_WIDTH};
use crate::profile::{AaHash, Access, ActiveKey, ChipKey, Cipher, Content, PaceVariant, Profile, Quirks};

/// What to issue.
#[derive(Clone, Debug)]
pub struct PassportPlan {
    /// The profile's name.
    pub name: String,
    /// Seed of the chip's keys.
    pub seed: u64,
    pub holder: Holder,
    pub bac: bool,
    pub pace: Vec<PaceVariant>,
    pub can: Option<String>,
    /// Curve and cipher of Chip Authentication.
    pub chip: Option<(NamedCurve, Cipher)>,
    /// Curve and hash of Active Authentication.
    pub active: Option<(NamedCurve, AaHash)>,
}

impl Default for PassportPlan {
    fn default() -> Self {
        Self {
            name: "specimen".to_owned(),
            seed: 1,
            holder: Holder::default(),
            bac: true,
            pace: vec![PaceVariant { cipher: Cipher::Aes128, parameter_id: 13 }],
            can: Some("123456".to_owned()),
            chip: Some((NamedCurve::BrainpoolP256r1, Cipher::Aes128)),
            active: Some((NamedCurve::Secp256r1, AaHash::Sha256)),
        }
    }
}

impl TestPki {
    /// Issues a passport and returns the profile of its chip, with every file inside.
    ///
    /// # Errors
    /// A holder who does not fit the MRZ; keys or signatures that cannot be made.
    pub fn issue(&self, plan: &PassportPlan) -> Result<Profile, IssuerError> {
        let mut random = SeededRandom::new(plan.seed.wrapping_add(0x5041_5353));
        let mut infos: Vec<Vec<u8>> = plan.pace.iter().map(lds::pace_info).collect();
        let mut groups = BTreeMap::from([
            (1, lds::dg1(&plan.holder)?),
            (2, lds::dg2(PORTRAIT_JP2, PORTRAIT_WIDTH, PORTRAIT_HEIGHT)),
        ]);
        let mut chip = Vec::new();
        if let Some((curve, cipher)) = plan.chip {
            let key = PrivateScalar::generate(curve, &mut random)?;
            infos.extend(lds::chip_authentication_infos(cipher, &key.public()));
            chip.push(ChipKey { key_id: None, cipher, pkcs8: Content::of(&key_info::pkcs8(&key)) });
        }
        let mut active = None;
        if let Some((curve, hash)) = plan.active {
            let key = PrivateScalar::generate(curve, &mut random)?;
            infos.push(lds::active_authentication_info(hash.into()));
            groups.insert(15, lds::dg15(&key.public()));
            active = Some(ActiveKey { pkcs8: Content::of(&key_info::pkcs8(&key)), hash });
        }
        if !infos.is_empty() {
            groups.insert(14, lds::dg14(infos));
        }
        let numbers: Vec<u8> = groups.keys().copied().collect();
        let signed: Vec<(u8, &[u8])> = groups.iter().map(|(number, file)| (*number, &file[..])).collect();
        let mut files = BTreeMap::from([
            ("011E".to_owned(), Content::of(&lds::com(&numbers))),
            ("011D".to_owned(), Content::of(&self.security_object(&signed)?)),
        ]);
        files.extend(groups.iter().map(|(number, file)| (format!("01{number:02X}"), Content::of(file))));
        let mut master_files = BTreeMap::from([("2F01".to_owned(), Content::of(&lds::atr_info(2048, 0xFFFF)))]);
        if !plan.pace.is_empty() {
            master_files.insert("011C".to_owned(), Content::of(&lds::card_access(&plan.pace)));
        }
        Ok(Profile {
            name: plan.name.clone(),
            access: Access {
                mrz: Some(plan.holder.td3()?.join("\n")),
                can: plan.can.clone().filter(|_| !plan.pace.is_empty()),
                bac: plan.bac,
                pace: plan.pace.clone(),
                open: false,
            },
            master_files,
            files,
            active,
            chip,
            quirks: Quirks::default(),
            faults: Vec::new(),
            seed: None,
            base: PathBuf::new(),
        })
    }
}
