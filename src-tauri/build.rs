//! Embeds the window's files and lets the window call these commands and no others.

/// All of `src/commands/`; `src/tests.rs` compares the list with what the shell answers and what the window asks.
const COMMANDS: &[&str] = &include!("commands.in");

fn main() {
    println!("cargo::rerun-if-changed=commands.in");
    let page = std::path::Path::new("../ui/dist/index.html");
    assert!(
        page.exists(),
        "the window's pages are not built; run `cargo xtask ui` (or, in `ui/`, `npm install` and `npm run build`) first"
    );
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}
