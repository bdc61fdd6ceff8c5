//! Asserts who may depend on whom: the star of ARCHITECTURE.md.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Every crate, and the crates of the workspace that it may name.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("citadel-core", &[]),
    ("citadel-parse", &["citadel-core"]),
    ("citadel-chunk", &["citadel-core"]),
    ("citadel-encode", &["citadel-core"]),
    ("citadel-generate", &["citadel-core"]),
    ("citadel-catalog", &["citadel-core"]),
    ("citadel-index", &["citadel-core"]),
    ("citadel-export", &["citadel-core"]),
    (
        "citadel-engine",
        &[
            "citadel-core",
            "citadel-parse",
            "citadel-chunk",
            "citadel-encode",
            "citadel-generate",
            "citadel-catalog",
            "citadel-index",
            "citadel-export",
        ],
    ),
    ("citadel-cli", &["citadel-core", "citadel-engine"]),
    ("citadel-desktop", &["citadel-core", "citadel-engine"]),
    ("citadel-tests", &["citadel-core", "citadel-engine"]),
    ("xtask", &[]),
];

/// Libraries that only the named crates may name.
const FENCED: &[(&str, &[&str])] = &[
    ("lancedb", &["citadel-index"]),
    ("lance-io", &["citadel-index"]),
    ("object_store", &["citadel-index"]),
    ("arrow-array", &["citadel-index"]),
    ("arrow-schema", &["citadel-index"]),
    ("tantivy", &["citadel-index"]),
    ("candle-core", &["citadel-generate"]),
    ("candle-nn", &["citadel-generate"]),
    ("candle-transformers", &["citadel-generate"]),
    ("minijinja", &["citadel-generate"]),
    ("fastembed", &["citadel-encode"]),
    ("ort", &["citadel-encode"]),
    ("rusqlite", &["citadel-catalog"]),
    ("pdf-extract", &["citadel-parse"]),
    ("pdfium-render", &["citadel-parse"]),
    ("quick-xml", &["citadel-parse"]),
    ("mail-parser", &["citadel-parse"]),
    ("tar", &["citadel-parse"]),
    ("tokenizers", &["citadel-chunk", "citadel-encode", "citadel-generate"]),
    ("icu_segmenter", &["citadel-chunk"]),
    ("docx-rs", &["citadel-export"]),
    ("typst", &["citadel-export"]),
    ("typst-pdf", &["citadel-export"]),
    ("tokio", &["citadel-engine", "citadel-index"]),
    ("clap", &["citadel-cli"]),
    ("indicatif", &["citadel-cli"]),
    ("anyhow", &["citadel-cli"]),
    ("tauri", &["citadel-desktop"]),
    // Types as TypeScript; behind the feature `typescript` elsewhere than in the shell.
    ("ts-rs", &["citadel-core", "citadel-catalog", "citadel-engine", "citadel-desktop"]),
];

/// Of other libraries, core may name these.
const CORE_LIBRARIES: &[&str] = &["serde", "thiserror", "ts-rs"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path("../Cargo.toml")
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata");
    metadata
        .packages
        .iter()
        .map(|package| {
            let names = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
            (package.name.to_string(), names.map(|d| d.name.clone()).collect())
        })
        .collect()
}

#[test]
fn crates_depend_on_each_other_as_drawn() {
    let found = dependencies();
    let drawn: BTreeSet<&str> = MAY_DEPEND_ON.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(there, drawn, "a crate came or went: draw it here and in ARCHITECTURE.md");
    for (name, allowed) in MAY_DEPEND_ON {
        for dependency in found[*name].iter().filter(|d| drawn.contains(d.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} may not depend on {dependency}");
        }
    }
}

#[test]
fn heavy_libraries_stay_behind_their_crate() {
    for (name, libraries) in dependencies() {
        for (library, homes) in FENCED {
            assert!(
                !libraries.contains(*library) || homes.contains(&name.as_str()),
                "{name} may not name {library}: it belongs to {homes:?}"
            );
        }
    }
}

#[test]
fn core_is_plain() {
    let found = &dependencies()["citadel-core"];
    let foreign: Vec<_> = found.iter().filter(|d| !CORE_LIBRARIES.contains(&d.as_str())).collect();
    assert!(foreign.is_empty(), "core names {foreign:?}");
}
