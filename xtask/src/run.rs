//! Running other programs.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::places;

/// Everything here ends in a message for a person.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs a command with our own stdout and stderr; a failure is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}

/// Runs a command and gives its stdout.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command.stderr(Stdio::inherit()).output().map_err(|e| format!("{command:?}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{command:?} ended with {}", out.status).into());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// cargo in the checkout, with the shared target folder and the model pack known to it.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // cargo tells this program about its own package. Build scripts of others (ring's, below Lance) watch these
    // variables, and would run again, with all that builds on them, at each change between `cargo` and `cargo xtask`.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        .current_dir(places::root())
        .env("CARGO_TARGET_DIR", places::target()?)
        .env("CITADEL_MODELS", places::models()?);
    Ok(command)
}

/// Builds the program in a profile, with the feature set that the tests have too, and gives its path.
pub(crate) fn build(profile: &str) -> Result<std::path::PathBuf> {
    // The desktop program embeds its pages.
    crate::window::pages()?;
    forget_other_checkouts()?;
    run(&mut cargo(&["build", "--workspace", "--bins", "--exclude", "xtask", "--profile", profile])?)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(places::target()?.join(folder).join(if cfg!(windows) { "citadel.exe" } else { "citadel" }))
}

/// Cleans our own crates out of the target folder where another checkout built them last: cargo tells a change by the
/// time of a file, and the files of this checkout may be older and yet others.
pub(crate) fn forget_other_checkouts() -> Result<()> {
    let stamp = places::target()?.join("citadel-checkout");
    let here = places::root().canonicalize()?;
    if std::fs::read_to_string(&stamp).is_ok_and(|last| Path::new(&last) == here) {
        return Ok(());
    }
    let mut clean =
        cargo(&["clean", "--quiet", "--package", "citadel-tests", "--package", "citadel-desktop"])?;
    for member in std::fs::read_dir(here.join("crates"))? {
        clean.arg("--package").arg(format!("citadel-{}", member?.file_name().display()));
    }
    run(&mut clean)?;
    std::fs::create_dir_all(places::target()?)?;
    Ok(std::fs::write(stamp, here.as_os_str().as_encoded_bytes())?)
}
