//! `bundle verify`: three separate answers about an evidence bundle.

use std::path::Path;

use chip_crypto::device_key::DevicePublicKey;
use serde_json::{Value, json};
use wire::audit::{AuditInput, ChainAnswer, ContentsAnswer, Independence, audit};
use wire::{OpenKey, ReceiptVerifyKey};

use crate::cli::{BundleCommand, VerifyBundle};
use crate::output::{Answer, CommandError, Outcome};
use crate::trust_args;

/// A full upload has at most 1 MiB; a bare bundle far less.
const MAX_BUNDLE: u64 = 4 * 1024 * 1024;

pub fn run(command: &BundleCommand) -> Result<Answer, CommandError> {
    let BundleCommand::Verify(arguments) = command;
    let VerifyBundle { file, device_key, open_key, receipt, receipt_key, trust } = arguments;
    let bytes = limited(file)?;
    let usage = |path: &Path| CommandError::Usage(format!("{}: no such key", path.display()));
    let device = match device_key {
        Some(path) => Some(DevicePublicKey::from_bytes(&limited(path)?).map_err(|_| usage(path))?),
        None => None,
    };
    let open_key = match open_key {
        Some(path) => Some(OpenKey::from_bytes(&limited(path)?).map_err(|_| usage(path))?),
        None => None,
    };
    let receipt = match (receipt, receipt_key) {
        (Some(receipt), Some(key)) => {
            Some((limited(receipt)?, ReceiptVerifyKey::from_bytes(&limited(key)?).map_err(|_| usage(key))?))
        }
        _ => None,
    };
    let trust = if trust.is_empty() { None } else { Some(trust_args::load_all(trust, false)?) };
    let input = AuditInput {
        device: device.as_ref(),
        open_key: open_key.as_ref(),
        receipt: receipt.as_ref().map(|(bytes, key)| (bytes.as_slice(), key)),
        previous_bundle: None,
        trust: trust.as_ref(),
    };
    let report = audit(&bytes, &input).map_err(|e| CommandError::incomplete("BUNDLE_INVALID", e.to_string()))?;
    let sound = report.sound();
    let (chain, contents, independence) =
        (chain(report.chain), contents(report.contents), independence(report.independence));
    let judged = report.judged.as_ref().map(|judged| match judged {
        Ok(judged) => Value::String(format!("{judged:?}")),
        Err(error) => Value::String(error.to_string()),
    });
    Ok(Answer {
        outcome: if sound { Outcome::Verified } else { Outcome::Negative },
        text: format!("chain: {chain}\ncontents: {contents}\nindependence: {independence}"),
        json: json!({
            "sound": sound,
            "chain": chain,
            "contents": contents,
            "independence": independence,
            "accepted_ms": report.accepted_ms,
            "bundle_sha256": report.bundle_sha256.iter().map(|b| format!("{b:02x}")).collect::<String>(),
            "judged": judged,
        }),
    })
}

fn chain(answer: ChainAnswer) -> &'static str {
    match answer {
        ChainAnswer::Intact => "intact",
        ChainAnswer::First => "the first bundle of its device",
        ChainAnswer::Broken => "BROKEN",
        ChainAnswer::NotCompared => "not compared: no earlier bundle was given",
        ChainAnswer::Sealed => "not asked: the manifest is sealed and no key was given",
    }
}

fn contents(answer: ContentsAnswer) -> String {
    match answer {
        ContentsAnswer::Unaltered { items } => format!("unaltered ({items} items compared)"),
        ContentsAnswer::SignatureOnly => "signature fits; the items are sealed and no key was given".to_owned(),
        ContentsAnswer::ItemsAbsent => "signature fits; the file holds no items".to_owned(),
        ContentsAnswer::SignatureWrong(error) => format!("ALTERED: {error}"),
        ContentsAnswer::Altered(error) => format!("ALTERED: {error}"),
    }
}

fn independence(answer: Independence) -> String {
    match answer {
        Independence::Anchored { server_seq, .. } => format!("anchored (receipt {server_seq})"),
        Independence::SelfAttested => "self-attested: no receipt was given".to_owned(),
        Independence::ReceiptInvalid(error) => format!("RECEIPT INVALID: {error}"),
    }
}

fn limited(path: &Path) -> Result<Vec<u8>, CommandError> {
    let length = std::fs::metadata(path).map_err(|e| CommandError::file(path, &e))?.len();
    if length > MAX_BUNDLE {
        return Err(CommandError::incomplete(
            "FILE_LIMIT",
            format!("{}: {length} bytes is more than a bundle may have", path.display()),
        ));
    }
    std::fs::read(path).map_err(|e| CommandError::file(path, &e))
}
