//! What must hold for every key and every message.

use chip_crypto::curve::{
    CurveError, Generator, NamedCurve, Point, PrivateScalar, diffie_hellman, map_generic, shared_point,
};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{PublicKey, SignatureError, SignatureScheme, SigningKey, iso9796_2, verify};
use proptest::prelude::*;
use std::sync::OnceLock;

fn any_curve() -> impl Strategy<Value = NamedCurve> {
    prop::sample::select(NamedCurve::ALL.to_vec())
}

fn any_hash() -> impl Strategy<Value = HashAlgorithm> {
    prop::sample::select(HashAlgorithm::ALL.to_vec())
}

/// Throw-away RSA keys of 1024 and 1800 bits.
fn rsa_keys() -> &'static [SigningKey] {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let vectors: serde_json::Value = serde_json::from_str(include_str!("data/openssl-vectors.json")).unwrap();
        let pkcs8 = |index: usize| hex::decode(vectors["rsa"][index]["pkcs8"].as_str().unwrap()).unwrap();
        vec![SigningKey::from_pkcs8(&pkcs8(0)).unwrap(), SigningKey::from_pkcs8(&pkcs8(1)).unwrap()]
    })
}

#[test]
fn the_generator_has_order_n() {
    for curve in NamedCurve::ALL {
        let own = curve.parameters();
        let mut last = own.n.clone();
        *last.last_mut().unwrap() -= 1;
        // [n − 1] G = −G, so [n] G is the point at infinity.
        let negative = PrivateScalar::from_bytes(curve, &last).unwrap().public();
        assert_eq!(negative.x(), own.gx, "{}", curve.name());
        assert_ne!(negative.y(), own.gy);
        let generator = Point::from_uncompressed(curve, &[vec![4], own.gx, own.gy].concat()).unwrap();
        assert_eq!(map_generic(curve, &last, &generator), Err(CurveError::PointAtInfinity));
        assert_eq!(map_generic(curve, &own.n, &negative).unwrap(), Generator::from_point(negative));
        assert_eq!(PrivateScalar::from_bytes(curve, &own.n).unwrap_err(), CurveError::ScalarOutOfRange);
        assert_eq!(PrivateScalar::from_bytes(curve, &[0]).unwrap_err(), CurveError::ScalarOutOfRange);
    }
}

#[test]
fn r_and_s_outside_the_order_are_malformed() {
    for curve in NamedCurve::ALL {
        let key = SigningKey::generate_ec(curve, &mut SeededRandom::new(3)).unwrap();
        let scheme = SignatureScheme::EcdsaPlain(HashAlgorithm::Sha256);
        let good = key.sign(&scheme, b"m", &mut SeededRandom::new(4)).unwrap();
        let (r, s) = good.split_at(curve.field_len());
        let (zero, order) = (vec![0; curve.field_len()], curve.parameters().n);
        for bad in [[&zero, s], [r, &zero], [&order, s], [r, &order]] {
            assert_eq!(verify(&key.public(), &scheme, b"m", &bad.concat()), Err(SignatureError::Encoding));
        }
        assert_eq!(verify(&key.public(), &scheme, b"m", &good[1..]), Err(SignatureError::Encoding));
        assert_eq!(verify(&key.public(), &scheme, b"m", &[]), Err(SignatureError::Encoding));
    }
}

#[test]
fn points_off_the_curve_and_at_infinity_are_refused() {
    for curve in NamedCurve::ALL {
        let mut octets = SigningKey::generate_ec(curve, &mut SeededRandom::new(1))
            .map(|key| key.public())
            .map(|key| match key {
                PublicKey::Ec(point) => point.to_uncompressed(),
                PublicKey::Rsa(_) => unreachable!(),
            })
            .unwrap();
        *octets.last_mut().unwrap() ^= 1;
        assert_eq!(Point::from_uncompressed(curve, &octets), Err(CurveError::PointNotOnCurve));
        assert_eq!(Point::from_uncompressed(curve, &[0]), Err(CurveError::PointEncoding));
        assert_eq!(Point::from_sec1(curve, &[]), Err(CurveError::PointEncoding));
        assert_eq!(Point::from_sec1(curve, &[4; 5]), Err(CurveError::PointEncoding));
        let too_big = [vec![4], vec![0xFF; 2 * curve.field_len()]].concat();
        assert!(Point::from_uncompressed(curve, &too_big).is_err());
    }
}

