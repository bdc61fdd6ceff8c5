//! The ONNX encoder: texts to normalised vectors, over fastembed and ONNX Runtime.
//!
//! fastembed's defaults do not fit here, so each is set: mean pooling (its default takes the first token's vector), no
//! batch larger than a budget of padded tokens (it holds every batch's raw output until the end), telemetry off, and
//! the runtime library loaded from one absolute path, never from where the system would look.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use citadel_core::{Embedder, ModelError, StopFlag, Windows};
use fastembed::{
    InitOptionsUserDefined, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel,
};
use ort::environment::Environment;

/// Longest input in tokens, special tokens counted: the length of the model's position table.
pub const MAX_TOKENS: usize = 512;

/// Padded tokens per run of the model: eight chunks of full length. Measured: batches of 1 to 8 chunks are equally
/// fast on two cores, and raw outputs of this size take 6 MiB.
const TOKENS_PER_BATCH: usize = 8 * MAX_TOKENS;

/// Fewest characters per token of running text, for estimating a batch without tokenising twice.
const CHARS_PER_TOKEN: usize = 3;

/// Changes when the same text would get another vector from the same file: the way of pooling and windowing.
const RECIPE: &str = "mean-512-v1";

/// What loading an embedder can fail with.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A file could not be read.
    #[error("{path}: {source}; check it with `citadel models verify`")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// ONNX Runtime's library cannot be used.
    #[error("{path} cannot be loaded as ONNX Runtime: {reason}; check it with `citadel models verify`")]
    Library {
        /// The library.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
    },
    /// A process has one ONNX Runtime.
    #[error("{wanted} cannot be loaded: this process uses {loaded} already; start the program anew")]
    OtherLibrary {
        /// Asked for.
        wanted: PathBuf,
        /// In use.
        loaded: PathBuf,
    },
    /// The model or its tokenizer is damaged or of a kind that does not fit.
    #[error("{path} cannot be loaded as an embedding model: {reason}; check it with `citadel models verify`")]
    Model {
        /// The model.
        path: PathBuf,
        /// The library's own words.
        reason: String,
    },
}

/// The files of an embedder. All were verified by the caller.
#[derive(Clone, Debug)]
pub struct EmbedderFiles {
    /// ONNX Runtime's shared library; absolute.
    pub runtime_library: PathBuf,
    /// The model.
    pub model: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// `config.json`.
    pub config: PathBuf,
    /// `tokenizer_config.json`.
    pub tokenizer_config: PathBuf,
    /// `special_tokens_map.json`.
    pub special_tokens_map: PathBuf,
    /// SHA-256 of the model, hexadecimal.
    pub sha256: String,
}

/// An embedding model on ONNX Runtime.
pub struct OnnxEmbedder {
    model: TextEmbedding,
    name: String,
    dimensions: usize,
    fingerprint: String,
}

impl OnnxEmbedder {
    /// Loads the model to run on `threads` threads (at least 1). One short text is embedded, so that a model that
    /// loads but does not run is told here.
    pub fn load(files: &EmbedderFiles, threads: usize) -> Result<Self, EncodeError> {
        let environment = environment(&files.runtime_library)?;
        let wrong = |reason: String| EncodeError::Model { path: files.model.clone(), reason };
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: read(&files.tokenizer)?,
            config_file: read(&files.config)?,
            special_tokens_map_file: read(&files.special_tokens_map)?,
            tokenizer_config_file: read(&files.tokenizer_config)?,
        };
        let model = UserDefinedEmbeddingModel::new(read(&files.model)?, tokenizer_files)
            .with_pooling(Pooling::Mean)
            .with_quantization(QuantizationMode::None);
        let options = InitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(MAX_TOKENS)
            .with_intra_threads(threads.max(1))
            // A waiting thread that spins takes the core from the parsers.
            .with_session_config("session.intra_op.allow_spinning", "0");
        let model =
            TextEmbedding::try_new_from_user_defined(model, options).map_err(|e| wrong(e.to_string()))?;
        let name = files.model.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let fingerprint = format!("{}-{RECIPE}", files.sha256);
        let mut embedder = Self { model, name, dimensions: 0, fingerprint };
        let probe = embedder.run(&["probe"]).map_err(|e| wrong(e.to_string()))?;
        embedder.dimensions = probe.first().map_or(0, Vec::len);
        if embedder.dimensions == 0 {
            return Err(wrong("it gives no vector".to_owned()));
        }
        Ok(embedder)
    }

    fn run(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let failed = |reason: String| ModelError::Failed { model: self.name.clone(), reason };
        let vectors = self.model.embed(texts, Some(texts.len().max(1))).map_err(|e| failed(e.to_string()))?;
        if vectors.iter().flatten().any(|x| !x.is_finite()) {
            return Err(failed("it gave a vector with a value that is no number".to_owned()));
        }
        Ok(vectors)
    }
}

impl Embedder for OnnxEmbedder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed_documents(&mut self, texts: &[String], stop: &StopFlag) -> Result<Vec<Windows>, ModelError> {
        // Texts of like length together waste the least on padding.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(texts[i].len()));
        let mut out: Vec<Windows> = vec![Vec::new(); texts.len()];
        let mut rest = order.as_slice();
        while let Some(&longest) = rest.first() {
            if stop.is_stopped() {
                return Err(ModelError::Stopped);
            }
            let padded = (texts[longest].len() / CHARS_PER_TOKEN + 2).min(MAX_TOKENS);
            let (batch, after) = rest.split_at((TOKENS_PER_BATCH / padded).clamp(1, rest.len()));
            let inputs: Vec<&str> = batch.iter().map(|&i| texts[i].as_str()).collect();
            for (&i, vector) in batch.iter().zip(self.run(&inputs)?) {
                out[i].push(vector);
            }
            rest = after;
        }
        Ok(out)
    }

    fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, ModelError> {
        let mut vectors = self.run(&[text])?;
        vectors.pop().ok_or_else(|| ModelError::Failed { model: self.name.clone(), reason: "no vector".to_owned() })
    }
}

/// The process's one ONNX Runtime, loaded at the first call.
fn environment(library: &Path) -> Result<Environment, EncodeError> {
    static LOADED: OnceLock<Mutex<Option<(PathBuf, Environment)>>> = OnceLock::new();
    let mut loaded =
        LOADED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((path, environment)) = &*loaded {
        if path == library {
            return Ok(environment.clone());
        }
        return Err(EncodeError::OtherLibrary { wanted: library.to_owned(), loaded: path.clone() });
    }
    let wrong = |reason: String| EncodeError::Library { path: library.to_owned(), reason };
    if !library.is_absolute() {
        return Err(wrong("its path is not absolute".to_owned()));
    }
    let environment = ort::init_from(library)
        .map_err(|e| wrong(e.to_string()))?
        .with_telemetry(false)
        .build()
        .map_err(|e| wrong(e.to_string()))?;
    *loaded = Some((library.to_owned(), environment.clone()));
    Ok(environment)
}

fn read(path: &Path) -> Result<Vec<u8>, EncodeError> {
    std::fs::read(path).map_err(|source| EncodeError::Io { path: path.to_owned(), source })
}
