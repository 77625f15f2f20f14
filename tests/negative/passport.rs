//! Rows P01 to P54: passports with one thing wrong.

use apdu::tlv::{Tag, encode};
use chip::mrtd::dg1;
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};
use simulator::issuer::{Holder, PassportPlan};
use simulator::{Content, Fault, PORTRAIT_JP2};
use trust::{ChipGenuine, ChipProof, TrustStore};

use crate::case::{Case, Cell};
use crate::core;
use crate::made::{Key, Made, Scene, scene, scene_of_issuer};
use crate::support::forgery::{dg2, explicit_key, forge_with_exponent_three, huge_image};
use crate::support::{
    CertSpec, authority, bits, crl, digest_oid, int, issue, master_list, octets, oid, party, pss, revoked_for, seq, sod,
};

pub fn cases() -> Vec<Case> {
    let mut cases = issuers();
    cases.extend(data_groups());
    cases.extend(signatures());
    cases.extend(chips());
    cases.extend(contents());
    cases
}

/// P01 to P14: who signed.
fn issuers() -> Vec<Case> {
    let other = || party(3, "UT", "CSCA of somebody");
    vec![
        Case::judged("P01", "signer under a CSCA that is not in the store", "CSCA_UNKNOWN", move || {
            let mut scene = Scene::unknown();
            scene.world.anchors.push(issue(&other(), &other(), &authority()));
            scene.make()
        }),
        Case::judged("P02", "signer that issued itself", "CSCA_UNKNOWN", || {
            scene(|scene| {
                let own = party(4, "UT", "Signer of itself");
                scene.signed_by(&own, &own);
            })
        }),
        Case::judged("P03", "CSCA of the same name and key identifier, another key", "CHAIN_SIG_INVALID", || {
            let mut scene = Scene::unknown();
            let mut forged = party(6, "UT", "CSCA Utopia");
            forged.ski = scene.world.csca.ski.clone();
            scene.world.anchors.push(issue(&forged, &forged, &authority()));
            scene.make()
        }),
        Case::judged("P04", "signer of France, document of Utopia", "COUNTRY_MISMATCH", || {
            scene_of_issuer(|scene| {
                scene.world.csca = party(1, "FR", "CSCA");
                scene.world.dsc = party(2, "FR", "Signer");
            })
        }),
        Case::judged("P05", "signer revoked before it signed", "DSC_REVOKED", || {
            scene(|scene| {
                let world = &mut scene.world;
                let list = crl(&world.csca, "20250615000000Z", &[(&world.signer.serial, "20250101000000Z")]);
                world.anchors.push(list);
            })
        }),
        Case::judged("P05", "signer's key compromised after it signed", "DSC_REVOKED", || {
            scene(|scene| {
                let world = &mut scene.world;
                let entry = revoked_for(&world.signer.serial, "20250610000000Z", 1);
                let list = crate::support::crl_of(&world.csca, "20250615000000Z", &[entry], &[]);
                world.anchors.push(list);
            })
        }),
        Case::judged("P06", "revoked in a list of another CSCA", "CRL_UNTRUSTED", move || {
            scene(|scene| {
                let list = crl(&other(), "20250615000000Z", &[(&scene.world.signer.serial, "20250101000000Z")]);
                scene.world.anchors.push(list);
            })
        }),
        Case::judged("P06", "revoked in a list in the CSCA's name, signed by another", "CRL_UNTRUSTED", move || {
            scene(|scene| {
                let mut forged = other();
                forged.name = scene.world.csca.name.clone();
                let list = crl(&forged, "20250615000000Z", &[(&scene.world.signer.serial, "20250101000000Z")]);
                scene.world.anchors.push(list);
            })
        }),
        Case::judged("P07", "newest revocation list half a year old", "CRL_STALE", || {
            scene(|scene| {
                let list = crl(&scene.world.csca, "20250101000000Z", &[]);
                scene.world.anchors.push(list);
            })
        }),
        Case::judged("P08", "signed before the signer was valid", "DSC_NOT_VALID_AT_SIGNING", || {
            scene(|scene| scene.world.sod.signing_time = Some("20231231235959Z"))
        }),
        Case::judged("P09", "signed after the signer had expired", "DSC_NOT_VALID_AT_SIGNING", || {
            scene(|scene| scene.world.signer.to = "20250501000000Z")
        }),
        Case::control("P10: signer expired today, valid when it signed", None, || {
            scene(|scene| scene.world.signer.to = "20250615000000Z")
        }),
        Case::judged("P11", "CSCA expired before it issued the signer", "CSCA_NOT_VALID_AT_ISSUE", || {
            scene_of_issuer(|scene| scene.world.authority.to = "20231201000000Z")
        }),
        Case::judged("P12", "signer for key encipherment only", "DSC_KEY_USAGE", || {
            scene(|scene| scene.world.signer.usage = Some(0x20))
        }),
        Case::judged("P12", "signer without key usage", "DSC_KEY_USAGE", || {
            scene(|scene| scene.world.signer.usage = None)
        }),
        Case::judged("P13", "chain through a certificate that is no authority", "CHAIN_CONSTRAINT", || {
            scene(|scene| {
                let world = &mut scene.world;
                let between = party(8, "UT", "Between");
                let spec = CertSpec { ca: Some(false), usage: Some(0x80), ..authority() };
                let intermediate = issue(&world.csca, &between, &spec);
                let leaf = issue(&between, &world.dsc, &world.signer);
                world.sod.certificates = Some(vec![leaf.clone(), intermediate]);
                scene.sod = Some(sod(&world.dsc, &leaf, &world.signer.serial, &between.name, &world.sod));
            })
        }),
        Case::judged("P13", "CSCA that says it is no authority", "CHAIN_CONSTRAINT", || {
            scene_of_issuer(|scene| scene.world.authority.ca = Some(false))
        }),
        Case::judged("P14", "unknown critical extension in the signer", "CERT_CRITICAL_EXT", || {
            scene(|scene| scene.world.signer.unknown_critical = true)
        }),
    ]
}