#[test]
fn keys_of_unusable_size_are_refused() {
    assert_eq!(PublicKey::rsa(&[0xFF; 127], &[3]), Err(SignatureError::KeyTooSmall(1016)));
    assert_eq!(PublicKey::rsa(&[0xFF; 1025], &[3]), Err(SignatureError::KeyTooLarge(8200)));
    for exponent in [&[][..], &[0], &[1], &[2], &[4, 0, 0, 0, 1]] {
        assert_eq!(PublicKey::rsa(&[0xFF; 256], exponent), Err(SignatureError::RsaKeyMalformed));
    }
    assert_eq!(PublicKey::rsa(&[0xFE; 256], &[3]), Err(SignatureError::RsaKeyMalformed));
    assert_eq!(PublicKey::rsa(&[], &[3]), Err(SignatureError::KeyTooSmall(0)));
}

/// What a cube root achieves with e = 3: correct padding and hash at the front, rubbish behind. The key owner makes
/// it here, and neither library may take it.
#[test]
fn rubbish_after_the_hash_is_refused_with_exponent_3() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("data/openssl-vectors.json")).unwrap();
    assert_eq!(vectors["rsa"][2]["e"], "03");
    let key = SigningKey::from_pkcs8(&hex::decode(vectors["rsa"][2]["pkcs8"].as_str().unwrap()).unwrap()).unwrap();
    for (hash, digest_info) in [
        // RFC 8017 §9.2 note 1; SHA-256 goes to one library, SHA-224 to the other.
        (HashAlgorithm::Sha256, "3031300d060960864801650304020105000420"),
        (HashAlgorithm::Sha224, "302d300d06096086480165030402040500041c"),
    ] {
        let digest_info = hex::decode(digest_info).unwrap();
        let hashed = chip_crypto::hash::digest(hash, &[b"m"]);
        let tail = 256 - 3 - digest_info.len() - hashed.len();
        let sign = |padding: usize, rubbish: usize| {
            let number =
                [&[0, 1], vec![0xFF; padding].as_slice(), &[0], &digest_info, &hashed, &vec![0x5A; rubbish]].concat();
            key.rsa_private(&number, &mut SeededRandom::new(5)).unwrap()
        };
        let scheme = SignatureScheme::RsaPkcs1(hash);
        assert_eq!(verify(&key.public(), &scheme, b"m", &sign(tail, 0)), Ok(()));
        assert_eq!(verify(&key.public(), &scheme, b"m", &sign(8, tail - 8)), Err(SignatureError::Invalid));
    }
}

#[test]
fn a_scheme_for_another_kind_of_key_is_refused() {
    let ec = SigningKey::generate_ec(NamedCurve::Secp256r1, &mut SeededRandom::new(1)).unwrap();
    let (ecdsa, rsa) =
        (SignatureScheme::Ecdsa(HashAlgorithm::Sha256), SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256));
    assert_eq!(verify(&ec.public(), &rsa, b"m", &[0; 256]), Err(SignatureError::KeyMismatch));
    assert_eq!(verify(&rsa_keys()[0].public(), &ecdsa, b"m", &[0; 256]), Err(SignatureError::KeyMismatch));
    assert_eq!(iso9796_2::recover_and_verify(&ec.public(), &[0; 128], &[0; 8]), Err(SignatureError::KeyMismatch));
}

