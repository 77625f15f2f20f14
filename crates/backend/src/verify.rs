use trust::Issuers;
use wire::api::Verification;
use wire::audit::{judge_again, open_contents};
use wire::{Bundle, OpenKey, Upload};

/// Opens an upload and judges its raw chip files again. Every failure is an answer: a session is never left unjudged.
pub fn verify_upload(upload: &[u8], key: &OpenKey, trust: &Issuers) -> Verification {
    let unreadable = |reason: String| Verification::Unreadable { reason };
    let upload = match Upload::parse(upload) {
        Ok(upload) => upload,
        Err(error) => return unreadable(error.to_string()),
    };
    let bundle = match Bundle::parse(&upload.bundle) {
        Ok(bundle) => bundle,
        Err(error) => return unreadable(error.to_string()),
    };
    let contents = match open_contents(&bundle, &upload.blobs, key) {
        Ok(contents) => contents,
        Err(error) => return unreadable(error.to_string()),
    };
    match judge_again(&contents, bundle.header.accepted_ms, trust) {
        Ok(judged) if judged.agrees() => Verification::Agrees { level: judged.here.level, codes: judged.here.codes },
        Ok(judged) => Verification::Diverges {
            kiosk_level: judged.kiosk.level,
            kiosk_codes: judged.kiosk.codes,
            level: judged.here.level,
            codes: judged.here.codes,
        },
        Err(error) => unreadable(error.to_string()),
    }
}
