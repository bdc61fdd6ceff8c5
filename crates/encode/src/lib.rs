//! The ONNX models: 384-dimension passage and query embeddings, the reader of evidence, and text recognition.
//!
//! [`OnnxEmbedder`] runs all-MiniLM-L6-v2 through fastembed and ONNX Runtime, [`OnnxReader`] a small encoder trained for
//! Citadel and [`OnnxRecognizer`] PP-OCR's models on ONNX Runtime alone; all on the CPU, from files named by the caller.
//! Nothing is downloaded, nothing is searched for, and the library is not loaded unless [`TELEMETRY_OFF`] is set.

mod batches;
mod embedder;
mod error;
mod ocr;
mod reader;
mod runtime;
mod windows;

pub use embedder::{EmbedderFiles, MAX_TOKENS, OnnxEmbedder};
pub use error::EncodeError;
pub use ocr::{OnnxRecognizer, RecognizerFiles};
pub use reader::{OnnxReader, ReaderFiles};
pub use runtime::TELEMETRY_OFF;
pub use windows::WINDOW_TOKENS;
