//! Known answers of an implementation that shares nothing with ours (`data/make_openssl_vectors.py`).

use chip_crypto::curve::{CurveError, ExplicitParameters, NamedCurve, Point, PrivateScalar, diffie_hellman};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{PublicKey, SignatureError, SignatureScheme, SigningKey, verify};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/openssl-vectors.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn curve(entry: &Value) -> NamedCurve {
    let name = entry["name"].as_str().unwrap();
    NamedCurve::ALL.into_iter().find(|curve| curve.name() == name).unwrap()
}

fn hash(name: &str) -> HashAlgorithm {
    match name {
        "sha1" => HashAlgorithm::Sha1,
        "sha224" => HashAlgorithm::Sha224,
        "sha256" => HashAlgorithm::Sha256,
        "sha384" => HashAlgorithm::Sha384,
        "sha512" => HashAlgorithm::Sha512,
        other => panic!("{other}"),
    }
}

#[test]
fn domain_parameters_are_those_of_the_named_curve() {
    let vectors = vectors();
    let entries = vectors["curves"].as_array().unwrap();
    assert_eq!(entries.len(), NamedCurve::ALL.len());
    for entry in entries {
        let (curve, explicit) = (curve(entry), &entry["explicit"]);
        let own = curve.parameters();
        assert_eq!(own.p, bytes(&explicit["p"]), "{}", curve.name());
        assert_eq!(own.p.len(), curve.field_len());
        assert_eq!(own.a, bytes(&explicit["a"]));
        assert_eq!(own.b, bytes(&explicit["b"]));
        assert_eq!([vec![4], own.gx, own.gy].concat(), bytes(&explicit["generator"]));
        assert_eq!(own.n, bytes(&explicit["n"]));
    }
}

#[test]
fn explicit_parameters_are_named_only_when_every_number_agrees() {
    let vectors = vectors();
    for entry in vectors["curves"].as_array().unwrap() {
        let (curve, fields) = (curve(entry), &entry["explicit"]);
        let field = |name: &str| bytes(&fields[name]);
        let (p, a, b, g, n, h) = (field("p"), field("a"), field("b"), field("generator"), field("n"), field("h"));
        let good = ExplicitParameters { p: &p, a: &a, b: &b, generator: &g, n: &n, h: Some(&h) };
        let compressed = field("generator_compressed");
        assert_eq!(NamedCurve::from_explicit(&good), Ok(curve));
        assert_eq!(NamedCurve::from_explicit(&ExplicitParameters { generator: &compressed, ..good }), Ok(curve));
        assert_eq!(NamedCurve::from_explicit(&ExplicitParameters { h: None, ..good }), Ok(curve));
        let padded = [&[0; 3], p.as_slice()].concat();
        assert_eq!(NamedCurve::from_explicit(&ExplicitParameters { p: &padded, ..good }), Ok(curve));

        let altered = |octets: &[u8]| {
            let mut octets = octets.to_vec();
            *octets.last_mut().unwrap() ^= 1;
            octets
        };
        // Another valid point of the curve: the forger's generator.
        let forged = bytes(&entry["public"]);
        let mut other_sign = compressed.clone();
        other_sign[0] ^= 1;
        let (p2, a2, b2, g2, n2) = (altered(&p), altered(&a), altered(&b), altered(&g), altered(&n));
        for bad in [
            ExplicitParameters { p: &p2, ..good },
            ExplicitParameters { a: &a2, ..good },
            ExplicitParameters { b: &b2, ..good },
            ExplicitParameters { generator: &g2, ..good },
            ExplicitParameters { generator: &forged, ..good },
            ExplicitParameters { generator: &other_sign, ..good },
            ExplicitParameters { generator: &[], ..good },
            ExplicitParameters { generator: &g[..g.len() - 1], ..good },
            ExplicitParameters { n: &n2, ..good },
            ExplicitParameters { h: Some(&[2]), ..good },
            ExplicitParameters { h: Some(&[]), ..good },
        ] {
            assert_eq!(NamedCurve::from_explicit(&bad), Err(CurveError::UnknownParameters), "{}", curve.name());
        }
    }
}

