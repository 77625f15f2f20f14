//! Reference documents: the BSI passport of TR-03105-5, specimen zones, faces in both record formats.

mod support;

use apdu::tlv::{Tag, encode};
use chip::mrtd::dg2::Dg2Error;
use chip::mrtd::public_key::AgreementKey;
use chip::mrtd::security_info::{KeyAgreement, PaceCipher, PaceMapping};
use chip::mrtd::{
    Confusion, Mrz, MrzError, MrzField, MrzFormat, MrzKey, PaceGroup, card_access, com, dg1, dg2, dg14, dg15,
};
use chip::portrait::{ImageError, ImageFormat, decode, decode_bytes, image_header};
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use support::test_data;

#[test]
fn specimen_zones() {
    let Some(table) = test_data("emrtd/mrz/mrz.tsv") else { return };
    let table = String::from_utf8(table).unwrap();
    let mut seen = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let result = Mrz::parse(columns[2]);
        assert_eq!(result.is_ok(), columns[0] == "valid", "{}: {result:?}", columns[1]);
        if let Err(error) = result {
            assert!(matches!(error, MrzError::CheckDigit { .. }), "{}", columns[1]);
        }
        seen += 1;
    }
    assert!(seen >= 11);
}

const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

#[test]
fn fields_of_a_passport() {
    let mrz = Mrz::parse(TD3).unwrap();
    let fields = mrz.fields();
    assert_eq!(mrz.format(), MrzFormat::Td3);
    assert_eq!((fields.surname.as_str(), fields.given_names.as_str()), ("ERIKSSON", "ANNA MARIA"));
    assert_eq!(
        (fields.document_code.as_str(), fields.issuing_state.as_str(), fields.nationality.as_str()),
        ("P", "UTO", "UTO")
    );
    assert_eq!((fields.document_number.as_str(), fields.sex), ("L898902C3", 'F'));
    assert_eq!(
        (fields.birth.as_str(), fields.expiry.as_str(), fields.optional_data.as_str()),
        ("740812", "120415", "ZE184226B")
    );
    let line = TD3.lines().last().unwrap();
    assert!(mrz.key() == MrzKey::from_second_line(line).unwrap());
    assert!(mrz.key() == MrzKey::new("L898902C3", "740812", "120415").unwrap());
    assert!(!format!("{mrz:?} {fields:?}").contains("ERIKSSON"));
}

#[test]
fn a_look_alike_is_named() {
    let misread = TD3.replace("L898902C36", "L8989O2C36");
    let confusion = Some(Confusion { position: 5, read: 'O', meant: '0' });
    assert_eq!(Mrz::parse(&misread), Err(MrzError::CheckDigit { field: MrzField::DocumentNumber, confusion }));
    let misread = TD3.replace("7408122F", "74O8122F");
    let confusion = Some(Confusion { position: 2, read: 'O', meant: '0' });
    assert_eq!(Mrz::parse(&misread), Err(MrzError::CheckDigit { field: MrzField::BirthDate, confusion }));
    assert_eq!(Mrz::parse("P<UTO"), Err(MrzError::Length { characters: 5 }));
    assert!(matches!(Mrz::parse(&TD3.to_lowercase()), Err(MrzError::Character { position: 0 })));
    assert!(matches!(MrzKey::new("L898902C3", "741312", "120415"), Err(MrzError::Date { field: MrzField::BirthDate })));
}

#[test]
fn the_reference_passport_parses() {
    let Some(file) = test_data("emrtd/bsi-tr03105-5/Datagroup1.bin") else { return };
    let mrz = dg1::parse(&file).unwrap();
    assert_eq!((mrz.fields().surname.as_str(), mrz.fields().issuing_state.as_str()), ("MUSTERMANN", "D"));

    let file = test_data("emrtd/bsi-tr03105-5/EF_COM.bin").unwrap();
    let parsed = com::parse(&file).unwrap();
    assert_eq!((parsed.lds_version.as_str(), parsed.unicode_version.as_str()), ("0107", "040000"));
    assert_eq!(parsed.data_groups, [1, 2, 3, 4, 14]);

    let file = test_data("emrtd/bsi-tr03105-5/Datagroup14.bin").unwrap();
    let infos = dg14::parse(&file).unwrap();
    assert_eq!(infos.entries.len(), 3);
    assert_eq!(
        (infos.chip_authentication[0].agreement, infos.chip_authentication[0].cipher),
        (KeyAgreement::Ecdh, PaceCipher::TripleDes)
    );
    let Ok(AgreementKey::Ec(point)) = infos.chip_keys[0].key() else { panic!("a point") };
    assert_eq!(point.curve(), NamedCurve::BrainpoolP224r1);

    let file = test_data("emrtd/bsi-tr03105-5/Datagroup15.bin").unwrap();
    assert_eq!(dg15::parse(&file).unwrap().kind(), "RSA-1024");

    let file = test_data("emrtd/bsi-tr03105-5/Datagroup2.bin").unwrap();
    let face = dg2::parse(&file).unwrap();
    assert_eq!((face.format, face.width, face.height), (ImageFormat::Jp2, 413, 531));
    assert_eq!(decode(&face).unwrap().rgb.len(), 413 * 531 * 3);
}

