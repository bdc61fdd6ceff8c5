use std::path::PathBuf;

use citadel_core::ModelError;

/// Why a model could not be loaded or could not write.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A model file could not be read.
    #[error("cannot read {path}: {source}; check that the model pack is complete and readable")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no GGUF file, or is cut off or altered.
    #[error("{path} is not a readable GGUF file: {reason}; prepare the model pack again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is sound, but nothing here can run it rightly.
    #[error("{path} cannot be run: {reason}; choose another model")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        reason: String,
    },
    /// There is no tokenizer that is known to be right, or it does not belong to the model.
    #[error("no usable tokenizer for {path}: {reason}; put the model's own tokenizer.json beside it")]
    Tokenizer {
        /// The GGUF or the tokenizer file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The chat template is missing, or it failed on this chat.
    #[error("the chat template of {model} failed: {reason}")]
    Template {
        /// The model's name, or its file.
        model: String,
        /// What is wrong.
        reason: String,
    },
    /// The model would not fit the free memory.
    #[error(
        "{path} needs about {needed} MiB of memory and {available} MiB are free; close other programs or choose a smaller model",
        needed = needed.div_ceil(1 << 20), available = available >> 20
    )]
    NotEnoughMemory {
        /// The GGUF file.
        path: PathBuf,
        /// Bytes that model and cache need, estimated.
        needed: u64,
        /// Bytes free now.
        available: u64,
    },
    /// The prompt leaves no room for an answer.
    #[error("the prompt has {tokens} tokens, the limit is {limit}; shorten the question")]
    TooLong {
        /// Tokens of the prompt.
        tokens: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// A sampling parameter is out of its range.
    #[error("{name} is {value}; it must be {range}")]
    Sampling {
        /// The parameter.
        name: &'static str,
        /// What it was set to.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// The model computed something that is not a number.
    #[error(
        "the model's output is not a number at token {position}; its file may be damaged, verify the model pack"
    )]
    NotFinite {
        /// Tokens read and written so far.
        position: usize,
    },
    /// The model library failed.
    #[error("the model library failed: {reason}")]
    Compute {
        /// The library's own words.
        reason: String,
    },
}

impl GenerateError {
    /// A stable name for the kind of failure.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "model-unreadable",
            Self::Damaged { .. } => "model-damaged",
            Self::Unsupported { .. } => "model-unsupported",
            Self::Tokenizer { .. } => "model-tokenizer",
            Self::Template { .. } => "model-template",
            Self::NotEnoughMemory { .. } => "not-enough-memory",
            Self::TooLong { .. } => "too-long",
            Self::Sampling { .. } => "bad-sampling",
            Self::NotFinite { .. } => "model-not-finite",
            Self::Compute { .. } => "model-failed",
        }
    }

    /// The same failure as the seam names it.
    pub(crate) fn at_seam(self, model: &str) -> ModelError {
        match self {
            Self::TooLong { tokens, limit } => ModelError::TooLong { model: model.to_owned(), tokens, limit },
            other => ModelError::Failed { model: model.to_owned(), reason: other.to_string() },
        }
    }
}

impl From<candle_core::Error> for GenerateError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute { reason: error.to_string() }
    }
}
