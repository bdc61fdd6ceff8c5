use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use citadel_core::{Embedder, ModelError, StopFlag, Windows};
use fastembed::{
    InitOptionsUserDefined, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use tokenizers::Encoding;

use crate::EncodeError;
use crate::batches::batches;
use crate::runtime::environment;
use crate::windows::{VERSION, Window, windows};

/// The longest text in tokens, the two special tokens counted; what is beyond is cut.
pub const MAX_TOKENS: usize = 512;
/// Texts tokenised between two looks at the stop flag, on all cores.
const TOKENISED_TOGETHER: usize = 64;
const NAME: &str = "the embedding model";

/// Where an embedder's files lie. The caller has checked them.
#[derive(Clone, Debug)]
pub struct EmbedderFiles {
    /// ONNX Runtime's shared library, an absolute path.
    pub runtime_library: PathBuf,
    /// The model, ONNX, with the inputs of BERT and one output of shape batch × tokens × dimensions.
    pub model: PathBuf,
    /// tokenizer.json.
    pub tokenizer: PathBuf,
    /// config.json.
    pub config: PathBuf,
    /// tokenizer_config.json.
    pub tokenizer_config: PathBuf,
    /// special_tokens_map.json.
    pub special_tokens_map: PathBuf,
    /// SHA-256 of the model, for the fingerprint.
    pub sha256: String,
}

/// A BERT-like embedder on the CPU: mean over the token vectors, Euclidean length 1.
///
/// A text of up to [`WINDOW_TOKENS`](crate::WINDOW_TOKENS) tokens has one vector. A longer one is cut into parts of nearly
/// equal length with a vector each: the model was trained on short texts, and one vector for 512 tokens finds less.
pub struct OnnxEmbedder {
    model: TextEmbedding,
    fingerprint: String,
    dimensions: usize,
}

impl OnnxEmbedder {
    /// Loads the model for `threads` threads (0 counts as 1) and tries it once.
    ///
    /// The first call in a process decides on the ONNX Runtime library; telemetry is switched off before anything runs.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    pub fn load(files: &EmbedderFiles, threads: usize) -> Result<Self, EncodeError> {
        let environment = environment(&files.runtime_library)?;
        let bad = |reason: String| EncodeError::Model { path: files.model.clone(), reason };
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: read(&files.tokenizer)?,
            config_file: read(&files.config)?,
            special_tokens_map_file: read(&files.special_tokens_map)?,
            tokenizer_config_file: read(&files.tokenizer_config)?,
        };
        // fastembed's default pooling is the first token; MiniLM was trained with the mean.
        let model = UserDefinedEmbeddingModel::new(read(&files.model)?, tokenizer_files)
            .with_pooling(Pooling::Mean)
            .with_quantization(QuantizationMode::None);
        let options = InitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(MAX_TOKENS)
            .with_intra_threads(threads.max(1))
            // Idle threads sleep: a laptop's fan matters more than a few microseconds.
            .with_session_config("session.intra_op.allow_spinning", "0");
        let model =
            TextEmbedding::try_new_from_user_defined(model, options).map_err(|e| bad(e.to_string()))?;
        let fingerprint = format!("{}-mean-{VERSION}", files.sha256);
        let mut embedder = Self { model, fingerprint, dimensions: 0 };
        let probe = embedder.run(&["probe"]).map_err(|e| bad(e.to_string()))?;
        embedder.dimensions = probe.first().map_or(0, Vec::len);
        Ok(embedder)
    }

    /// One vector for each text, in order.
    fn run(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let failed = |reason: String| ModelError::Failed { model: NAME.to_owned(), reason };
        let vectors = self.model.embed(texts, Some(texts.len().max(1))).map_err(|e| failed(e.to_string()))?;
        let whole = |v: &Vec<f32>| !v.is_empty() && v.iter().all(|x| x.is_finite());
        if vectors.len() != texts.len() || !vectors.iter().all(whole) {
            return Err(failed(
                "it gave no usable vector; the model file does not suit this program".to_owned(),
            ));
        }
        Ok(vectors)
    }

    /// The token ids of every window of `texts` as the model is given them, special tokens included: for measuring beside
    /// bare ONNX Runtime.
    ///
    /// # Errors
    /// [`ModelError::Failed`] where the tokenizer refuses a text.
    pub fn token_windows(&self, texts: &[String]) -> Result<Vec<Vec<u32>>, ModelError> {
        let mut ids = Vec::new();
        for (text, windows) in texts.iter().zip(self.windows(texts)?) {
            for window in windows {
                let encoding = self.model.tokenizer.encode(text.get(window.bytes).unwrap_or(text), true);
                let encoding = encoding
                    .map_err(|e| ModelError::Failed { model: NAME.to_owned(), reason: e.to_string() })?;
                ids.push(encoding.get_ids().to_vec());
            }
        }
        Ok(ids)
    }

    /// The windows of each text, cut at [`MAX_TOKENS`].
    fn windows(&self, texts: &[String]) -> Result<Vec<Vec<Window>>, ModelError> {
        let inputs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let encodings = self
            .model
            .tokenizer
            .encode_batch(inputs, true)
            .map_err(|e| ModelError::Failed { model: NAME.to_owned(), reason: e.to_string() })?;
        let cut = |(text, encoding): (&String, &Encoding)| {
            // Padding counts as special.
            let special = encoding.get_special_tokens_mask();
            let tokens: Vec<Range<usize>> = encoding
                .get_offsets()
                .iter()
                .zip(special)
                .filter(|&(_, &special)| special == 0)
                .map(|(&(start, end), _)| start..end)
                .collect();
            windows(text, &tokens)
        };
        Ok(texts.iter().zip(&encodings).map(cut).collect())
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
        let mut pieces: Vec<(&str, usize)> = Vec::new();
        let mut counts = Vec::with_capacity(texts.len());
        for some in texts.chunks(TOKENISED_TOGETHER) {
            if stop.is_stopped() {
                return Err(ModelError::Stopped);
            }
            for (text, windows) in some.iter().zip(self.windows(some)?) {
                counts.push(windows.len());
                pieces.extend(windows.into_iter().map(|w| (text.get(w.bytes).unwrap_or(text), w.tokens)));
            }
        }

        let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); pieces.len()];
        let lengths: Vec<usize> = pieces.iter().map(|piece| piece.1).collect();
        for batch in batches(&lengths) {
            if stop.is_stopped() {
                return Err(ModelError::Stopped);
            }
            let texts: Vec<&str> = batch.iter().filter_map(|&i| pieces.get(i)).map(|piece| piece.0).collect();
            for (i, vector) in batch.into_iter().zip(self.run(&texts)?) {
                if let Some(slot) = vectors.get_mut(i) {
                    *slot = vector;
                }
            }
        }
        let mut vectors = vectors.into_iter();
        Ok(counts.into_iter().map(|count| vectors.by_ref().take(count).collect()).collect())
    }

    fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, ModelError> {
        let vectors = self.run(&[text])?;
        vectors.into_iter().next().ok_or_else(|| ModelError::Failed {
            model: NAME.to_owned(),
            reason: "it gave no vector for the question".to_owned(),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, EncodeError> {
    fs::read(path).map_err(|source| EncodeError::Io { path: path.to_owned(), source })
}
