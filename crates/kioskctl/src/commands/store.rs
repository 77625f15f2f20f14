//! `store verify`: is everything stored as it was written?

use std::path::Path;

use serde_json::json;
use store::{Error, KeyProvider, verify_dir};

use crate::cli::StoreCommand;
use crate::output::{Answer, CommandError, Outcome};

pub fn run(command: &StoreCommand) -> Result<Answer, CommandError> {
    let StoreCommand::Verify { data_dir } = command;
    let report = verify_dir(&data_dir.join("store"), &keys(data_dir)).map_err(|error| {
        if matches!(&error, Error::File(file) if file.kind() == std::io::ErrorKind::NotFound) {
            CommandError::incomplete("STORE_MISSING", format!("{}: no store here", data_dir.display()))
        } else {
            CommandError::incomplete("STORE_UNREADABLE", error.to_string())
        }
    })?;
    let [draft, sealed, confirmed, shredded, parked, damaged, expired_unsent] = report.sessions;
    let findings: Vec<_> = report.findings.iter().map(|f| format!("{f:?}")).collect();
    let start_up = report.start_up().name();
    let anchoring = format!("{:?}", report.anchoring);
    let mut text = format!(
        "{start_up}; anchor {anchoring}; {} journal entries; sessions: {draft} draft, {sealed} sealed, {confirmed} confirmed, {shredded} shredded, {parked} parked, {damaged} damaged, {expired_unsent} expired unsent",
        report.journal_entries
    );
    for finding in &findings {
        text.push_str("\n  ");
        text.push_str(finding);
    }
    Ok(Answer {
        outcome: if report.intact() { Outcome::Verified } else { Outcome::Negative },
        json: json!({
            "intact": report.intact(),
            "start_up": start_up,
            "anchoring": anchoring,
            "journal_entries": report.journal_entries,
            "sessions": { "draft": draft, "sealed": sealed, "confirmed": confirmed, "shredded": shredded, "parked": parked, "damaged": damaged, "expired_unsent": expired_unsent },
            "findings": findings,
        }),
        text,
    })
}

/// QA keeps its keys in a file beside the store.
#[cfg(feature = "simulator")]
fn keys(data_dir: &Path) -> impl KeyProvider + use<> {
    store::FileDev::new(&data_dir.join("keys"))
}

/// On a device the machine keeps them.
#[cfg(not(feature = "simulator"))]
fn keys(_: &Path) -> impl KeyProvider + use<> {
    use store::KeyProviderKind::{OsKeystore, TpmSealed};
    store::UnavailableKeys(if cfg!(windows) { OsKeystore } else { TpmSealed })
}
