//! `trust import`: files become the next signed bundle of a device.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chip_crypto::device_key::DeviceKey;
use kiosk::trust_files::{self, BundleFolder};
use serde_json::json;
use trust::{TrustPolicy, TrustStore};

use crate::output::{Answer, CommandError, Outcome};
use crate::trust_args;

pub fn run(paths: &[PathBuf], data_dir: &Path, key: Option<&Path>) -> Result<Answer, CommandError> {
    let mut files = Vec::new();
    let mut names = Vec::new();
    for path in paths {
        for file in trust_args::files(path)? {
            files.push(trust_files::read(&file).map_err(trust_args::failed)?.0);
            names.push(file);
        }
    }
    let folder = data_dir.join("trust");
    let key = match key {
        Some(path) => operator_key(path)?,
        None => own_key(&folder)?,
    };
    let folder = BundleFolder::new(&folder);
    let before = match folder.open().map_err(trust_args::failed)? {
        Some(bundle) => bundle.store().map_err(|e| CommandError::incomplete(e.code(), e.to_string()))?,
        None => TrustStore::empty(),
    };
    let now = jiff::Timestamp::now();
    let bundle = folder.install(&files, &key, now).map_err(|error| {
        let trust_files::TrustFileError::Bundle { source: trust::BundleError::Item { index, source }, .. } = &error
        else {
            return trust_args::failed(error);
        };
        let file = names.get(*index).map_or_else(String::new, |path| path.display().to_string());
        CommandError::incomplete(source.code(), format!("{file}: {source}; the bundle in force stays as it is"))
    })?;
    let after = bundle.store().map_err(|e| CommandError::incomplete(e.code(), e.to_string()))?;
    let changes = trust::diff(&before, &after);
    let aged = aged(&after, now);
    let mut text = format!(
        "trust bundle {} of {}: {} certificates of {} countries, {} revocation lists; {} added, {} removed\n",
        bundle.version(),
        bundle.built_at(),
        after.len(),
        after.countries().len(),
        after.revocation_lists().len(),
        changes.added(),
        changes.removed()
    );
    for (signer, days) in &aged {
        let _ = writeln!(text, "the list of {signer} was signed {days} days ago: ask for a newer one");
    }
    Ok(Answer {
        outcome: Outcome::Verified,
        json: json!({
            "version": bundle.version(),
            "built_at": bundle.built_at(),
            "certificates": after.len(),
            "countries": after.countries(),
            "revocation_lists": after.revocation_lists().len(),
            "changes": changes,
            "aged_lists": aged.iter().map(|(signer, days)| json!({ "signer": signer, "age_days": days })).collect::<Vec<_>>(),
        }),
        text,
    })
}

/// The lists an operator is warned about.
fn aged(store: &TrustStore, now: jiff::Timestamp) -> Vec<(String, i64)> {
    let limit = TrustPolicy::default().list_warn_age_days;
    let age = |signed: jiff::Timestamp| (now.as_second() - signed.as_second()) / 86_400;
    let lists = store.lists().iter().filter_map(|list| Some((list.signer_subject.clone(), age(list.signing_time?))));
    lists.filter(|(_, days)| *days > limit).collect()
}

fn operator_key(path: &Path) -> Result<DeviceKey, CommandError> {
    let bytes = fs::read(path).map_err(|e| CommandError::file(path, &e))?;
    DeviceKey::from_pkcs8(&bytes).map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))
}

/// The device's own key for its bundles. It keeps a bundle from being changed or exchanged by accident or by another account;
/// where an operator signs centrally, only that key's public half is on the device.
fn own_key(folder: &Path) -> Result<DeviceKey, CommandError> {
    let path = folder.join("signing.p8");
    let refused =
        |e: chip_crypto::device_key::DeviceKeyError| CommandError::incomplete("TRUST_LIST_INVALID", e.to_string());
    match fs::read(&path) {
        Ok(bytes) => return DeviceKey::from_pkcs8(&bytes).map_err(refused),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(CommandError::file(&path, &error)),
    }
    let document = DeviceKey::generate_pkcs8().map_err(refused)?;
    fs::create_dir_all(folder).map_err(|e| CommandError::file(folder, &e))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| file.write_all(&document).and_then(|()| file.sync_all()));
    written.map_err(|e| CommandError::file(&path, &e))?;
    DeviceKey::from_pkcs8(&document).map_err(refused)
}
