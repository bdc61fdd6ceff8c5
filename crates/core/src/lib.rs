//! The nouns of Citadel and its three seams.
//!
//! Everything here is plain data: no I/O, no async, no clock. All positions are [`CharRange`]s, which count
//! Unicode scalar values from the start of a document's extracted text; [`TextMap`] turns them into slices.

mod answer;
mod chunk;
mod document;
mod embedder;
pub mod fakes;
mod generator;
mod passage;
mod reader;
mod recognizer;
mod stop;
mod text;

pub use answer::{
    Answer, AnswerScope, AnswerTimings, CheckedSentence, Checks, Citation, EvidenceRange, ModelInfo,
    NearestReason, Outcome, QuestionPart, Sentence, Sufficiency, SweepReport, SweptDocument, Verdict,
};
pub use chunk::{Chunk, embedding_input};
pub use document::{Block, BlockKind, Document, DocumentId, Format, Page, PageStatus, WordBox};
pub use embedder::{Embedder, Windows};
pub use generator::{ChatMessage, FinishReason, Generation, GenerationRequest, Generator, Role, Sampling};
pub use passage::{Passage, PassageScores};
pub use reader::{AnswerSpan, Reader, ReaderText, Reading};
pub use recognizer::{Picture, Recognition, RecognizedLetter, RecognizedLine, TextRecognizer};
pub use stop::StopFlag;
pub use text::{CharRange, TextMap};

/// What a model behind a seam can fail with. The crate that owns the model keeps its own error type and turns it
/// into this one at the seam.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The input does not fit the model; nothing was computed.
    #[error("the input is too long for {model}: {tokens} tokens, the limit is {limit}; shorten the question")]
    TooLong {
        /// The model's name.
        model: String,
        /// Tokens asked for.
        tokens: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// The stop flag was raised before a result was there.
    #[error("stopped")]
    Stopped,
    /// The model library failed.
    #[error("{model} failed: {reason}")]
    Failed {
        /// The model's name.
        model: String,
        /// The library's own words.
        reason: String,
    },
}
