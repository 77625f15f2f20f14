//! `trust inspect`: what is in trust data, before anyone relies on it.

use std::fmt::Write as _;
use std::path::PathBuf;

use kiosk::trust_files;
use serde_json::json;
use trust::{Inspection, IssuerSignature};

use crate::output::{Answer, CommandError, Outcome};
use crate::trust_args;

pub fn run(paths: &[PathBuf]) -> Result<Answer, CommandError> {
    let mut imports = Vec::new();
    let mut refused = Vec::new();
    for path in paths {
        for file in trust_args::files(path)? {
            match trust::import(&trust_files::read(&file).map_err(trust_args::failed)?.0) {
                Ok(import) => imports.push(import),
                Err(error) => refused.push((file, error.to_string())),
            }
        }
    }
    if imports.is_empty() {
        let reasons: Vec<_> = refused.iter().map(|(file, reason)| format!("{}: {reason}", file.display())).collect();
        return Err(CommandError::incomplete(
            "TRUST_LIST_INVALID",
            format!("nothing here is trust data: {}", reasons.join("; ")),
        ));
    }
    let inspection = trust::inspect(&imports);
    // A refused file or a bad signature inside a list is a negative answer about the trust data.
    let negative = !refused.is_empty() || inspection.refused().next().is_some();
    let refused_files: Vec<_> =
        refused.iter().map(|(file, reason)| json!({ "file": file.display().to_string(), "reason": reason })).collect();
    let missing: Vec<_> = inspection
        .issuer_missing()
        .map(|c| json!({ "sha256": c.sha256, "country": c.country, "subject": c.subject }))
        .collect();
    Ok(Answer {
        outcome: if negative { Outcome::Negative } else { Outcome::Verified },
        json: json!({
            "certificates": inspection.certificates.len(),
            "countries": countries(&inspection),
            "verified": inspection.verified(),
            "issuer_missing": missing,
            "refused": inspection.refused().collect::<Vec<_>>(),
            "refused_files": refused_files,
            "lists": inspection.lists,
            "revocation_lists": inspection.revocation_lists,
            "list": inspection.certificates,
        }),
        text: to_text(&inspection, &refused),
    })
}

fn countries(inspection: &Inspection) -> Vec<&str> {
    let mut names: Vec<_> = inspection.certificates.iter().map(|c| c.country.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn to_text(inspection: &Inspection, refused: &[(PathBuf, String)]) -> String {
    let mut out = String::new();
    for list in &inspection.lists {
        let _ = writeln!(
            out,
            "list signed by {} ({})",
            list.signer,
            list.signing_time.map_or("time unknown".to_owned(), |t| t.to_string())
        );
    }
    for c in &inspection.certificates {
        let signed = match &c.issuer {
            IssuerSignature::Verified { issuer_sha256 } => {
                format!("signed by {}", issuer_sha256.get(..12).unwrap_or(issuer_sha256))
            }
            IssuerSignature::IssuerMissing => "ISSUER NOT IN THE LIST".to_owned(),
            IssuerSignature::Refused { reason } => format!("REFUSED: {reason}"),
        };
        let _ = writeln!(
            out,
            "{} {}  {:<16} {:<8} {:<44} {}  {}",
            c.sha256.get(..12).unwrap_or(&c.sha256),
            c.country,
            c.key,
            c.ec_parameters.as_deref().unwrap_or("-"),
            c.signature,
            signed,
            c.subject
        );
    }
    let _ = writeln!(
        out,
        "{} certificates of {} countries; {} issuer signatures verified, {} without their issuer, {} refused",
        inspection.certificates.len(),
        countries(inspection).len(),
        inspection.verified(),
        inspection.issuer_missing().count(),
        inspection.refused().count()
    );
    for (file, reason) in refused {
        let _ = writeln!(out, "{}: refused: {reason}", file.display());
    }
    out
}
