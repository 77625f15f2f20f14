//! Forgeries: keys on altered curves, a signature that ends in garbage, portraits no record may hold.

use apdu::tlv::{Tag, encode};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::signature::PublicKey;

use crate::support::world::World;
use crate::support::{bits, int, octets, oid, seq};

/// SubjectPublicKeyInfo with all numbers of the curve, one of them changed on the way.
pub fn explicit_key(world: &World, change: impl Fn(&mut chip_crypto::curve::DomainParameters)) -> Vec<u8> {
    let PublicKey::Ec(point) = world.dsc.key.public() else { panic!("a curve") };
    let mut p = point.curve().parameters();
    change(&mut p);
    let parameters = seq(&[
        int(&[1]),
        seq(&[oid("1.2.840.10045.1.1"), int(&p.p)]),
        seq(&[octets(&p.a), octets(&p.b)]),
        octets(&[&[4], p.gx.as_slice(), p.gy.as_slice()].concat()),
        int(&p.n),
        int(&[p.h]),
    ]);
    seq(&[seq(&[oid("1.2.840.10045.2.1"), parameters]), bits(point.as_uncompressed())])
}

/// Little-endian limbs; as much arithmetic as a cube root needs.
fn cube(root: &[u32]) -> Vec<u32> {
    let times = |a: &[u32], b: &[u32]| {
        let mut product = vec![0_u32; a.len() + b.len()];
        for (i, x) in a.iter().enumerate() {
            let mut carry = 0_u64;
            for (j, y) in b.iter().enumerate() {
                let sum = u64::from(product[i + j]) + u64::from(*x) * u64::from(*y) + carry;
                product[i + j] = sum as u32;
                carry = sum >> 32;
            }
            product[i + b.len()] = carry as u32;
        }
        product
    };
    times(&times(root, root), root)
}

/// Bleichenbacher's forgery: a perfect cube that begins like a padded digest and ends in garbage.
pub fn forge_with_exponent_three(message: &[u8]) -> Vec<u8> {
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    let mut block =
        [&[0, 1], [0xFF; 8].as_slice(), &[0], &DIGEST_INFO, &digest(HashAlgorithm::Sha256, &[message])].concat();
    let fixed = block.len();
    block.resize(256, 0xFF);
    let below = |root: &[u32]| {
        let mut cubed: Vec<u8> = cube(root).iter().flat_map(|limb| limb.to_le_bytes()).collect();
        cubed.resize(cubed.len().max(256), 0);
        cubed.reverse();
        let (high, low) = cubed.split_at(cubed.len() - 256);
        high.iter().all(|byte| *byte == 0) && low <= block.as_slice()
    };
    let mut root = [0_u32; 22];
    for bit in (0..700).rev() {
        root[bit / 32] |= 1 << (bit % 32);
        if !below(&root) {
            root[bit / 32] &= !(1 << (bit % 32));
        }
    }
    let mut cubed: Vec<u8> = cube(&root).iter().flat_map(|limb| limb.to_le_bytes()).take(256).collect();
    cubed.reverse();
    assert_eq!(cubed[..fixed], block[..fixed], "the forgery begins as it must");
    let mut signature: Vec<u8> = root.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    signature.resize(256, 0);
    signature.reverse();
    signature
}

/// DG2 with so many faces, each with this image.
pub fn dg2(faces: u8, image: &[u8]) -> Vec<u8> {
    let face = [&[0; 20][4..], &[0; 12], image].concat();
    let face = [u32::try_from(face.len() + 4).unwrap().to_be_bytes().as_slice(), &face].concat();
    let record = [b"FAC\x00010\x00".as_slice(), &[0; 4], &[0, faces], &face.repeat(usize::from(faces))].concat();
    let information = encode(Tag(0x7F60), &[encode(Tag(0xA1), &[]), encode(Tag(0x5F2E), &record)].concat());
    encode(Tag(0x75), &encode(Tag(0x7F61), &[encode(Tag(0x02), &[1]), information].concat()))
}

/// A JPEG 2000 codestream of 65,535 × 65,535: SOC, SIZ with one component.
pub fn huge_image() -> Vec<u8> {
    let mut huge = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0];
    for number in [0xFFFF_u32, 0xFFFF, 0, 0, 0xFFFF, 0xFFFF, 0, 0] {
        huge.extend(number.to_be_bytes());
    }
    huge.extend([0, 1, 7, 1, 1]);
    huge
}
