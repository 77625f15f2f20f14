//! The integrated mapping of PACE over elliptic curves (Doc 9303-11 §4.4.3.3.2).

use super::named::on_curve;
use super::{CurveError, Generator, NamedCurve, Point};
use crate::block::{CipherError, SymmetricCipher, cbc_encrypt};
use zeroize::Zeroizing;

/// Constants c0 and c1 for 3DES and AES-128.
const CONSTANTS_128: [&[u8]; 2] = [
    &0xA668892A_7C41E3CA_739F40B0_57D85904_u128.to_be_bytes(),
    &0xA4E136AC_725F738B_01C1F602_17C188AD_u128.to_be_bytes(),
];

/// Constants c0 and c1 for AES-192 and AES-256, as halves.
const CONSTANTS_256: [[u128; 2]; 2] = [
    [0xD463D652_34124EF7_89705498_6DCA0A17, 0x4E28DF75_8CBAA03F_24061641_4D5A1676],
    [0x54BD7255_F0AAF831_BEC3423F_CF39D69B, 0x6CBF0666_77D0FAAE_5AADD99D_F8E53517],
];

/// Maps the chip's nonce s and the terminal's nonce t to the ephemeral generator `Ĝ = f_G(R_p(s, t))`.
///
/// s is one block of the mapping (16 bytes; 32 for AES-192 and AES-256); t has the length of the cipher's key.
///
/// # Errors
/// [`CurveError::NonceLength`]; [`CurveError::MappingUndefined`] on a curve whose prime is not 3 modulo 4
/// (secp224r1) and for the few numbers the encoding excludes.
pub fn map_integrated(
    curve: NamedCurve,
    cipher: SymmetricCipher,
    nonce_s: &[u8],
    nonce_t: &[u8],
) -> Result<Generator, CurveError> {
    // ⌈log2 p⌉ + 64 bits, so that the reduction modulo p leaves no bias.
    let wanted_bits = curve.prime_bits() + 64;
    let random = pseudo_random(cipher, nonce_s, nonce_t, wanted_bits).map_err(|_| CurveError::NonceLength)?;
    let mapped = on_curve!(curve, encode_integrated(&random))?;
    Ok(Generator::from_point(Point::computed(curve, mapped)))
}

/// The pseudo-random number mapping R(s, t) of at least `wanted_bits` bits.
pub(crate) fn pseudo_random(
    cipher: SymmetricCipher,
    nonce_s: &[u8],
    nonce_t: &[u8],
    wanted_bits: usize,
) -> Result<Zeroizing<Vec<u8>>, CipherError> {
    let constants: [Vec<u8>; 2] = match cipher {
        SymmetricCipher::TripleDes | SymmetricCipher::Aes128 => CONSTANTS_128.map(<[u8]>::to_vec),
        SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            CONSTANTS_256.map(|halves| halves.map(u128::to_be_bytes).concat())
        }
    };
    if nonce_s.len() != constants[0].len() || nonce_t.len() != cipher.key_len() {
        return Err(CipherError::KeyLength);
    }
    let zero_iv = vec![0; cipher.block_len()];
    let encrypt =
        |key: &[u8], data: &[u8]| cbc_encrypt(cipher, &key[..cipher.key_len()], &zero_iv, data).map(Zeroizing::new);
    let mut key = encrypt(nonce_t, nonce_s)?;
    let mut random = Zeroizing::new(Vec::with_capacity(wanted_bits / 8 + nonce_s.len()));
    while 8 * random.len() < wanted_bits {
        random.extend_from_slice(&encrypt(&key, &constants[1])?);
        key = encrypt(&key, &constants[0])?;
    }
    Ok(random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{PrivateScalar, diffie_hellman};

    fn bytes(digits: &str) -> Vec<u8> {
        hex::decode(digits).unwrap()
    }

    /// Doc 9303-11 (8th ed.) appendix H.1: brainpoolP256r1, AES-128.
    #[test]
    fn matches_the_worked_example() {
        let (s, t) = (bytes("2923BE84E16CD6AE529049F1F1BBE9EB"), bytes("5DD4CBFC96F5453B130D890A1CDBAE32"));
        let random = pseudo_random(SymmetricCipher::Aes128, &s, &t, 320).unwrap();
        assert_eq!(
            hex::encode_upper(&*random),
            "E4447E2DFB3586BAC05DDB00156B57FBB2179A3949294C97254189800C517BAA8DA0FF397ED8C445D3E421E4FEB57322"
        );
        let generator = map_integrated(NamedCurve::BrainpoolP256r1, SymmetricCipher::Aes128, &s, &t).unwrap();
        assert_eq!(
            hex::encode_upper(generator.point().as_uncompressed()),
            "048E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427\
             4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD"
        );
        let private = |digits| PrivateScalar::from_bytes(NamedCurve::BrainpoolP256r1, &bytes(digits)).unwrap();
        let chip = private("107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A");
        let terminal = private("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595");
        let shared = diffie_hellman(&terminal, &generator.public(&chip).unwrap()).unwrap();
        assert_eq!(hex::encode_upper(&*shared), "4F150FDE1D4F0E38E95017B891BAE17133A0DF45B0D3E18B60BA7BEAFDC2C713");
    }

    #[test]
    fn every_curve_with_a_suitable_prime_is_mapped_to_a_point() {
        for curve in NamedCurve::ALL {
            for (cipher, s_len) in [
                (SymmetricCipher::TripleDes, 16),
                (SymmetricCipher::Aes128, 16),
                (SymmetricCipher::Aes192, 32),
                (SymmetricCipher::Aes256, 32),
            ] {
                for value in 0..8 {
                    let t = vec![value; cipher.key_len()];
                    let mapped = map_integrated(curve, cipher, &vec![1; s_len], &t);
                    if curve == NamedCurve::Secp224r1 {
                        assert_eq!(mapped, Err(CurveError::MappingUndefined));
                    } else {
                        // The equation of the curve holds for both branches of the encoding.
                        Point::from_uncompressed(curve, mapped.unwrap().point().as_uncompressed()).unwrap();
                    }
                    assert_eq!(map_integrated(curve, cipher, &[1; 8], &t), Err(CurveError::NonceLength));
                    assert_eq!(map_integrated(curve, cipher, &vec![1; s_len], &[1; 8]), Err(CurveError::NonceLength));
                }
            }
        }
    }
}
