//! Which of the variants of PACE on offer is run.

use super::pace_group::PaceGroup;
use super::security_info::{PaceInfo, PaceMapping};

/// The strongest variant this terminal runs. In this order:
///
/// 1. the strength of the channel, which is that of its weaker part: group or cipher;
/// 2. the mapping: chip authentication mapping proves the chip along the way, generic mapping is what every chip runs, integrated
///    mapping comes last;
/// 3. elliptic curves before integers modulo p, which take ten times as long on a chip;
/// 4. the stronger cipher, then the larger group;
/// 5. the first in the file.
///
/// Proprietary and unknown domain parameters are never run (Doc 9303-11, 9.2.2: explicit parameters of a chip may leak the password).
pub(super) fn strongest(offers: &[PaceInfo]) -> Option<PaceInfo> {
    let mut best: Option<(PaceInfo, Rank)> = None;
    for info in offers {
        let Some(rank) = Rank::of(info) else { continue };
        if best.as_ref().is_none_or(|(_, other)| rank > *other) {
            best = Some((*info, rank));
        }
    }
    best.map(|(info, _)| info)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    channel: u16,
    mapping: u8,
    curve: bool,
    cipher: u16,
    group: u16,
}

impl Rank {
    /// `None` for a variant that is not run.
    fn of(info: &PaceInfo) -> Option<Self> {
        let group = info.group().ok()?;
        let mapping = match info.mapping {
            PaceMapping::ChipAuthentication => 2,
            PaceMapping::Generic => 1,
            PaceMapping::Integrated if group.has_integrated_mapping() => 0,
            PaceMapping::Integrated => return None,
        };
        let cipher = info.cipher.strength();
        Some(Self {
            channel: cipher.min(group.strength()),
            mapping,
            curve: matches!(group, PaceGroup::Curve(_)),
            cipher,
            group: group.strength(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mrtd::card_access;

    /// `PACEInfo` by the last three numbers: variant, cipher, domain parameters.
    fn chosen(offers: &[[u8; 3]]) -> Option<[u8; 3]> {
        let infos: Vec<u8> = offers
            .iter()
            .flat_map(|[variant, cipher, id]| {
                let head = [0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, *variant, *cipher];
                [&head[..], &[0x02, 0x01, 0x02, 0x02, 0x01, *id]].concat()
            })
            .collect();
        let infos = card_access::parse(&apdu::tlv::encode(apdu::tlv::Tag::SET, &infos)).unwrap();
        assert!(infos.offers_pace());
        let best = strongest(&infos.pace)?;
        let [.., variant, cipher] = best.oid();
        Some([variant, cipher, best.parameter_id.unwrap()])
    }

    #[test]
    fn the_strongest_variant_is_chosen() {
        // As a German passport offers: generic and chip authentication mapping, equal in everything else.
        assert_eq!(chosen(&[[2, 2, 13], [6, 2, 13]]), Some([6, 2, 13]));
        // The channel is as weak as its weaker part: AES-256 over a 1024-bit group loses to AES-128 over a curve.
        assert_eq!(chosen(&[[1, 4, 0], [2, 2, 13]]), Some([2, 2, 13]));
        assert_eq!(chosen(&[[6, 2, 13], [2, 4, 17]]), Some([2, 4, 17]));
        assert_eq!(chosen(&[[4, 2, 13], [2, 2, 13], [2, 1, 13]]), Some([2, 2, 13]));
        assert_eq!(chosen(&[[3, 2, 2], [1, 2, 2]]), Some([1, 2, 2]));
        assert_eq!(chosen(&[[1, 2, 2], [2, 2, 10]]), Some([2, 2, 10]));
    }

    #[test]
    fn what_is_not_known_is_skipped() {
        // Reserved and proprietary parameters, a curve in place of a group and the reverse, an unknown mapping and cipher.
        assert_eq!(
            chosen(&[[2, 4, 3], [2, 4, 32], [2, 4, 0], [1, 4, 13], [5, 2, 13], [2, 9, 13], [2, 1, 8]]),
            Some([2, 1, 8])
        );
        assert_eq!(chosen(&[[2, 2, 40]]), None);
        // The integrated mapping is not defined on secp224r1, the chip authentication mapping not for 3DES.
        assert_eq!(chosen(&[[4, 2, 10], [6, 1, 13]]), None);
    }
}
