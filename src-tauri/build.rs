//! Lists the commands (so that only the capabilities allow them) and watches the built page.

use std::path::Path;

const COMMANDS: &[&str] = &["snapshot", "intend", "painted", "qa_insert_card", "qa_remove_card"];

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    if !Path::new("ui/dist/index.html").is_file() {
        println!(
            "cargo:warning=ui/dist is missing: run `npm --prefix ui ci --ignore-scripts && npm --prefix ui run build` first"
        );
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error=tauri: {error:#}");
    }
}
