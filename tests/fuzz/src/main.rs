//! libFuzzer's door to the targets: `FUZZ_TARGET` names the one to run, every other argument is libFuzzer's own.
#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

use std::sync::OnceLock;

/// The image decoder contains panics of its libraries; libfuzzer-sys would abort on them. What escapes a target ends the run anyway.
fn contain_panics() {
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

libfuzzer_sys::fuzz_target!(init: contain_panics(), |bytes: &[u8]| {
    static TARGET: OnceLock<targets::Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
        targets::ALL.into_iter().find(|target| target.name == name).expect("FUZZ_TARGET is a known target")
    });
    (target.run)(bytes);
});
