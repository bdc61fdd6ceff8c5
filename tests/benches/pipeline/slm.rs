//! The language model beside llama.cpp, on the same file in the same run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use candle_core::{Device, Tensor};
use citadel_engine::models::{ModelPack, ModelRole};
use citadel_generate::{CandleGenerator, DevicePreference, ModelFiles};
use serde_json::{Value, json};

use crate::figures::{Figures, show};
use crate::{Result, child, models};

/// Lengths of the prompts, in tokens.
const DEPTHS: [usize; 4] = [128, 512, 1024, 2360];
/// Tokens written at each depth.
const WRITTEN: usize = 32;

/// Environment variable that names a larger model with random weights; `cargo xtask bench slm` prepares it.
const RANDOM: &str = "CITADEL_BENCH_RANDOM";

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
    let [numbers, bytes] = model.work();
    println!("{}", json!({"numbers": numbers, "bytes": bytes, "bandwidth": bandwidth(), "gemm": gemm()?}));
    for depth in DEPTHS {
        let [read, written] = model.measure(depth, WRITTEN)?;
        println!(
            "{}",
            json!({"depth": depth, "read_s": read.as_secs_f64(), "written_s": written.as_secs_f64()})
        );
    }
    Ok(())
}

/// Bytes per second that all threads together read from memory: each sums up 512 MiB, the best of three times.
fn bandwidth() -> f64 {
    const NUMBERS: usize = 64 << 20;
    let read = |data: &Vec<u64>| std::hint::black_box(data.iter().fold(0u64, |sum, n| sum.wrapping_add(*n)));
    let data: Vec<Vec<u64>> = (0..threads()).map(|at| vec![at as u64; NUMBERS]).collect();
    let once = || {
        let begun = Instant::now();
        std::thread::scope(|scope| data.iter().for_each(|data| drop(scope.spawn(move || read(data)))));
        (data.len() * NUMBERS * size_of::<u64>()) as f64 / begun.elapsed().as_secs_f64()
    };
    (0..3).map(|_| once()).fold(0.0, f64::max)
}

/// Floating point operations per second of candle's product of single floats, 2,048 wide each way, the best of three times.
fn gemm() -> Result<f64> {
    const WIDTH: usize = 2048;
    let matrix = Tensor::rand(-1f32, 1.0, (WIDTH, WIDTH), &Device::Cpu)?;
    let mut best: f64 = 0.0;
    for _ in 0..3 {
        let begun = Instant::now();
        std::hint::black_box(matrix.matmul(&matrix)?);
        best = best.max(2.0 * (WIDTH as f64).powi(3) / begun.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a run told.
struct Told {
    /// Seconds of reading and writing, by depth.
    times: Vec<[f64; 2]>,
    /// Of our own runs: what the model is and what the machine can.
    machine: Option<Value>,
}

fn run(command: &mut Command) -> Result<Told> {
    let ended = child::watch(command)?;
    let (mut times, mut machine) = (Vec::new(), None);
    for (_, line) in &ended.lines {
        let told: Value = serde_json::from_str(line)?;
        if told.get("numbers").is_some() {
            machine = Some(told);
            continue;
        }
        let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("no {name} in {line}"));
        times.push([number("read_s")?, number("written_s")?]);
    }
    if times.len() == DEPTHS.len() { Ok(Told { times, machine }) } else { Err("a part broke off".into()) }
}

/// Prints a table for each model; without `peer` (a Python that has llama-cpp-python, and the script) our own figures
/// alone.
pub(crate) fn measure(files: &[PathBuf], runs: usize, peer: Option<(&Path, &Path)>) -> Result<()> {
    let mut usual = vec![ModelPack::open(&models()?)?.verified_path(ModelRole::Generator)?];
    usual.extend(std::env::var_os(RANDOM).map(PathBuf::from));
    let files = if files.is_empty() { &usual } else { files };
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        eprintln!("slm: {name}");
        let (mut own, mut peers) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let mut command = Command::new(std::env::current_exe()?);
            own.push(run(command.args(["--part", "slm"]).arg(file).envs([citadel_engine::SPIN_LIMIT]))?);
            if let Some((python, script)) = peer {
                let mut command = Command::new(python);
                command.arg(script).arg(file).arg(threads().to_string()).arg(WRITTEN.to_string());
                peers.push(run(command.args(DEPTHS.map(|d| d.to_string())))?);
            }
        }
        let of_machine = |name: &str| -> Figures {
            own.iter().filter_map(|run| run.machine.as_ref()?[name].as_f64()).collect()
        };
        let [numbers, bytes, bandwidth, gemm] = ["numbers", "bytes", "bandwidth", "gemm"].map(of_machine);
        println!("\n### {name}, {} threads\n", threads());
        println!(
            "Candle multiplies single floats at {} GFLOP/s here; memory is read at {} GB/s. Prefill is compared with the one, \
             decode with the other.\n",
            Figures(gemm.0.iter().map(|x| x / 1e9).collect()).spread(0),
            Figures(bandwidth.0.iter().map(|x| x / 1e9).collect()).spread(1),
        );
        println!("| tokens/s | at depth | Citadel | llama.cpp | ratio | of the machine | n |");
        println!("|---|---|---|---|---|---|---|");
        for (part, what) in ["prefill", "decode"].into_iter().enumerate() {
            for (at, depth) in DEPTHS.into_iter().enumerate() {
                let tokens = if part == 0 { depth } else { WRITTEN } as f64;
                let speed = |runs: &[Told]| -> Figures {
                    runs.iter().map(|run| tokens / run.times[at][part]).collect()
                };
                let (own, peer) = (speed(&own), speed(&peers));
                let share = match part {
                    0 => show(
                        own.median()
                            .zip(numbers.median())
                            .zip(gemm.median())
                            .map(|((t, n), g)| 2.0 * t * n / g),
                        2,
                    ),
                    _ => show(
                        own.median().zip(bytes.median()).zip(bandwidth.median()).map(|((t, n), b)| t * n / b),
                        2,
                    ),
                };
                println!(
                    "| {what} | {depth} | {} | {} | {} | {share} | {} |",
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