/// Another passport of the same issuer: another holder, other keys.
fn other_passport() -> Scene {
    let holder = Holder { surname: "OTHER".into(), document_number: "XTEST0002".into(), ..Holder::default() };
    Scene::of(&PassportPlan { seed: 9, holder, ..PassportPlan::default() })
}

/// P15 to P24: files against the list of their hashes.
fn data_groups() -> Vec<Case> {
    let damaged = |file: &str, offset: usize| Fault::ChangedByte { file: file.to_owned(), offset, xor: 1 };
    vec![
        Case::judged("P15", "one bit of DG1 changed", "DG_HASH_MISMATCH(1)", move || {
            scene(|_| ()).with_fault(damaged("0101", 40))
        }),
        Case::judged("P16", "DG2 of another person", "DG_HASH_MISMATCH(2)", || {
            scene(|_| ()).change(|made| made.put("0102", &dg2(1, PORTRAIT_JP2)))
        }),
        Case::judged("P17", "one bit of DG14 changed", "DG_HASH_MISMATCH(14)", move || {
            scene(|_| ()).with_fault(damaged("010E", 12))
        }),
        Case::judged("P17", "DG14 with a key of the attacker's chip", "DG_HASH_MISMATCH(14)", || {
            scene(|_| ()).change(|made| {
                let other = other_passport();
                made.put("010E", other.group(14));
                made.profile.chip = other.profile.chip;
            })
        }),
        Case::judged("P18", "one bit of DG15 changed", "DG_HASH_MISMATCH(15)", || {
            let made = scene(|_| ());
            let last = made.profile.files["010F"].bytes(&made.profile.base).expect("DG15").len() - 1;
            made.with_fault(Fault::ChangedByte { file: "010F".to_owned(), offset: last, xor: 1 })
        }),
        Case::judged("P18", "DG15 with a key of the attacker's chip", "DG_HASH_MISMATCH(15)", || {
            scene(|_| ()).change(|made| {
                let other = other_passport();
                made.put("010F", other.group(15));
                made.profile.active = other.profile.active;
            })
        }),
        Case::judged("P19", "DG2 is not in the list of hashes", "DG_NOT_IN_SOD(2)", || {
            scene(|scene| scene.world.sod.groups.retain(|(number, _)| *number != 2))
        }),
        Case::judged("P20", "DG15 is listed and not on the chip", "DG_MISSING(15)", || {
            scene(|scene| {
                scene.world.groups.remove(&15);
                scene.profile.files.remove("010F");
                scene.profile.active = None;
            })
        }),
        Case::judged("P21", "DG14 and DG15 removed from EF.COM alone", "COM_SOD_MISMATCH", || {
            scene(|_| ()).change(|made| made.put("011E", &com("0108", &[0x61, 0x75])))
        })
        .and(|verdict| verdict.chip_genuine == ChipGenuine::Proven { method: ChipProof::Both }),
        Case::judged("P22", "DG1 listed with two hashes", "SOD_DUPLICATE_DG", || {
            scene(|scene| scene.world.sod.groups.push((1, vec![0; 32])))
        }),
        Case::judged("P23", "EF.SOD of another document", "DG_HASH_MISMATCH(1)", || {
            scene(|scene| scene.sod = Some(other_passport().world.sod_der()))
        }),
        Case::refused("P24", "whole chip of another document under a printed zone", "ACCESS_KEY_MRZ_MISMATCH", || {
            scene(|_| ()).change(|made| made.key = Key::of(&other_passport().profile))
        }),
        Case::judged("P24", "the same, in a chip that opens with the printed key", "ACCESS_KEY_MRZ_MISMATCH", || {
            scene(|_| ()).change(|made| {
                let printed = other_passport().profile;
                made.key = Key::of(&printed);
                made.profile.access.mrz = printed.access.mrz;
            })
        }),
        Case::own("P24", "printed zone against DG1, field by field", "MRZ_DG1_MISMATCH", other_print, |_| {
            Cell::NotApplicable("kioskctl takes the key of a zone alone")
        }),
    ]
}

