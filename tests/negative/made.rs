//! The generator: a synthetic passport, its test PKI, and one thing wrong.

use std::collections::BTreeMap;

use chip::mrtd::{AccessKey, Can, MrzKey};
use chip_crypto::hash::digest;
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::{Content, Fault, Profile};

use crate::support::world::World;
use crate::support::{issue, sod, sod_spec};

/// A card, what its verifier knows, and how it is opened.
#[derive(Clone)]
pub struct Made {
    pub profile: Profile,
    /// Files of trust data.
    pub trust: Vec<Vec<u8>>,
    pub at: &'static str,
    pub key: Key,
}

/// The key as a person enters it.
#[derive(Clone)]
pub enum Key {
    Mrz { number: String, birth: String, expiry: String },
    Can(&'static str),
}

impl Key {
    /// From the second line of the machine readable zone.
    pub fn of(profile: &Profile) -> Self {
        let zone = profile.access.mrz.as_deref().expect("a machine readable zone");
        let line = zone.lines().nth(1).expect("the second line");
        let part = |range: std::ops::Range<usize>| line[range].trim_end_matches('<').to_owned();
        Self::Mrz { number: part(0..9), birth: part(13..19), expiry: part(21..27) }
    }

    pub fn for_chip(&self) -> AccessKey {
        match self {
            Self::Mrz { number, birth, expiry } => {
                AccessKey::Mrz(MrzKey::new(number, birth, expiry).expect("a key of three fields"))
            }
            Self::Can(can) => AccessKey::Can(Can::parse(can).expect("six digits")),
        }
    }

    pub fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Mrz { number, birth, expiry } => {
                vec!["--document-number", number, "--birth", birth, "--expiry", expiry]
            }
            Self::Can(can) => vec!["--can", can],
        }
    }
}

/// Everything is valid at this time.
pub const AT: &str = "2025-07-01T00:00:00Z";

impl Made {
    /// A passport as the simulator's own issuer makes it.
    pub fn issued(plan: &PassportPlan, pki: &PkiPlan) -> Self {
        let pki = TestPki::generate(pki).expect("the test issuer");
        let profile = pki.issue(plan).expect("the test issuer issues");
        Self { key: Key::of(&profile), profile, trust: vec![pki.csca_certificate().to_vec()], at: AT }
    }

    pub fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.profile.faults.push(fault);
        self
    }

    /// Replaces a file of the application without signing anything again.
    pub fn put(&mut self, id: &str, bytes: &[u8]) {
        self.profile.files.insert(id.to_owned(), Content::of(bytes));
    }
}

/// A passport whose issuer can be wrong in one place: the simulator's chip under certificates and an EF.SOD of our own.
pub struct Scene {
    pub world: World,
    pub profile: Profile,
    /// The file instead of what the world would sign.
    pub sod: Option<Vec<u8>>,
}

impl Scene {
    /// With every protection and a trusted issuer.
    pub fn new() -> Self {
        let mut scene = Self::unknown();
        scene.trusting();
        scene
    }

    /// An issuer nobody knows.
    pub fn unknown() -> Self {
        Self::of(&PassportPlan::default())
    }

    /// Opened with BAC, proven by Active Authentication: as few commands as there can be.
    pub fn bac() -> Self {
        let mut scene = Self::of(&bac_plan());
        scene.trusting();
        scene
    }

    pub fn of(plan: &PassportPlan) -> Self {
        let pki = TestPki::generate(&PkiPlan::default()).expect("the test issuer");
        let profile = pki.issue(plan).expect("the test issuer issues");
        let groups: BTreeMap<u8, Vec<u8>> = profile
            .files
            .iter()
            .filter_map(|(id, file)| {
                let number = u8::from_str_radix(id.strip_prefix("01")?, 16).ok().filter(|n| (1..=16).contains(n))?;
                Some((number, file.bytes(&profile.base).expect("bytes")))
            })
            .collect();
        let mut world = World::new();
        let listed: Vec<(u8, &[u8])> = groups.iter().map(|(number, file)| (*number, &file[..])).collect();
        world.sod = sod_spec(&listed);
        world.sod.versions = Some(["0108", "040000"]);
        world.groups = groups;
        world.at = AT;
        Self { world, profile, sod: None }
    }

    pub fn trusting(&mut self) {
        let csca = self.world.csca_der();
        self.world.anchors.push(csca);
    }

    /// Puts a file on the chip and signs it.
    pub fn sign(&mut self, number: u8, file: Vec<u8>) {
        let hash = digest(self.world.sod.hash, &[&file]);
        match self.world.sod.groups.iter_mut().find(|(listed, _)| *listed == number) {
            Some(entry) => entry.1 = hash,
            None => self.world.sod.groups.push((number, hash)),
        }
        self.world.groups.insert(number, file);
    }

    /// Signs everything again under the world's digest.
    pub fn sign_all(&mut self) {
        let groups = self.world.groups.clone();
        self.world.sod.groups.clear();
        for (number, file) in groups {
            self.sign(number, file);
        }
    }

    pub fn group(&self, number: u8) -> &[u8] {
        &self.world.groups[&number]
    }

    /// Replaces EF.SOD by one signed with another certificate.
    pub fn signed_by(&mut self, signer: &crate::support::Party, issuer: &crate::support::Party) {
        let certificate = issue(issuer, signer, &self.world.signer);
        self.sod = Some(sod(signer, &certificate, &self.world.signer.serial, &issuer.name, &self.world.sod));
    }

    pub fn make(self) -> Made {
        let Self { world, mut profile, sod } = self;
        let sod = sod.unwrap_or_else(|| world.sod_der());
        for (number, file) in &world.groups {
            profile.files.insert(format!("01{number:02X}"), Content::of(file));
        }
        profile.files.insert("011D".to_owned(), Content::of(&sod));
        Made { key: Key::of(&profile), profile, trust: world.anchors, at: world.at }
    }
}

/// BAC with Active Authentication.
pub fn bac_plan() -> PassportPlan {
    PassportPlan { name: "BAC".into(), pace: Vec::new(), chip: None, ..PassportPlan::default() }
}

/// A trusted issuer, and one change.
pub fn scene(change: impl FnOnce(&mut Scene)) -> Made {
    let mut scene = Scene::new();
    change(&mut scene);
    scene.make()
}

/// One change before the issuer is made known.
pub fn scene_of_issuer(change: impl FnOnce(&mut Scene)) -> Made {
    let mut scene = Scene::unknown();
    change(&mut scene);
    scene.trusting();
    scene.make()
}
