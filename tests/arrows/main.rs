//! The arrows of ARCHITECTURE.md, read from `cargo metadata`: who may use whom, and what rings 1 and 2 may never reach.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Crate, ring, and the crates of ours it may name in `[dependencies]`. The table of ARCHITECTURE.md, and nothing else.
const ARROWS: &[(&str, u8, &[&str])] = &[
    ("apdu", 1, &[]),
    ("chip-crypto", 1, &[]),
    ("chip", 1, &["apdu", "chip-crypto"]),
    ("trust", 1, &["apdu", "chip", "chip-crypto"]),
    ("session", 2, &["apdu", "chip", "trust"]),
    ("wire", 2, &["chip", "chip-crypto", "session", "trust"]),
    ("kiosk", 3, &["apdu", "chip", "chip-crypto", "session", "trust", "wire"]),
    ("readers", 3, &["apdu", "kiosk"]),
    ("capture", 3, &["kiosk"]),
    ("store", 3, &["chip-crypto", "kiosk", "session", "wire"]),
    ("sync", 3, &["kiosk", "session", "wire"]),
    ("backend", 3, &["chip", "chip-crypto", "session", "trust", "wire"]),
    // The simulator is written apart from the protocols it tests: it must never name `chip` or `trust`.
    ("simulator", 3, &["apdu", "chip-crypto", "kiosk"]),
    (
        "kioskctl",
        4,
        &[
            "apdu",
            "backend",
            "capture",
            "chip",
            "chip-crypto",
            "kiosk",
            "readers",
            "session",
            "simulator",
            "store",
            "sync",
            "trust",
            "wire",
        ],
    ),
    (
        "madoguchi",
        4,
        &[
            "apdu",
            "backend",
            "capture",
            "chip",
            "chip-crypto",
            "kiosk",
            "readers",
            "session",
            "simulator",
            "store",
            "sync",
            "trust",
            "wire",
        ],
    ),
];

/// Devices, services and runtimes: not in the dependency tree of rings 1 and 2.
const OUTSIDE_THE_CORE: &[&str] = &["pcsc", "nokhwa", "rusqlite", "reqwest", "tokio", "tauri"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        // Not offline: the crates of other systems are part of the graph, and a fresh machine has fetched its own alone.
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata of the workspace")
}

#[test]
fn every_crate_names_only_what_its_row_allows() {
    let metadata = metadata();
    let table: BTreeMap<&str, &[&str]> = ARROWS.iter().map(|(name, _, allowed)| (*name, *allowed)).collect();
    let ours: BTreeSet<String> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        if package.name.as_str() == "acceptance" {
            continue;
        }
        let Some(allowed) = table.get(package.name.as_str()) else {
            wrong.push(format!("{} has no row in the table", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development) {
            if ours.contains(&dependency.name) && !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "wrong arrows: {wrong:#?}");
    assert!(ours.len() > 10, "the workspace was not read: {ours:?}");
}

#[test]
fn rings_one_and_two_reach_no_device_no_service_and_no_runtime() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolved dependency graph");
    let names: BTreeMap<&PackageId, &str> = metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let edges: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node.deps.iter().filter(|d| d.dep_kinds.iter().any(|k| k.kind != DependencyKind::Development));
            (&node.id, normal.map(|d| &d.pkg).collect())
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, ring, _) in ARROWS.iter().filter(|(_, ring, _)| *ring <= 2) {
        let root =
            metadata.workspace_packages().into_iter().find(|p| p.name.as_str() == *name).expect("a crate of the table");
        let mut seen = BTreeSet::new();
        let mut open = vec![&root.id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if OUTSIDE_THE_CORE.contains(&names[id]) {
                wrong.push(format!("{name} (ring {ring}) reaches {}", names[id]));
            }
            open.extend(edges.get(id).into_iter().flatten());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_shell_has_the_simulator_and_the_backend_only_behind_its_feature() {
    let metadata = metadata();
    let shell =
        metadata.workspace_packages().into_iter().find(|p| p.name.as_str() == "madoguchi").expect("the app package");
    for name in ["simulator", "backend"] {
        for dependency in shell.dependencies.iter().filter(|d| d.name == name && d.kind == DependencyKind::Normal) {
            assert!(dependency.optional, "{name} would be in every build");
        }
    }
    let default = shell.features.get("default").cloned().unwrap_or_default();
    assert!(!default.iter().any(|f| f.contains("simulator")), "the simulator is on by default: {default:?}");
}