#[test]
fn a_dh_key_in_a_group_of_its_own_is_read() {
    let Some(file) = test_data("emrtd/sod/doc9303_sample_DG14.bin") else { return };
    let infos = dg14::parse(&file).unwrap();
    assert_eq!(infos.chip_keys[0].agreement, KeyAgreement::Dh);
    let Ok(AgreementKey::Dh(key)) = infos.chip_keys[0].key() else { panic!("a number") };
    assert_eq!((key.parameters().bits(), key.to_bytes().len()), (1024, 128));
}

#[test]
fn the_hash_of_active_authentication_is_that_of_dg14() {
    for (oid, hash) in [
        ("04007F00070101040101", HashAlgorithm::Sha1),
        ("04007F00070101040105", HashAlgorithm::Sha512),
        ("2A8648CE3D0401", HashAlgorithm::Sha1),
        ("2A8648CE3D040301", HashAlgorithm::Sha224),
        ("2A8648CE3D040304", HashAlgorithm::Sha512),
    ] {
        let oid = hex::decode(oid.replace(' ', "")).unwrap();
        let fields = [
            encode(Tag::OBJECT_IDENTIFIER, &[0x67, 0x81, 0x08, 0x01, 0x01, 0x05]),
            encode(Tag::INTEGER, &[1]),
            encode(Tag::OBJECT_IDENTIFIER, &oid),
        ];
        let set = encode(Tag::SET, &encode(Tag::SEQUENCE, &fields.concat()));
        let infos = dg14::parse(&encode(dg14::TAG, &set)).unwrap();
        assert_eq!(infos.active_authentication.unwrap().hash, Some(hash), "{oid:02X?}");
    }
}

#[test]
fn card_access_names_the_variants_of_pace() {
    let file = hex::decode("31143012060A04007F0007020204020202010202010D").unwrap();
    let infos = card_access::parse(&file).unwrap();
    let info = infos.pace[0];
    assert_eq!(
        (info.mapping, info.cipher, info.group().unwrap()),
        (PaceMapping::Generic, PaceCipher::Aes128, PaceGroup::Curve(NamedCurve::BrainpoolP256r1))
    );
    assert_eq!(info.oid(), [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x02]);
}

#[test]
fn faces_of_both_record_formats() {
    let Some(record) = test_data("emrtd/dg2/iso19794_face_block.bin") else { return };
    let face = dg2::parse_facial_record(&record).unwrap();
    // The record calls it JPEG 2000; it is not.
    assert_eq!(face.format, ImageFormat::Jpeg);
    assert_eq!(Some(&face.bytes), test_data("emrtd/dg2/iso19794_face.jpg").as_ref());
    let pixels = decode(&face).unwrap();
    assert_eq!(pixels.rgb.len(), pixels.width as usize * pixels.height as usize * 3);

    let silver = test_data("emrtd/dg2/silver.jp2").unwrap();
    let pixels = decode_bytes(&silver).unwrap();
    assert_eq!((pixels.width, pixels.height), (413, 531));

    let file = test_data("emrtd/dg2/iso39794_mandatory_DG2.bin").unwrap();
    let face = dg2::parse(&file).unwrap();
    assert_eq!((face.format, face.width, face.height), (ImageFormat::Jp2, 413, 531));
    assert_eq!(face.bytes, silver);

    let codestream = silver.windows(4).position(|window| window == [0xFF, 0x4F, 0xFF, 0x51]).unwrap();
    let raw = decode_bytes(&silver[codestream..]).unwrap();
    assert_eq!(raw.rgb.len(), pixels.rgb.len());
}

#[test]
fn huge_headers_and_wrong_counts_are_refused() {
    let Some(mut silver) = test_data("emrtd/dg2/silver.jp2") else { return };
    let codestream = silver.windows(4).position(|window| window == [0xFF, 0x4F, 0xFF, 0x51]).unwrap();
    silver[codestream + 8..codestream + 16].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    assert!(matches!(decode_bytes(&silver), Err(ImageError::Limit { .. })));
    let mut jpeg = test_data("emrtd/dg2/iso19794_face.jpg").unwrap();
    let frame = jpeg.windows(4).position(|window| window == [0xFF, 0xC0, 0x00, 0x11]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    assert_eq!(image_header(&jpeg).unwrap().width, 0xFFFF);
    assert!(matches!(decode_bytes(&jpeg), Err(ImageError::Limit { .. })));

    let mut record = test_data("emrtd/dg2/iso19794_face_block.bin").unwrap();
    record[13] = 0;
    assert_eq!(dg2::parse_facial_record(&record), Err(Dg2Error::FaceCount { found: 0 }));
    record[13] = 2;
    assert_eq!(dg2::parse_facial_record(&record), Err(Dg2Error::Record));
}