#[test]
fn both_representatives_of_iso_9796_2_are_opened() {
    for key in rsa_keys() {
        for hash in HashAlgorithm::ALL {
            let (challenge, mut random) = ([7; 8], SeededRandom::new(9));
            let signature = iso9796_2::sign(key, hash, &challenge, &mut random).unwrap();
            let PublicKey::Rsa(public) = key.public() else { unreachable!() };
            assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge), Ok(hash));
            let mut borrow = 0i16;
            let mut other = vec![0; signature.len()];
            for index in (0..signature.len()).rev() {
                let difference = i16::from(public.modulus()[index]) - i16::from(signature[index]) - borrow;
                borrow = i16::from(difference < 0);
                other[index] = (difference & 0xFF) as u8;
            }
            assert_eq!(iso9796_2::recover_and_verify(&key.public(), &other, &challenge), Ok(hash));
            assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &[8; 8]), Err(SignatureError::Invalid));
            assert_eq!(
                iso9796_2::recover_and_verify(&key.public(), &signature[1..], &challenge),
                Err(SignatureError::Encoding)
            );
            assert_eq!(
                iso9796_2::recover_and_verify(&key.public(), public.modulus(), &challenge),
                Err(SignatureError::Encoding)
            );
        }
    }
}

#[test]
fn iso_9796_2_padding_of_another_form_is_refused() {
    let key = &rsa_keys()[0];
    let (challenge, message) = ([1; 8], [5; 90]);
    let hash = chip_crypto::hash::digest(HashAlgorithm::Sha256, &[&message, &challenge]);
    let full = [&[0x6A], [5; 93].as_slice()].concat();
    for (header, expected) in [
        // Total recovery, padding longer than needed, no header at all, unknown trailer follows below.
        ([0x4A, 5, 5, 5], SignatureError::Invalid),
        ([0x6B, 0xBB, 0xBB, 0xBA], SignatureError::Invalid),
        ([0x00, 0x6A, 5, 5], SignatureError::Invalid),
    ] {
        let number = [header.as_slice(), &message, &hash, &[0x34, 0xCC]].concat();
        let signature = key.rsa_private(&number, &mut SeededRandom::new(1)).unwrap();
        assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge), Err(expected));
    }
    // ISO/IEC 10118-3 numbers SHA-1 33: an explicit trailer where BC would do.
    let sha1 = chip_crypto::hash::digest(HashAlgorithm::Sha1, &[&[5; 105], &challenge]);
    let number = [&[0x6A], [5; 105].as_slice(), &sha1, &[0x33, 0xCC]].concat();
    let signature = key.rsa_private(&number, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge), Ok(HashAlgorithm::Sha1));

    let number = [full.as_slice(), &hash, &[0x3F, 0xCC]].concat();
    let signature = key.rsa_private(&number, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge), Err(SignatureError::Unsupported));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn diffie_hellman_commutes(curve in any_curve(), seed in any::<u64>()) {
        let mut random = SeededRandom::new(seed);
        let one = PrivateScalar::generate(curve, &mut random).unwrap();
        let two = PrivateScalar::generate(curve, &mut random).unwrap();
        let shared = diffie_hellman(&one, &two.public()).unwrap();
        prop_assert_eq!(&*shared, &*diffie_hellman(&two, &one.public()).unwrap());
        prop_assert_eq!(shared.len(), curve.field_len());
        prop_assert_eq!(&*one.to_bytes(), &*PrivateScalar::from_bytes(curve, &one.to_bytes()).unwrap().to_bytes());
    }

    #[test]
    fn generic_mapping_agrees_on_both_sides(curve in any_curve(), seed in any::<u64>(), nonce in any::<[u8; 16]>()) {
        let mut random = SeededRandom::new(seed);
        let draw = |random: &mut SeededRandom| PrivateScalar::generate(curve, random).unwrap();
        let (terminal, chip) = (draw(&mut random), draw(&mut random));
        let of_terminal = map_generic(curve, &nonce, &shared_point(&terminal, &chip.public()).unwrap()).unwrap();
        let of_chip = map_generic(curve, &nonce, &shared_point(&chip, &terminal.public()).unwrap()).unwrap();
        prop_assert_eq!(&of_terminal, &of_chip);
        let (terminal, chip) = (draw(&mut random), draw(&mut random));
        prop_assert_eq!(
            &*diffie_hellman(&terminal, &of_chip.public(&chip).unwrap()).unwrap(),
            &*diffie_hellman(&chip, &of_terminal.public(&terminal).unwrap()).unwrap()
        );
    }

    #[test]
    fn division_undoes_multiplication(curve in any_curve(), seed in any::<u64>()) {
        let mut random = SeededRandom::new(seed);
        let one = PrivateScalar::generate(curve, &mut random).unwrap();
        let two = PrivateScalar::generate(curve, &mut random).unwrap();
        let quotient = one.divided_by(&two).unwrap();
        prop_assert_eq!(shared_point(&quotient, &two.public()).unwrap(), one.public());
    }

    #[test]
    fn compressed_points_are_the_same_points(curve in any_curve(), seed in any::<u64>()) {
        let point = PrivateScalar::generate(curve, &mut SeededRandom::new(seed)).unwrap().public();
        let compressed = [&[2 + (point.y().last().unwrap() & 1)], point.x()].concat();
        prop_assert_eq!(Point::from_sec1(curve, &compressed).unwrap(), point);
        prop_assert_eq!(Point::from_uncompressed(curve, &compressed), Err(CurveError::PointEncoding));
    }

    #[test]
    fn a_flipped_bit_in_an_ecdsa_signature_is_refused(
        curve in any_curve(), hash in any_hash(), seed in any::<u64>(), plain in any::<bool>(), bit in any::<prop::sample::Index>(),
    ) {
        let mut random = SeededRandom::new(seed);
        let key = SigningKey::generate_ec(curve, &mut random).unwrap();
        let scheme = if plain { SignatureScheme::EcdsaPlain(hash) } else { SignatureScheme::Ecdsa(hash) };
        let mut signature = key.sign(&scheme, b"message", &mut random).unwrap();
        prop_assert_eq!(verify(&key.public(), &scheme, b"message", &signature), Ok(()));
        let bit = bit.index(signature.len() * 8);
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify(&key.public(), &scheme, b"message", &signature).is_err());
    }

    #[test]
    fn a_flipped_bit_in_an_rsa_signature_is_refused(
        index in 0usize..2, pss in any::<bool>(), seed in any::<u64>(), bit in any::<prop::sample::Index>(),
    ) {
        let (key, hash) = (&rsa_keys()[index], HashAlgorithm::Sha256);
        let scheme = if pss { SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 20 } } else { SignatureScheme::RsaPkcs1(hash) };
        let mut signature = key.sign(&scheme, b"message", &mut SeededRandom::new(seed)).unwrap();
        prop_assert_eq!(verify(&key.public(), &scheme, b"message", &signature), Ok(()));
        let bit = bit.index(signature.len() * 8);
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify(&key.public(), &scheme, b"message", &signature).is_err());
    }

    #[test]
    fn a_flipped_bit_in_an_active_authentication_response_is_refused(
        index in 0usize..2, hash in any_hash(), challenge in any::<[u8; 8]>(), seed in any::<u64>(), bit in any::<prop::sample::Index>(),
    ) {
        let key = &rsa_keys()[index];
        let mut signature = iso9796_2::sign(key, hash, &challenge, &mut SeededRandom::new(seed)).unwrap();
        prop_assert_eq!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge), Ok(hash));
        let bit = bit.index(signature.len() * 8);
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(iso9796_2::recover_and_verify(&key.public(), &signature, &challenge).is_err());
    }

    #[test]
    fn hostile_bytes_never_panic(curve in any_curve(), octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Point::from_sec1(curve, &octets);
        let _ = PrivateScalar::from_bytes(curve, &octets);
        let _ = SigningKey::from_pkcs8(&octets);
        let _ = PublicKey::rsa(&octets, &[3]);
        let key = SigningKey::generate_ec(curve, &mut SeededRandom::new(1)).unwrap().public();
        prop_assert!(verify(&key, &SignatureScheme::Ecdsa(HashAlgorithm::Sha1), b"m", &octets).is_err());
        prop_assert!(verify(&key, &SignatureScheme::EcdsaPlain(HashAlgorithm::Sha1), b"m", &octets).is_err());
        prop_assert!(iso9796_2::recover_and_verify(&rsa_keys()[0].public(), &octets, &[]).is_err());
    }
}
