//! The page's types are the core's: `ui/src/host/generated` must be what the core declares. `UPDATE=1` writes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use session::{SessionView, UserIntent};
use ts_rs::{Config, TS};

fn files(dir: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries
        .map(|path| (PathBuf::from(path.file_name().expect("a name")), std::fs::read_to_string(&path).expect("text")))
        .collect()
}

fn export(dir: &Path) {
    let config = Config::new().with_out_dir(dir);
    SessionView::export_all(&config).expect("views");
    UserIntent::export_all(&config).expect("intents");
}

#[test]
fn the_page_knows_the_types_of_the_core() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/host/generated");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::remove_dir_all(&committed).expect("old files go");
        export(&committed);
        return;
    }
    let fresh = std::env::temp_dir().join(format!("madoguchi-bindings-{}", std::process::id()));
    export(&fresh);
    let (expected, found) = (files(&fresh), files(&committed));
    std::fs::remove_dir_all(&fresh).expect("temporary files go");
    assert!(expected == found, "stale: run `UPDATE=1 cargo test -p madoguchi --test bindings`");
}
