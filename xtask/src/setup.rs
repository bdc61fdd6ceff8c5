//! Everything that building and running needs: system packages, the Python environment, the model pack.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::places;
use crate::run::{Result, output, run};

/// The scripts that make the pack; their hash is the pack's recipe.
const SCRIPTS: &[&str] =
    &["prepare.py", "embedder_graph.py", "reader_graph.py", "generator_files.py", "requirements.txt"];

/// Debian packages, each with a command that shows it is there.
const PACKAGES: &[(&str, &[&str])] = &[
    ("protobuf-compiler", &["protoc", "--version"]),
    ("pkg-config", &["pkg-config", "--version"]),
    ("g++", &["g++", "--version"]),
    ("python3", &["python3", "--version"]),
    ("python3-venv", &["python3", "-c", "import venv, ensurepip"]),
];

/// Does all of it; what is there already is verified and left alone.
pub(crate) fn setup() -> Result<()> {
    system_packages()?;
    model_pack()
}

/// What building needs; elsewhere than on Linux that is left to the user.
pub(crate) fn system_packages() -> Result<()> {
    if cfg!(target_os = "linux") { packages(PACKAGES) } else { Ok(()) }
}

/// Installs missing packages, each with a command that shows it is there, with apt when root; otherwise says the one
/// command to run.
pub(crate) fn packages(wanted: &[(&str, &[&str])]) -> Result<()> {
    let missing: Vec<&str> =
        wanted.iter().filter(|(_, probe)| !answers(probe)).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if !answers(&["apt-get", "--version"]) {
        return Err(format!("these are missing, please install them: {packages}").into());
    }
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root {
        return Err(format!("run this once, then try again:\n  sudo apt-get install -y {packages}").into());
    }
    eprintln!("installing {packages}");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn answers(probe: &[&str]) -> bool {
    let (program, arguments) = probe.split_first().unwrap_or((&"false", &[]));
    Command::new(program).args(arguments).output().is_ok_and(|o| o.status.success())
}

/// Makes the model pack, unless it is there, whole, and made by these scripts.
pub(crate) fn model_pack() -> Result<()> {
    let pack = places::models()?;
    let scripts = places::root().join("xtask/models");
    let recipe = recipe(&scripts)?;
    match verify(&pack, &recipe) {
        Ok(files) => {
            eprintln!("model pack: {files} files verified in {}", pack.display());
            return Ok(());
        }
        Err(why) => eprintln!("model pack: {why}; preparing it in {}", pack.display()),
    }
    let python = python("venv", &scripts.join("requirements.txt"))?;
    run(Command::new(python)
        .arg(scripts.join("prepare.py"))
        .arg("--output")
        .arg(&pack)
        .arg("--wheels")
        .arg(places::cache()?.join("wheels"))
        .args(["--recipe", &recipe]))?;
    let files = verify(&pack, &recipe)?;
    eprintln!("model pack: {files} files made and verified");
    Ok(())
}

/// A Python with the packages of a `requirements.txt`, in a folder of our own named `name`.
pub(crate) fn python(name: &str, requirements: &Path) -> Result<PathBuf> {
    let venv = places::cache()?.join(name);
    let program = if cfg!(windows) { venv.join("Scripts/python.exe") } else { venv.join("bin/python") };
    let wanted = std::fs::read_to_string(requirements)?;
    let stamp = venv.join("requirements.installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|s| s == wanted) && program.exists() {
        return Ok(program);
    }
    eprintln!("making a Python environment in {}", venv.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    run(Command::new(&program)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(requirements))?;
    std::fs::write(&stamp, wanted)?;
    Ok(program)
}

fn recipe(scripts: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for script in SCRIPTS {
        hash.update(std::fs::read(scripts.join(script))?);
    }
    Ok(hex(&hash.finalize()))
}

/// The number of files, where all are as the manifest says and the recipe is ours.
fn verify(pack: &Path, recipe: &str) -> Result<usize> {
    let manifest = std::fs::read_to_string(pack.join("manifest.json")).map_err(|_| "there is none yet")?;
    let manifest: Value =
        serde_json::from_str(&manifest).map_err(|e| format!("its manifest is damaged ({e})"))?;
    if manifest["recipe"] != recipe {
        return Err("it was made by other scripts".into());
    }
    let entries = manifest["entries"].as_array().ok_or("its manifest lists no files")?;
    for entry in entries {
        let file = entry["file"].as_str().ok_or("its manifest names no file")?;
        let found = std::fs::read(pack.join(file)).map_err(|e| format!("{file}: {e}"))?;
        if entry["sha256"] != hex(&Sha256::digest(&found)) {
            return Err(format!("{file} is not as the manifest says").into());
        }
    }
    Ok(entries.len())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
