use std::time::{SystemTime, UNIX_EPOCH};

use crate::places;
use crate::run::{Result, cargo, forget_other_checkouts, run};

/// Runs our own parsers on changed samples of `fuzz/corpus`, each for so many seconds (60 unless told otherwise), or one
/// on a file alone. `cargo fuzz` looks further where it and a nightly compiler are at hand: see `fuzz/Cargo.toml`.
pub(crate) fn fuzz(arguments: &[&str]) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let (mut seconds, mut seed, mut rest) = (60, now.as_secs(), Vec::new());
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        let number = match argument {
            "--seconds" => &mut seconds,
            "--seed" => &mut seed,
            target_or_file => {
                rest.push(target_or_file);
                continue;
            }
        };
        let value = arguments.next().ok_or_else(|| format!("{argument} needs a number"))?;
        *number = value.parse().map_err(|_| format!("{argument} {value}: not a number"))?;
    }
    forget_other_checkouts()?;
    let findings = places::cache()?.join("fuzz");
    eprintln!("seed {seed}; what is found is kept in {}", findings.display());
    let mut command = cargo(&[
        "run",
        "--quiet",
        "--package",
        "citadel-parse",
        "--features",
        "fuzzing",
        "--example",
        "mutate",
        "--",
    ])?;
    command.arg(places::root().join("fuzz/corpus")).arg(findings);
    command.args([seconds.to_string(), seed.to_string()]);
    if let [target, file @ ..] = rest.as_slice() {
        // cargo starts it in the checkout, and paths are meant from where the user stands.
        let here = std::env::current_dir()?;
        command.arg(target).args(file.iter().map(|file| here.join(file)));
    }
    run(&mut command)
}
