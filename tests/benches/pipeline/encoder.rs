//! The encoder alone, and bare ONNX Runtime on the same windows: what an ingest is compared with.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use citadel_catalog::Catalog;
use citadel_core::{Embedder, StopFlag, embedding_input};
use citadel_encode::{EmbedderFiles, OnnxEmbedder};
use citadel_engine::models::{ModelPack, ModelRole};
use ort::session::Session;
use ort::value::Tensor;
use serde_json::{Value, json};

use crate::machine::own_cpu_seconds;
use crate::{Result, child, models};

/// Texts embedded together, as in an ingest.
const TOGETHER: usize = 256;
/// Padded tokens of a bare batch: the fastest, by docs/embedding-windows.md.
const BATCH_TOKENS: usize = 520;

/// What a part measured.
pub(crate) struct Encoded {
    pub(crate) tokens: f64,
    pub(crate) windows: f64,
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
}

/// Runs one of the parts below in a process of its own.
pub(crate) fn part(arguments: &[&Path]) -> Result<Encoded> {
    let mut command = Command::new(std::env::current_exe()?);
    let ended = child::watch(command.arg("--part").args(arguments).env("CITADEL_MODELS", models()?))?;
    let (_, line) = ended.lines.last().ok_or("a part printed nothing")?;
    let told: Value = serde_json::from_str(line)?;
    let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("a part printed no {name}: {line}"));
    Ok(Encoded {
        tokens: number("tokens")?,
        windows: number("windows")?,
        seconds: number("seconds")?,
        cpu_seconds: number("cpu_seconds")?,
    })
}

fn tell(windows: &[Vec<u32>], begun: Instant, cpu_begun: f64) {
    let line = json!({
        "seconds": begun.elapsed().as_secs_f64(),
        "cpu_seconds": own_cpu_seconds() - cpu_begun,
        "windows": windows.len(),
        "tokens": windows.iter().map(Vec::len).sum::<usize>(),
    });
    println!("{line}");
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Embeds every chunk of a catalog again, and writes the windows that the model saw to a file.
pub(crate) fn embedder(catalog: &Path, file: &Path) -> Result<()> {
    let catalog = Catalog::open(catalog)?;
    let mut texts = Vec::new();
    for version in catalog.current_versions()? {
        texts.extend(catalog.entries(version)?.iter().map(|e| embedding_input(&e.context, &e.text)));
    }
    let pack = ModelPack::open(&models()?)?;
    let files = EmbedderFiles {
        runtime_library: pack.verified_path(ModelRole::OnnxRuntime)?,
        model: pack.verified_path(ModelRole::Embedder)?,
        tokenizer: pack.verified_path(ModelRole::EmbedderTokenizer)?,
        config: pack.verified_path(ModelRole::EmbedderConfig)?,
        tokenizer_config: pack.verified_path(ModelRole::EmbedderTokenizerConfig)?,
        special_tokens_map: pack.verified_path(ModelRole::EmbedderSpecialTokens)?,
        sha256: pack.entry(ModelRole::Embedder)?.sha256.clone(),
    };
    let mut embedder = OnnxEmbedder::load(&files, threads())?;
    let windows = embedder.token_windows(&texts)?;
    std::fs::write(file, serde_json::to_vec(&windows)?)?;
    let (begun, cpu_begun) = (Instant::now(), own_cpu_seconds());
    for group in texts.chunks(TOGETHER) {
        embedder.embed_documents(group, &StopFlag::new())?;
    }
    tell(&windows, begun, cpu_begun);
    Ok(())
}

/// Runs windows through ONNX Runtime and does nothing with the output: tokenised already, like lengths together, with the
/// session settings of the product.
pub(crate) fn bare(file: &Path) -> Result<()> {
    let mut windows: Vec<Vec<u32>> = serde_json::from_slice(&std::fs::read(file)?)?;
    windows.sort_by_key(|w| std::cmp::Reverse(w.len()));
    let pack = ModelPack::open(&models()?)?;
    let environment =
        ort::init_from(pack.verified_path(ModelRole::OnnxRuntime)?)?.with_telemetry(false).build()?;
    let mut session = Session::builder(&environment)?
        .with_intra_threads(threads())?
        .with_config_entry("session.intra_op.allow_spinning", "0")?
        .commit_from_file(pack.verified_path(ModelRole::Embedder)?)?;
    let mut rest = windows.as_slice();
    let (warm_up, _) = rest.split_at(rest.len().min(1));
    run(&mut session, warm_up)?;
    let (begun, cpu_begun) = (Instant::now(), own_cpu_seconds());
    while let Some(longest) = rest.first() {
        let (batch, left) = rest.split_at((BATCH_TOKENS / longest.len().max(1)).clamp(1, rest.len()));
        run(&mut session, batch)?;
        rest = left;
    }
    tell(&windows, begun, cpu_begun);
    Ok(())
}

fn run(session: &mut Session, batch: &[Vec<u32>]) -> Result<()> {
    let width = batch.iter().map(Vec::len).max().unwrap_or(0);
    let rows = |value: fn(u32) -> i64| {
        let padded = batch.iter().flat_map(|window| {
            window.iter().map(|&id| value(id)).chain(std::iter::repeat_n(0, width - window.len()))
        });
        Tensor::from_array(([batch.len(), width], padded.collect::<Vec<i64>>()))
    };
    session.run(ort::inputs![
        "input_ids" => rows(i64::from)?,
        "attention_mask" => rows(|_| 1)?,
        "token_type_ids" => rows(|_| 0)?,
    ])?;
    Ok(())
}