fn other_print() -> Cell {
    let made = scene(|_| ());
    let Ok((_, mut verdict)) = core::run(&made) else { return Cell::code("not read") };
    let printed = dg1::parse(other_passport().group(1)).expect("a zone");
    verdict.compare_print(printed.fields());
    // The number differs in the zone; the name does too, and the key with it.
    Cell::Code(core::deciding(&verdict.codes()))
}

/// EF.COM with these data groups.
fn com(version: &str, tags: &[u8]) -> Vec<u8> {
    let parts =
        [encode(Tag(0x5F01), version.as_bytes()), encode(Tag(0x5F36), b"040000"), encode(Tag(0x5C), tags)].concat();
    encode(Tag(0x60), &parts)
}

/// Throw-away RSA keys, made with OpenSSL.
pub fn rsa_key(length: u64) -> SigningKey {
    SigningKey::from_pkcs8(&rsa_pkcs8(length)).expect("a key")
}

pub fn rsa_pkcs8(length: u64) -> Vec<u8> {
    let vectors = include_str!("../../crates/chip-crypto/tests/data/openssl-vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("vectors");
    let key = vectors["rsa"].as_array().expect("keys").iter().find(|key| key["bits"] == length).expect("this length");
    hex::decode(key["pkcs8"].as_str().expect("a key")).expect("hexadecimal")
}

fn rsa_numbers(key: &SigningKey, exponent: Option<&[u8]>) -> Vec<u8> {
    let PublicKey::Rsa(public) = key.public() else { panic!("an RSA key") };
    seq(&[int(public.modulus()), int(exponent.unwrap_or(public.exponent()))])
}

/// P25 to P37: the signature.
fn signatures() -> Vec<Case> {
    let mut cases = vec![
        Case::judged("P25", "last bit of the signature of EF.SOD flipped", "SOD_SIG_INVALID", || {
            scene(|scene| {
                let mut file = scene.world.sod_der();
                *file.last_mut().expect("a byte") ^= 1;
                scene.sod = Some(file);
            })
        }),
        Case::judged("P26", "signed digest is not that of the content", "SOD_DIGEST_MISMATCH", || {
            scene(|scene| scene.world.sod.wrong_digest = true)
        }),
        Case::judged("P27", "no signed attributes", "SOD_ATTRS_MISSING", || {
            scene(|scene| scene.world.sod.attributes = false)
        }),
        Case::judged("P28", "signed content type is another", "SOD_CONTENT_TYPE", || {
            scene(|scene| scene.world.sod.attribute_type = "1.2.3")
        }),
        Case::judged("P29", "two SignerInfos", "SOD_SIGNER_COUNT", || scene(|scene| scene.world.sod.signers = 2)),
        Case::judged("P30", "no certificate in EF.SOD and none known", "DSC_MISSING", || {
            scene(|scene| scene.world.sod.certificates = Some(Vec::new()))
        }),
        Case::judged("P31", "SHA-1", "ALG_FORBIDDEN", || {
            scene(|scene| {
                scene.world.sod.hash = HashAlgorithm::Sha1;
                scene.sign_all();
            })
        }),
        Case::judged("P31", "MD5", "ALG_FORBIDDEN", || {
            scene(|scene| scene.world.sod.stated_digest = Some("1.2.840.113549.2.5"))
        }),
        Case::judged("P32", "RSA-1024", "KEY_TOO_SMALL", || {
            scene(|scene| {
                scene.world.dsc.key = rsa_key(1024);
                scene.world.dsc.scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
            })
        }),
        Case::judged("P33", "key for PSS with SHA-512, used with SHA-256", "ALG_PARAM_MISMATCH", || {
            scene(|scene| {
                let hash = HashAlgorithm::Sha256;
                scene.world.dsc.key = rsa_key(2048);
                scene.world.dsc.scheme = SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 32 };
                let identifier = seq(&[oid("1.2.840.113549.1.1.10"), pss(HashAlgorithm::Sha512, 32)]);
                scene.world.signer.spki = Some(seq(&[identifier, bits(&rsa_numbers(&scene.world.dsc.key, None))]));
            })
        }),
        Case::judged("P34", "explicit curve with an altered generator", "EC_PARAM_INVALID", || {
            scene(|scene| scene.world.signer.spki = Some(explicit_key(&scene.world, |p| p.gx[5] ^= 1)))
        }),
        Case::judged("P34", "explicit curve with another cofactor", "EC_PARAM_INVALID", || {
            scene(|scene| scene.world.signer.spki = Some(explicit_key(&scene.world, |p| p.h = 4)))
        }),
        Case::judged("P35", "signer's point off its curve", "EC_POINT_INVALID", || {
            scene(|scene| {
                let PublicKey::Ec(point) = scene.world.dsc.key.public() else { panic!("a curve") };
                let mut off = point.to_uncompressed();
                *off.last_mut().expect("a byte") ^= 1;
                let named = seq(&[oid("1.2.840.10045.2.1"), oid(point.curve().oid())]);
                scene.world.signer.spki = Some(seq(&[named, bits(&off)]));
            })
        }),
        Case::judged("P36", "padding forged for the exponent 3, garbage behind the digest", "SOD_SIG_INVALID", || {
            scene(|scene| {
                let key = rsa_numbers(&rsa_key(2048), Some(&[3]));
                let identifier = seq(&[oid("1.2.840.113549.1.1.1"), encode(Tag(0x05), &[])]);
                scene.world.signer.spki = Some(seq(&[identifier, bits(&key)]));
                scene.world.sod.stated_scheme = Some(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256));
                scene.world.sod.forge = Some(forge_with_exponent_three);
            })
        }),
        Case::judged("P37", "a length in two octets in the signed part", "DER_NOT_CANONICAL", || {
            scene(|scene| (scene.world.sod.long_form, scene.world.sod.versions) = (true, None))
        }),
        Case::judged("P37", "indefinite length in the signed part", "DER_NOT_CANONICAL", || {
            scene(|scene| {
                let groups: Vec<_> =
                    scene.world.sod.groups.iter().map(|(number, hash)| seq(&[int(&[*number]), octets(hash)])).collect();
                let parts = [int(&[0]), seq(&[digest_oid(HashAlgorithm::Sha256)]), seq(&groups)].concat();
                scene.world.sod.content = Some([&[0x30, 0x80][..], &parts, &[0, 0]].concat());
            })
        }),
    ];
    type Forgery = fn(&[u8]) -> Vec<u8>;
    let forgeries: [(&str, Forgery); 4] = [
        ("r = 0", |_| seq(&[int(&[0]), int(&[1])])),
        ("s = 0", |_| seq(&[int(&[1]), int(&[0])])),
        ("r = n", |_| seq(&[int(&NamedCurve::Secp256r1.parameters().n), int(&[1])])),
        ("s longer than n", |_| seq(&[int(&[1]), int(&[0xFF; 33])])),
    ];
    cases.extend(forgeries.map(|(what, forge)| {
        Case::judged("P35", format!("signature with {what}"), "SIG_ENCODING", move || {
            scene(|scene| scene.world.sod.forge = Some(forge))
        })
    }));
    cases
}