#[test]
fn public_keys_and_shared_secrets_agree() {
    let vectors = vectors();
    for entry in vectors["curves"].as_array().unwrap() {
        let curve = curve(entry);
        let private = PrivateScalar::from_bytes(curve, &bytes(&entry["private"])).unwrap();
        assert_eq!(private.public().to_uncompressed(), bytes(&entry["public"]), "{}", curve.name());
        let peer = Point::from_uncompressed(curve, &bytes(&entry["peer_public"])).unwrap();
        let shared = diffie_hellman(&private, &peer).unwrap();
        assert_eq!(*shared, bytes(&entry["shared"]));
        let peer_private = PrivateScalar::from_bytes(curve, &bytes(&entry["peer_private"])).unwrap();
        assert_eq!(*diffie_hellman(&peer_private, &private.public()).unwrap(), *shared);
    }
}

#[test]
fn ecdsa_verifies_on_every_curve_with_every_hash() {
    let vectors = vectors();
    let message = bytes(&vectors["message"]);
    for entry in vectors["curves"].as_array().unwrap() {
        let key = PublicKey::ec_from_sec1(curve(entry), &bytes(&entry["public"])).unwrap();
        for (name, signature) in entry["signatures"].as_object().unwrap() {
            let scheme = SignatureScheme::Ecdsa(hash(name));
            let signature = bytes(signature);
            assert_eq!(verify(&key, &scheme, &message, &signature), Ok(()), "{} {name}", key.kind());
            assert_eq!(verify(&key, &scheme, b"another", &signature), Err(SignatureError::Invalid));
            let longer = [signature.as_slice(), &[0]].concat();
            assert_eq!(verify(&key, &scheme, &message, &longer), Err(SignatureError::Encoding));
        }
    }
}

#[test]
fn rsa_verifies_with_every_padding() {
    let vectors = vectors();
    let message = bytes(&vectors["message"]);
    for entry in vectors["rsa"].as_array().unwrap() {
        let key = PublicKey::rsa(&bytes(&entry["n"]), &bytes(&entry["e"])).unwrap();
        assert_eq!(key.kind(), format!("RSA-{}", entry["bits"]));
        for vector in entry["signatures"].as_array().unwrap() {
            let hash_name = hash(vector["hash"].as_str().unwrap());
            let scheme = match vector["salt_len"].as_u64() {
                None => SignatureScheme::RsaPkcs1(hash_name),
                Some(salt_len) => SignatureScheme::RsaPss {
                    hash: hash_name,
                    mgf: hash(vector["mgf"].as_str().unwrap()),
                    salt_len: salt_len as usize,
                },
            };
            let signature = bytes(&vector["signature"]);
            let verdict = verify(&key, &scheme, &message, &signature);
            if let SignatureScheme::RsaPss { hash, mgf, .. } = scheme
                && hash != mgf
            {
                assert_eq!(verdict, Err(SignatureError::Unsupported));
                continue;
            }
            assert_eq!(verdict, Ok(()), "{} {scheme:?}", key.kind());
            assert_eq!(verify(&key, &scheme, b"another", &signature), Err(SignatureError::Invalid));
            assert_eq!(verify(&key, &scheme, &message, &signature[1..]), Err(SignatureError::Encoding));
            if let SignatureScheme::RsaPss { hash, mgf, salt_len } = scheme {
                let other_salt = SignatureScheme::RsaPss { hash, mgf, salt_len: salt_len + 1 };
                assert_eq!(verify(&key, &other_salt, &message, &signature), Err(SignatureError::Invalid));
            }
        }
    }
}

#[test]
fn private_keys_are_read_and_belong_to_their_public_keys() {
    for entry in vectors()["rsa"].as_array().unwrap() {
        let key = SigningKey::from_pkcs8(&bytes(&entry["pkcs8"])).unwrap();
        assert_eq!(key.public(), PublicKey::rsa(&bytes(&entry["n"]), &bytes(&entry["e"])).unwrap());
    }
}
