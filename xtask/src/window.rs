//! The desktop window: its pages, its program, and its installers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::places;
use crate::run::{Result, build, cargo, output, run};
use crate::setup;

/// What building the window needs on Linux, each with a command that shows it is there.
const PACKAGES: &[(&str, &[&str])] =
    &[("libwebkit2gtk-4.1-dev", &["pkg-config", "--exists", "webkit2gtk-4.1"])];

/// What the tests of the window need beyond that.
const TEST_PACKAGES: &[(&str, &[&str])] = &[
    ("chromium", &["chromium", "--version"]),
    ("xvfb", &["sh", "-c", "command -v Xvfb"]),
    ("dbus", &["dbus-daemon", "--version"]),
    ("webkit2gtk-driver", &["WebKitWebDriver", "--version"]),
    ("xdotool", &["xdotool", "--version"]),
];

/// The oldest Node.js that builds the pages.
const NODE: (u32, u32) = (20, 19);

/// Builds the pages that the program embeds, and what else its build needs.
pub(crate) fn pages() -> Result<()> {
    if cfg!(target_os = "linux") {
        setup::packages(PACKAGES)?;
    }
    node_packages()?;
    run(&mut npm(&["run", "--silent", "build"]))
}

/// Types, states and flows of the pages, over the fake backend.
pub(crate) fn test_pages() -> Result<()> {
    if cfg!(target_os = "linux") {
        setup::packages(TEST_PACKAGES)?;
    }
    for script in ["check", "test", "flows"] {
        run(npm(&["run", "--silent", script]).env("CI", "1"))?;
    }
    Ok(())
}

/// The real window with the real engine: driven from outside, as a user would.
pub(crate) fn test_window() -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("the real window is tested on Linux only");
        return Ok(());
    }
    let program = places::target()?.join("debug/citadel-desktop");
    run(npm(&["run", "--silent", "window"])
        .env("CITADEL_DESKTOP", program)
        .env("CITADEL_MODELS", places::models()?))
}

/// The installer of what was built for the tests, in a fresh system.
pub(crate) fn test_installer() -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("the installer is tried on Linux only");
        return Ok(());
    }
    let made = bundle("dev", "deb")?;
    let deb = made.iter().find(|file| file.extension().is_some_and(|e| e == "deb"));
    crate::installed::test_installer(deb.ok_or("no .deb was made")?)
}

/// Sets up, builds and opens the window.
pub(crate) fn app() -> Result<()> {
    setup::setup()?;
    let program = build("dev")?.with_file_name(name("citadel-desktop"));
    run(Command::new(program).env("CITADEL_MODELS", places::models()?))
}

/// Writes the TypeScript of the types that engine and window share.
pub(crate) fn bindings() -> Result<()> {
    pages()?;
    run(cargo(&["test", "--workspace", "--exclude", "xtask", "--bin", "citadel-desktop"])?
        .env("CITADEL_WRITE_BINDINGS", "1"))
}

/// Makes installers with the model pack inside. `profile` is `release`, or `dev` to try the installers themselves.
pub(crate) fn bundle(profile: &str, kinds: &str) -> Result<Vec<PathBuf>> {
    setup::setup()?;
    build(profile)?;
    // What varies is told to the bundler beside its file.
    let models = places::models()?.canonicalize()?;
    let manifest = std::fs::read_to_string(models.join("manifest.json"))?;
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    let mut resources = serde_json::Map::new();
    let mut add = |file: &str| {
        let from = models.join(file).to_string_lossy().into_owned();
        resources.insert(from, format!("models/{file}").into());
    };
    for entry in manifest["entries"].as_array().into_iter().flatten() {
        add(entry["file"].as_str().ok_or("the manifest names no file")?);
    }
    // Users may not write where it is installed.
    manifest["installed"] = true.into();
    let folder = places::target()?.join("bundle-pack");
    std::fs::create_dir_all(&folder)?;
    let installed = folder.join("manifest.json");
    std::fs::write(&installed, serde_json::to_vec_pretty(&manifest)?)?;
    resources.insert(installed.to_string_lossy().into_owned(), "models/manifest.json".into());
    let changes = serde_json::json!({ "bundle": { "resources": resources } });
    let mut command = Command::new(ui().join("node_modules/.bin").join(program("tauri")));
    command
        .args(["bundle", "--bundles", kinds, "--config", &changes.to_string()])
        .args((profile == "dev").then_some("--debug"))
        .current_dir(places::root())
        .env("CARGO_TARGET_DIR", places::target()?);
    run(&mut command)?;
    let folder = places::target()?.join(if profile == "dev" { "debug" } else { profile }).join("bundle");
    let mut made = Vec::new();
    for kind in std::fs::read_dir(&folder)? {
        for file in std::fs::read_dir(kind?.path())? {
            let file = file?.path();
            if file.is_file() {
                println!("{} bytes  {}", file.metadata()?.len(), file.display());
                made.push(file);
            }
        }
    }
    Ok(made)
}

/// The packages that the lock file names; left alone where they are there.
fn node_packages() -> Result<()> {
    let version = output(Command::new(program("node")).arg("--version"))
        .map_err(|_| "Node.js is missing; install version 20.19 or newer")?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(|n| n.parse().unwrap_or(0));
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < NODE {
        let version = version.trim();
        return Err(format!("Node.js is {version}; install version {}.{} or newer", NODE.0, NODE.1).into());
    }
    let wanted = std::fs::read(ui().join("package-lock.json"))?;
    let stamp = ui().join("node_modules/installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // What the lock file names, by its hashes. Not `npm ci`: that refuses a lock file without packages that are for
    // other systems only and that a registry may lack. Scripts of packages are not run: none of ours needs one.
    let quietly = ["--no-audit", "--no-fund", "--loglevel", "error"];
    run(npm(&["install", "--no-save", "--ignore-scripts"]).args(quietly))?;
    Ok(std::fs::write(stamp, wanted)?)
}

fn ui() -> PathBuf {
    places::root().join("ui")
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new(program("npm"));
    command.args(arguments).current_dir(ui());
    command
}

/// Node's programs are scripts on Windows.
fn program(name: &str) -> PathBuf {
    Path::new(name).with_extension(if cfg!(windows) && name != "node" { "cmd" } else { "" })
}

fn name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}
