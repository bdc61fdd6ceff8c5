use std::process::Command;

use crate::places;
use crate::run::{Result, build, cargo, run};
use crate::setup;

/// Measures speed and memory and prints them as Markdown on stdout. In the development profile, which is the one that the
/// demo and the tests build, or with `--release` in the one that is shipped: optimising all dependencies takes the better
/// part of an hour.
pub(crate) fn bench(arguments: &[&str]) -> Result<()> {
    setup::setup()?;
    let release = arguments.contains(&"--release");
    let arguments: Vec<&str> = arguments.iter().copied().filter(|&a| a != "--release").collect();
    let profile = if release { "release" } else { "dev" };
    build(profile)?;
    let bench =
        ["bench", "--workspace", "--exclude", "xtask", "--profile", profile, "--bench", "pipeline", "--"];
    // Paths are meant from where the user stands; cargo starts a bench in its package's folder.
    let here = std::env::current_dir()?;
    let mut command = cargo(&bench)?;
    let parts = arguments.iter().take_while(|a| !a.starts_with("--"));
    if parts.clone().next().is_none() || parts.clone().any(|&a| a == "slm") {
        let scripts = places::root().join("xtask/bench");
        // llama.cpp comes as source: its first installation takes some ten minutes.
        let python = setup::python("bench-venv", &scripts.join("requirements.txt"))?;
        let random = places::cache()?.join("llama-1.1b-random-Q4_K_M.gguf");
        let small = places::models()?.join("SmolLM2-135M-Instruct-Q8_0.gguf");
        run(Command::new(&python).arg(scripts.join("random_llama.py")).arg(&small).arg(&random))?;
        command.env("CITADEL_BENCH_PYTHON", python).env("CITADEL_BENCH_PEER", scripts.join("time_llama.py"));
        command.env("CITADEL_BENCH_RANDOM", random);
    }
    let mut before = "";
    for argument in arguments {
        if ["--corpus", "--model"].contains(&before) {
            command.arg(here.join(argument));
        } else {
            command.arg(argument);
        }
        before = argument;
    }
    run(&mut command)
}
