//! The language model beside llama.cpp, on the same file in the same run.

use std::path::{Path, PathBuf};
use std::process::Command;

use citadel_engine::models::{ModelPack, ModelRole};
use citadel_generate::{CandleGenerator, DevicePreference, ModelFiles};
use serde_json::{Value, json};

use crate::figures::Figures;
use crate::{Result, child, models};

/// Lengths of the prompts, in tokens.
const DEPTHS: [usize; 4] = [128, 512, 1024, 2360];
/// Tokens written at each depth.
const WRITTEN: usize = 32;

/// Times this program's decoder: prints a JSON object per depth.
pub(crate) fn own(file: &Path) -> Result<()> {
    let files = ModelFiles {
        name: "bench".to_owned(),
        gguf: file.to_owned(),
        tokenizer: Some(file.with_extension("tokenizer.json")).filter(|t| t.is_file()),
        sha256: String::new(),
    };
    let mut model = CandleGenerator::load(&files, DevicePreference::Auto)?;
    model.measure(1, 1)?;
    for depth in DEPTHS {
        let [read, written] = model.measure(depth, WRITTEN)?;
        println!(
            "{}",
            json!({"depth": depth, "read_s": read.as_secs_f64(), "written_s": written.as_secs_f64()})
        );
    }
    Ok(())
}

/// Seconds of reading and writing, by depth.
fn run(command: &mut Command) -> Result<Vec<[f64; 2]>> {
    let ended = child::watch(command)?;
    let mut times = Vec::new();
    for (_, line) in &ended.lines {
        let told: Value = serde_json::from_str(line)?;
        let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("no {name} in {line}"));
        times.push([number("read_s")?, number("written_s")?]);
    }
    if times.len() == DEPTHS.len() { Ok(times) } else { Err("a part broke off".into()) }
}

/// Prints a table for each model; without `peer` (a Python that has llama-cpp-python, and the script) our own figures
/// alone.
pub(crate) fn measure(files: &[PathBuf], runs: usize, peer: Option<(&Path, &Path)>) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let default = ModelPack::open(&models()?)?.verified_path(ModelRole::Generator)?;
    let files = if files.is_empty() { &[default] } else { files };
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        eprintln!("slm: {name}");
        let (mut own, mut peers) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            own.push(run(Command::new(std::env::current_exe()?).args(["--part", "slm"]).arg(file))?);
            if let Some((python, script)) = peer {
                let mut command = Command::new(python);
                command.arg(script).arg(file).arg(threads.to_string()).arg(WRITTEN.to_string());
                peers.push(run(command.args(DEPTHS.map(|d| d.to_string())))?);
            }
        }
        println!("\n### {name}, {threads} threads\n");
        println!("| tokens/s | at depth | Citadel | llama.cpp | ratio | n |\n|---|---|---|---|---|---|");
        for (part, what) in ["prefill", "decode"].into_iter().enumerate() {
            for (at, depth) in DEPTHS.into_iter().enumerate() {
                let tokens = if part == 0 { depth } else { WRITTEN } as f64;
                let speed = |runs: &[Vec<[f64; 2]>]| -> Figures {
                    runs.iter().map(|run| tokens / run[at][part]).collect()
                };
                let (own, peer) = (speed(&own), speed(&peers));
                println!(
                    "| {what} | {depth} | {} | {} | {} | {} |",
                    own.spread(0),
                    peer.spread(0),
                    own.over(&peer).spread(2),
                    own.n()
                );
            }
        }
    }
    println!();
    Ok(())
}
