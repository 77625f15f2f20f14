//! Issuing one passport: its files, its keys and the profile of its chip.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chip_crypto::curve::{NamedCurve, PrivateScalar};
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{PublicKey, SigningKey};

use super::{Holder, IssuerError, TestPki, key_info, lds};
use crate::passport::Group;
use crate::portrait::{PORTRAIT_HEIGHT, PORTRAIT_JP2, PORTRAIT_WIDTH};
use crate::profile::{AaHash, Access, ActiveKey, ChipKey, Cipher, Content, Mapping, PaceVariant, Profile, Quirks};

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
    /// Further keys of Chip Authentication.
    pub more_chip_keys: Vec<ChipPlan>,
    /// Curve and hash of Active Authentication.
    pub active: Option<(NamedCurve, AaHash)>,
    /// PKCS #8 and hash of Active Authentication with a given key, RSA or EC, in place of `active`.
    pub active_key: Option<(Vec<u8>, AaHash)>,
    /// Writes ECDSA signatures of Active Authentication as DER.
    pub active_der: bool,
}

/// A key of Chip Authentication.
#[derive(Clone, Debug)]
pub struct ChipPlan {
    pub group: Group,
    pub cipher: Cipher,
    /// Needed as soon as there are several.
    pub key_id: Option<u8>,
    /// Leaves the ChipAuthenticationInfo out: the protocol is to be inferred from the key (3DES).
    pub inferred: bool,
}

impl Default for PassportPlan {
    fn default() -> Self {
        Self {
            name: "specimen".to_owned(),
            seed: 1,
            holder: Holder::default(),
            bac: true,
            pace: vec![PaceVariant::generic(Cipher::Aes128, 13)],
            can: Some("123456".to_owned()),
            chip: Some((NamedCurve::BrainpoolP256r1, Cipher::Aes128)),
            more_chip_keys: Vec::new(),
            active: Some((NamedCurve::Secp256r1, AaHash::Sha256)),
            active_key: None,
            active_der: false,
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
        let first =
            plan.chip.map(|(curve, cipher)| ChipPlan { group: curve.into(), cipher, key_id: None, inferred: false });
        let mut chip = Vec::new();
        for chip_plan in first.iter().chain(&plan.more_chip_keys) {
            let key = chip_plan.group.generate(&mut random).ok_or(chip_crypto::random::RandomError)?;
            infos.extend(lds::chip_authentication_infos(chip_plan, &key));
            let pkcs8 = Content::of(&key_info::agreement_pkcs8(&key));
            chip.push(ChipKey { key_id: chip_plan.key_id, cipher: chip_plan.cipher, pkcs8 });
        }
        let mut active = plan.active_key.clone();
        if let (None, Some((curve, hash))) = (&active, plan.active) {
            active = Some((key_info::pkcs8(&PrivateScalar::generate(curve, &mut random)?), hash));
        }
        let active = match active {
            Some((pkcs8, hash)) => {
                let public = match SigningKey::from_pkcs8(&pkcs8)?.public() {
                    PublicKey::Rsa(key) => key_info::rsa_key_info(&key),
                    PublicKey::Ec(point) => {
                        infos.push(lds::active_authentication_info(hash.into()));
                        key_info::public_key_info(&point, true)
                    }
                };
                groups.insert(15, lds::dg15(&public));
                Some(ActiveKey { pkcs8: Content::of(&pkcs8), hash, der: plan.active_der, recorded: None })
            }
            None => None,
        };
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
        let mapping = plan.pace.iter().find(|variant| variant.mapping == Mapping::ChipAuthentication);
        let mapping_key = match mapping {
            Some(variant) => {
                let key =
                    PrivateScalar::generate(NamedCurve::from_standardized_id(variant.parameter_id)?, &mut random)?;
                let file = self.card_security(&lds::card_security_infos(&plan.pace, &key.public()))?;
                master_files.insert("011D".to_owned(), Content::of(&file));
                Some(Content::of(&key_info::pkcs8(&key)))
            }
            None => None,
        };
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
            mapping_key,
            quirks: Quirks::default(),
            faults: Vec::new(),
            seed: None,
            base: PathBuf::new(),
        })
    }
}
