//! The TypeScript declarations the page is built with are those of the views and intents.

use std::collections::BTreeMap;
use std::path::Path;

use session::{SessionView, UserIntent};
use ts_rs::{Config, TS};

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let declarations = entries.filter(|path| path.extension().is_some_and(|extension| extension == "ts"));
    declarations
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn the_committed_declarations_are_current() {
    let committed = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/host/generated"));
    let scratch = tempfile::tempdir().unwrap();
    let target = if std::env::var_os("UPDATE").is_some() { committed } else { scratch.path() };
    let config = Config::new().with_out_dir(target);
    SessionView::export_all(&config).unwrap();
    UserIntent::export_all(&config).unwrap();
    let (committed, made) = (files(committed), files(target));
    for (name, text) in &made {
        assert!(committed.get(name) == Some(text), "{name} is stale: UPDATE=1 cargo test -p session --test bindings");
    }
    assert_eq!(committed.len(), made.len(), "a declaration without a type");
}