/// P38 to P47: the chip and the channel to it.
fn chips() -> Vec<Case> {
    /// A fault at a command near the end of an undisturbed reading: DG2, under secure messaging.
    fn disturbed(fault: impl FnOnce(u32) -> Fault) -> Made {
        let made = Scene::bac().make();
        let at = core::commands(&made) - 1;
        made.with_fault(fault(at))
    }
    vec![
        Case::judged("P38", "copy that signs with another key", "AA_FAILED", || {
            scene(|_| ()).change(|made| made.profile.active = other_passport().profile.active)
        }),
        Case::judged("P39", "copy that repeats an answer to an earlier challenge", "AA_FAILED", || {
            scene(|_| ()).change(|made| {
                let active = made.profile.active.as_mut().expect("a key");
                active.recorded = Some(Content::of(&[1, 2, 3, 4, 5, 6, 7, 8]));
            })
        }),
        Case::judged("P40", "INTERNAL AUTHENTICATE answered with 6D00", "AA_REFUSED", || {
            scene(|_| ()).change(|made| made.profile.active = None)
        }),
        Case::judged("P41", "copy without the key of DG14", "CA_FAILED", || {
            scene(|_| ()).change(|made| made.profile.chip = other_passport().profile.chip)
        }),
        Case::judged("P42", "signed DG14 whose key is off its curve", "EC_POINT_INVALID", || {
            scene(|scene| {
                let mut file = scene.group(14).to_vec();
                let at = file.windows(4).position(|four| four == [0x03, 0x42, 0x00, 0x04]).expect("the point");
                file[at + 67] ^= 1;
                scene.sign(14, file);
            })
        }),
        Case::refused("P43", "PACE offered, then refused, BAC possible", "ACCESS_DOWNGRADE", || {
            scene(|_| ()).change(|made| made.profile.access.pace.clear())
        }),
        Case::refused("P44", "EF.CardAccess with unknown domain parameters", "CARDACCESS_MISMATCH", || {
            scene(|_| ()).change(|made| {
                let mut file = made.profile.master_files["011C"].bytes(&made.profile.base).expect("a file");
                *file.last_mut().expect("the number") = 40;
                made.profile.master_files.insert("011C".to_owned(), Content::of(&file));
            })
        }),
        Case::judged("P44", "EF.CardAccess offers what DG14 does not", "CARDACCESS_MISMATCH", || {
            scene(|_| ()).change(|made| {
                let more = simulator::PaceVariant::generic(simulator::Cipher::Aes256, 17);
                let variants = [&made.profile.access.pace[..], &[more]].concat();
                let can = made.profile.access.can.clone();
                made.profile = made.profile.clone().with_pace(&variants, can.as_deref());
            })
        }),
        Case::refused("P45", "wrong MAC on one response", "SM_MAC_INVALID", || disturbed(|at| Fault::WrongMac { at })),
        Case::refused("P46", "response without its protection", "SM_STRIPPED", || {
            disturbed(|at| Fault::Stripped { at })
        }),
        Case::refused("P47", "an old protected response again", "SM_MAC_INVALID", || {
            // In place of the last answer, the longest: in place of a shorter one it would be too long before it is wrong.
            disturbed(|at| Fault::Replay { at: at + 1 })
        }),
    ]
}

