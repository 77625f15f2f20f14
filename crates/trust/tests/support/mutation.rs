//! Changed certificates and changed issuers: whatever is changed, no signature may verify. Seeded, so that a failure can be repeated.

use chip_crypto::curve::{DomainParameters, NamedCurve};
use chip_crypto::random::{SecureRandom, SeededRandom};
use chip_crypto::signature::PublicKey;
use trust::{Certificate, CurveNotation};

/// A certificate and one that verifies it, both as published.
pub struct Pair {
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One byte of what is signed.
    Signed,
    /// One byte of the signature value.
    Signature,
    /// One byte of the issuer's key.
    Key,
    /// The issuer is another authority.
    Swapped,
    /// One number of the issuer's explicit curve parameters: p, a, b, G, n or the cofactor.
    Curve,
}

impl Change {
    const ALL: [Self; 5] = [Self::Signed, Self::Signature, Self::Key, Self::Swapped, Self::Curve];
}

/// Every pair of a set that verifies, one for each subject.
pub fn pairs(certificates: &[Certificate]) -> Vec<Pair> {
    let mut found = Vec::new();
    for subject in certificates {
        let names = |issuer: &&Certificate| {
            let by_key = subject.extensions().authority_key_id.is_some()
                && issuer.extensions().subject_key_id == subject.extensions().authority_key_id;
            by_key || issuer.subject().matches(subject.issuer())
        };
        if let Some(issuer) = certificates.iter().filter(names).find(|issuer| subject.verify_issued_by(issuer).is_ok())
        {
            found.push(Pair { subject: subject.der().to_vec(), issuer: issuer.der().to_vec() });
        }
    }
    found
}

/// Draws `count` changes and gives how many there were of each kind, and every one that was accepted.
pub fn run(pairs: &[Pair], seed: u64, count: usize) -> ([usize; 5], Vec<String>) {
    let mut random = SeededRandom::new(seed);
    let mut draw = move |below: usize| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes).expect("seeded bytes");
        usize::try_from(u64::from_be_bytes(bytes) % u64::try_from(below.max(1)).expect("a length"))
            .expect("below a length")
    };
    let mut made = [0; 5];
    let mut accepted = Vec::new();
    while made.iter().sum::<usize>() < count {
        let kind = draw(Change::ALL.len());
        let change = Change::ALL[kind];
        let at = draw(pairs.len());
        let Some((subject, issuer)) = changed(change, pairs, at, &mut draw) else { continue };
        made[kind] += 1;
        let (Ok(subject), Ok(issuer)) = (Certificate::parse(&subject), Certificate::parse(&issuer)) else { continue };
        if subject.verify_issued_by(&issuer).is_ok() {
            accepted.push(format!("{change:?} of pair {at}: {} by {}", subject.subject(), issuer.subject()));
        }
    }
    (made, accepted)
}

/// The two files after the change; `None` where there is nothing of this kind to change.
fn changed(
    change: Change,
    pairs: &[Pair],
    at: usize,
    draw: &mut impl FnMut(usize) -> usize,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let pair = &pairs[at];
    let (mut subject, mut issuer) = (pair.subject.clone(), pair.issuer.clone());
    let parsed = Certificate::parse(&pair.issuer).ok()?;
    let own = Certificate::parse(&pair.subject).ok()?;
    let flip = |bytes: &mut [u8], start: usize, length: usize, draw: &mut dyn FnMut(usize) -> usize| {
        bytes[start + draw(length)] ^= u8::try_from(1 + draw(255)).expect("below 256");
    };
    match change {
        Change::Signed => {
            let start = find(&subject, own.tbs())?;
            flip(&mut subject, start, own.tbs().len(), draw);
        }
        Change::Signature => {
            let start = subject.len() - own.signature().len();
            flip(&mut subject, start, own.signature().len(), draw);
        }
        Change::Key => {
            let key = match &parsed.key().ok()?.key {
                PublicKey::Ec(point) => point.x().to_vec(),
                PublicKey::Rsa(key) => key.modulus().to_vec(),
            };
            let start = find(&issuer, &key)?;
            flip(&mut issuer, start, key.len(), draw);
        }
        Change::Swapped => {
            let other = &pairs[draw(pairs.len())].issuer;
            let same_key =
                |other: &Certificate| matches!((other.key(), parsed.key()), (Ok(a), Ok(b)) if a.key == b.key);
            if same_key(&Certificate::parse(other).ok()?) {
                return None;
            }
            issuer.clone_from(other);
        }
        Change::Curve => {
            let key = parsed.key().ok()?;
            let PublicKey::Ec(point) = &key.key else { return None };
            if key.notation != Some(CurveNotation::Explicit) {
                return None;
            }
            let (start, length) = number(&issuer, point.curve(), draw(7))?;
            flip(&mut issuer, start, length, draw);
        }
    }
    Some((subject, issuer))
}

/// Where one number of the curve stands in a certificate.
fn number(der: &[u8], curve: NamedCurve, which: usize) -> Option<(usize, usize)> {
    let DomainParameters { p, a, b, gx, gy, n, .. } = curve.parameters();
    if which == 6 {
        // The cofactor follows the order: 02 01 01.
        let after = find(der, &n)? + n.len();
        return (der.get(after..after + 3) == Some(&[2, 1, 1])).then_some((after + 2, 1));
    }
    // Leading zeros may be left out, and a compressed generator has no y.
    let wanted = [&p, &a, &b, &gx, &gy, &n][which];
    let significant = &wanted[wanted.iter().take_while(|byte| **byte == 0).count()..];
    Some((find(der, significant)?, significant.len()))
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len().max(1)).position(|window| window == part)
}
