//! Measures the whole pipeline and prints Markdown: `cargo xtask bench`. Progress goes to stderr.
//!
//!     cargo xtask bench [ingest|growth|large|ask|search|slm]… [--corpus PATH]… [--chunks N]… [--runs N] [--model FILE]…
//!
//! Whole processes are measured from outside, on the `citadel` program built beside this one. The two encoder figures
//! are measured in processes of their own, which this program starts from itself (`--part`): a process can have one ONNX
//! Runtime environment.

mod ask;
mod child;
mod encoder;
mod figures;
mod ingest;
mod machine;
mod scale;
mod slm;
mod synthetic;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use child::Ended;

/// Everything here ends in a message for a person.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What to measure.
struct Wanted {
    /// Some of [`PARTS`]; all where none is named.
    parts: Vec<String>,
    /// Ingested and searched; the samples where none is named.
    corpora: Vec<PathBuf>,
    /// Sizes of the synthetic index.
    chunks: Vec<usize>,
    /// How often each ingest and each model is measured.
    runs: usize,
    /// Language models for `slm`; the pack's and the one of random weights where none is named.
    models: Vec<PathBuf>,
    /// A Python with llama.cpp, and the script that times it; `cargo xtask bench slm` prepares them.
    peer: Option<(PathBuf, PathBuf)>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--part", "embedder", catalog, windows] => encoder::embedder(Path::new(catalog), Path::new(windows)),
        ["--part", "slm", file] => slm::own(Path::new(file)),
        ["--part", "bare", windows] => encoder::bare(Path::new(windows)),
        arguments => wanted(arguments).and_then(|wanted| measure(&wanted)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// What can be measured by itself.
const PARTS: [&str; 6] = ["ingest", "growth", "large", "ask", "search", "slm"];

fn wanted(arguments: &[&str]) -> Result<Wanted> {
    const USAGE: &str = "cargo xtask bench [ingest|growth|large|ask|search|slm]… [--corpus PATH]… [--chunks N]… [--runs N] [--model FILE]…";
    let mut wanted = Wanted {
        parts: Vec::new(),
        corpora: Vec::new(),
        chunks: Vec::new(),
        runs: 3,
        models: Vec::new(),
        peer: None,
    };
    if let (Some(python), Some(script)) = (std::env::var_os(PEER[0]), std::env::var_os(PEER[1])) {
        wanted.peer = Some((python.into(), script.into()));
    }
    let named = arguments.iter().take_while(|a| PARTS.contains(a)).count();
    let (parts, options) = arguments.split_at(named);
    wanted
        .parts
        .extend((if parts.is_empty() { &PARTS } else { parts }).iter().map(|part| (*part).to_owned()));
    for pair in options.chunks(2) {
        match pair {
            ["--corpus", path] => wanted.corpora.push(there(path)?),
            ["--model", path] => wanted.models.push(there(path)?),
            ["--chunks", n] => {
                wanted.chunks.push(n.parse().map_err(|_| format!("{n} is no number of chunks"))?)
            }
            ["--runs", n] => {
                wanted.runs = n.parse().ok().filter(|&n| n > 0).ok_or(format!("{n} is no number of runs"))?;
            }
            _ => return Err(USAGE.into()),
        }
    }
    if wanted.corpora.is_empty() {
        wanted.corpora.push(samples().join("corpus"));
    }
    if wanted.chunks.is_empty() {
        wanted.chunks = vec![1_000, 10_000, 100_000];
    }
    Ok(wanted)
}

fn there(path: &str) -> Result<PathBuf> {
    let absolute = std::path::absolute(path).ok().filter(|p| p.exists());
    Ok(absolute.ok_or(format!("{path} is not there"))?)
}

/// Environment variables that name the peer's Python and script.
const PEER: [&str; 2] = ["CITADEL_BENCH_PYTHON", "CITADEL_BENCH_PEER"];

fn measure(wanted: &Wanted) -> Result<()> {
    println!("{}- Load averages at the start: {}\n", machine::description(), machine::load());
    let places = Places::new()?;
    for part in &wanted.parts {
        match part.as_str() {
            "ingest" => {
                for corpus in &wanted.corpora {
                    ingest::measure(&places, corpus, wanted.runs)?;
                }
            }
            "growth" => scale::documents(&places)?,
            "large" => scale::large(&places)?,
            "ask" => ask::measure(&places)?,
            "search" => synthetic::measure(&wanted.chunks)?,
            _ => {
                let peer = wanted.peer.as_ref().map(|(python, script)| (python.as_path(), script.as_path()));
                slm::measure(&wanted.models, wanted.runs, peer)?;
            }
        }
    }
    println!("Load averages at the end: {}", machine::load());
    Ok(())
}

/// The samples of the checkout.
fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples")
}

/// The program under test, the models, and room for vaults.
struct Places {
    program: PathBuf,
    scratch: tempfile::TempDir,
}

impl Places {
    fn new() -> Result<Self> {
        let me = std::env::current_exe()?;
        let built = me.parent().and_then(Path::parent).ok_or("this program lies in no target folder")?;
        let program = built.join(if cfg!(windows) { "citadel.exe" } else { "citadel" });
        if !program.exists() {
            return Err(format!("{} is not built; run `cargo xtask bench`", program.display()).into());
        }
        Ok(Self { program, scratch: tempfile::tempdir()? })
    }

    /// A path for a vault that is not there yet.
    fn fresh_vault(&self) -> Result<PathBuf> {
        Ok(tempfile::tempdir_in(self.scratch.path())?.keep().join("vault"))
    }

    /// Runs the program on a vault.
    fn citadel(&self, vault: &Path, arguments: &[&str]) -> Result<Ended> {
        child::watch(
            Command::new(&self.program)
                .args(arguments)
                .env("CITADEL_VAULT", vault)
                .env("CITADEL_MODELS", models()?)
                .current_dir(samples()),
        )
    }

    /// Writes JSON lines for a `--batch`.
    fn batch(&self, name: &str, lines: &[serde_json::Value]) -> Result<String> {
        let file = self.scratch.path().join(name);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&file, text)?;
        Ok(file.to_string_lossy().into_owned())
    }
}

/// The model pack.
fn models() -> Result<PathBuf> {
    match std::env::var_os("CITADEL_MODELS") {
        Some(dir) => Ok(dir.into()),
        None => Ok(citadel_engine::default_models()?),
    }
}

/// The questions of the samples.
fn questions() -> Result<Vec<String>> {
    let file = samples().join("questions.jsonl");
    let mut questions = Vec::new();
    for line in std::fs::read_to_string(&file)?.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        questions.push(line["question"].as_str().ok_or("a sample question has no text")?.to_owned());
    }
    Ok(questions)
}
