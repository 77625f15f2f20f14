//! `--trust [KIND:]PATH`: which files become trust data.

use std::path::{Path, PathBuf};

use kiosk::trust_files::{self, BundleFolder, TrustFileError};
use trust::licence::LicenceTrust;
use trust::my_number::{Hierarchy, MyNumberTrust, PUBLISHED_ROOTS, TrustInputError};
use trust::residence::ResidenceTrust;
use trust::{Issuers, TrustStore};

use crate::output::CommandError;

/// What a file is said to hold; without it the content decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csca,
    Crl,
    Jpki,
    Licence,
    Residence,
    Cv,
}

impl Kind {
    const NAMES: [(&'static str, Self); 6] = [
        ("csca", Self::Csca),
        ("crl", Self::Crl),
        ("jpki", Self::Jpki),
        ("licence", Self::Licence),
        ("residence", Self::Residence),
        ("cv", Self::Cv),
    ];

    /// Whether passports are judged with trust data of this kind.
    fn is_for_passports(self) -> bool {
        matches!(self, Self::Csca | Self::Crl)
    }
}

/// Splits `[KIND:]PATH`. A prefix that is no kind belongs to the path, as in `C:\lists`.
fn split(argument: &str) -> (Option<Kind>, PathBuf) {
    if let Some((prefix, path)) = argument.split_once(':')
        && let Some((_, kind)) = Kind::NAMES.iter().find(|(name, _)| *name == prefix)
    {
        return (Some(*kind), PathBuf::from(path));
    }
    (None, PathBuf::from(argument))
}

/// Every file a path stands for: itself, or all files below a folder, sorted by name.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| CommandError::file(&folder, &e))? {
            let path = entry.map_err(|e| CommandError::file(&folder, &e))?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Imports everything the arguments name. A file that was named is refused loudly; in a folder, files that are no trust data
/// are passed over with a message. The folder of a trust bundle means that bundle.
pub fn load(arguments: &[String]) -> Result<TrustStore, CommandError> {
    let mut store = TrustStore::empty();
    for argument in arguments {
        let (kind, path) = split(argument);
        if let Some(kind) = kind
            && !kind.is_for_passports()
        {
            eprintln!("kioskctl: {argument}: trust data of this kind is not used for passports and was passed over");
            continue;
        }
        add_path(&mut store, &path)?;
    }
    Ok(store)
}

/// Imports everybody the arguments name, each for the documents of its kind. Test hierarchies are believed where QA asks for it.
pub fn load_all(arguments: &[String], test: bool) -> Result<Issuers, CommandError> {
    let of = |kinds: &[Kind]| -> Vec<String> {
        let fits = |argument: &&String| kinds.contains(&split(argument).0.unwrap_or(Kind::Csca));
        arguments.iter().filter(fits).cloned().collect()
    };
    let believed = if test { Issuers::nobody_but_tests() } else { Issuers::nobody() };
    Ok(Issuers {
        passports: load(&of(&[Kind::Csca, Kind::Crl]))?,
        licences: load_licence(&of(&[Kind::Licence]))?,
        my_number: load_my_number(&of(&[Kind::Jpki, Kind::Cv]), believed.my_number.hierarchy())?.trust,
        residence: load_residence(&of(&[Kind::Residence]), believed.residence)?,
    })
}

/// Imports what one path names.
pub fn load_path(path: &Path) -> Result<TrustStore, CommandError> {
    let mut store = TrustStore::empty();
    add_path(&mut store, path)?;
    Ok(store)
}

fn add_path(store: &mut TrustStore, path: &Path) -> Result<(), CommandError> {
    if let Some(folder) = BundleFolder::at(path)
        && let Some(bundle) = folder.open().map_err(failed)?
    {
        if !store.is_empty() {
            return Err(CommandError::Usage("a trust bundle is the whole of the trust data: name it first".to_owned()));
        }
        *store = bundle.store().map_err(|e| CommandError::incomplete(e.code(), e.to_string()))?;
        return Ok(());
    }
    let in_folder = path.is_dir();
    for file in files(path)? {
        match trust_files::add_file(store, &file) {
            Ok(_) => {}
            Err(TrustFileError::Refused { path, source }) if in_folder => {
                eprintln!("kioskctl: {}: passed over: {source}", path.display());
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}

/// What a refused file means for a command.
pub fn failed(error: TrustFileError) -> CommandError {
    CommandError::incomplete(error.code(), error.to_string())
}

/// What licences are judged with: `licence:` certificates of signers. Others are passed over with a message.
pub fn load_licence(arguments: &[String]) -> Result<LicenceTrust, CommandError> {
    let mut trust = LicenceTrust::default();
    for argument in arguments {
        let (kind, path) = split(argument);
        if kind != Some(Kind::Licence) {
            eprintln!("kioskctl: {argument}: licences are judged with licence: alone");
            continue;
        }
        for file in files(&path)? {
            // A signer's certificate has dates of its own; it does not grow old as a list does.
            let (bytes, _) = trust_files::read(&file).map_err(failed)?;
            let import = trust::import(&bytes)
                .map_err(|source| failed(TrustFileError::Refused { path: file.clone(), source }))?;
            trust.signers.add(import);
        }
    }
    Ok(trust)
}

/// What My Number cards are judged with: `jpki:` roots of the JPKI, `cv:` lists of keys that certify signers of card data.
pub struct MyNumberInput {
    pub trust: MyNumberTrust,
    /// Whether roots of the JPKI were named, so that its certificates are to be judged.
    pub jpki: bool,
}

/// Imports what My Number cards are judged with. Passed over with a message are test roots where citizens' cards are judged, files in
/// a folder that are no such data, and what concerns other documents.
pub fn load_my_number(arguments: &[String], hierarchy: Hierarchy) -> Result<MyNumberInput, CommandError> {
    let mut input = MyNumberInput { trust: MyNumberTrust::new(hierarchy), jpki: false };
    for argument in arguments {
        let (kind, path) = split(argument);
        let in_folder = path.is_dir();
        for file in files(&path)? {
            let (bytes, _) = trust_files::read(&file).map_err(failed)?;
            let taken = match kind {
                Some(Kind::Jpki) => {
                    input.jpki = true;
                    add_root(&mut input.trust, &bytes, &file)
                }
                Some(Kind::Cv) => input.trust.add_cv_keys(&bytes).map(|_| ()),
                Some(Kind::Csca | Kind::Crl | Kind::Licence | Kind::Residence) | None => {
                    eprintln!("kioskctl: {argument}: My Number cards are judged with jpki: and cv: alone");
                    continue;
                }
            };
            match taken {
                Ok(()) => {}
                Err(error) if in_folder || error == TrustInputError::TestHierarchy => {
                    eprintln!("kioskctl: {}: passed over: {error}", file.display());
                }
                Err(error) => {
                    return Err(CommandError::incomplete("TRUST_LIST_INVALID", format!("{}: {error}", file.display())));
                }
            }
        }
    }
    Ok(input)
}

/// Naming a root on the command line is the operator's word for it; one that is not among the published ones is said so with its
/// fingerprint.
fn add_root(trust: &mut MyNumberTrust, der: &[u8], file: &Path) -> Result<(), TrustInputError> {
    let fingerprint = MyNumberTrust::fingerprint(der);
    trust.add_root(der, &fingerprint)?;
    if !PUBLISHED_ROOTS.contains(&fingerprint.as_str()) {
        eprintln!("kioskctl: {}: not a root J-LIS published: SHA-256 {fingerprint}", file.display());
    }
    Ok(())
}

/// Imports the authorities of residence cards: `residence:` files, and files of no stated kind. One that was named and is not
/// believed is refused loudly, with the fingerprint to pin it by.
pub fn load_residence(arguments: &[String], mut trust: ResidenceTrust) -> Result<ResidenceTrust, CommandError> {
    for argument in arguments {
        let (kind, path) = split(argument);
        match kind {
            Some(Kind::Residence) | None => {}
            Some(Kind::Csca | Kind::Crl | Kind::Jpki | Kind::Licence | Kind::Cv) => {
                eprintln!("kioskctl: {argument}: residence cards are judged with residence: alone");
                continue;
            }
        }
        let in_folder = path.is_dir();
        for file in files(&path)? {
            let (bytes, _) = trust_files::read(&file).map_err(failed)?;
            match trust.add(&bytes) {
                Ok(_) => {}
                Err(error) if in_folder => eprintln!("kioskctl: {}: passed over: {error}", file.display()),
                Err(error) => {
                    return Err(CommandError::incomplete("TRUST_LIST_INVALID", format!("{}: {error}", file.display())));
                }
            }
        }
    }
    Ok(trust)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_prefix_is_a_kind_and_any_other_is_part_of_the_path() {
        assert_eq!(split("csca:lists/de.ml"), (Some(Kind::Csca), PathBuf::from("lists/de.ml")));
        assert_eq!(split("crl:a:b"), (Some(Kind::Crl), PathBuf::from("a:b")));
        assert_eq!(split(r"C:\lists"), (None, PathBuf::from(r"C:\lists")));
        assert_eq!(split("plain"), (None, PathBuf::from("plain")));
    }
}