/// P48 to P54: what the issuer signed, and what the verifier knows.
fn contents() -> Vec<Case> {
    fn with_portrait(file: Vec<u8>) -> Made {
        scene(|scene| scene.sign(2, file))
    }
    vec![
        Case::judged("P48", "composite check digit of the signed DG1 wrong", "MRZ_CHECK_DIGIT", || {
            scene(|scene| {
                let mut file = scene.group(1).to_vec();
                let last = file.last_mut().expect("the composite check digit");
                *last = if *last == b'9' { b'0' } else { *last + 1 };
                scene.sign(1, file);
            })
        }),
        Case::judged("P49", "document expired a month ago", "DOCUMENT_EXPIRED", || {
            let holder = Holder { expiry: "250531".into(), ..Holder::default() };
            let mut scene = Scene::of(&PassportPlan { holder, ..PassportPlan::default() });
            scene.trusting();
            scene.make()
        }),
        Case::judged("P50", "JPEG 2000 of 65,535 × 65,535", "IMAGE_LIMIT", || with_portrait(dg2(1, &huge_image()))),
        Case::judged("P51", "two faces", "DG2_FACE_COUNT", || with_portrait(dg2(2, PORTRAIT_JP2))),
        Case::judged("P51", "no face", "DG2_FACE_COUNT", || with_portrait(dg2(0, PORTRAIT_JP2))),
        Case::own("P52", "master list whose signature is wrong", "TRUST_LIST_INVALID", list_forged, |desk| {
            let folder = desk.folder().join("p52-forged");
            desk.import(&folder, &[forged_list()])
        }),
        Case::own("P52", "older master list after a newer one", "TRUST_LIST_ROLLBACK", list_older, |desk| {
            let folder = desk.folder().join("p52-older");
            desk.import(&folder, &[list_of(NEWER), list_of(OLDER)])
        }),
        Case::judged("P53", "empty trust store", "TRUST_STORE_EMPTY", || Scene::unknown().make()),
        Case::judged("P54", "EF.SOD states another LDS version than EF.COM", "LDS_VERSION_MISMATCH", || {
            scene(|scene| scene.world.sod.versions = Some(["0107", "040000"]))
        }),
    ]
}

const NEWER: &str = "20250601000000Z";
const OLDER: &str = "20250101000000Z";

/// A master list of Utopia, signed at this time.
fn list_of(signed_at: &'static str) -> Vec<u8> {
    let csca = party(1, "UT", "CSCA Utopia");
    master_list(&csca, signed_at, &[issue(&csca, &csca, &authority())])
}

fn forged_list() -> Vec<u8> {
    let mut list = list_of(NEWER);
    *list.last_mut().expect("the signature's last byte") ^= 1;
    list
}

fn refused<T>(imported: Result<T, trust::ImportError>) -> Cell {
    Cell::code(imported.err().map_or("imported all the same", |error| error.code()))
}

fn list_forged() -> Cell {
    refused(trust::import(&forged_list()))
}

fn list_older() -> Cell {
    let mut store = TrustStore::empty();
    store.add(trust::import(&list_of(NEWER)).expect("a list"));
    refused(store.update(trust::import(&list_of(OLDER)).expect("a list")))
}
