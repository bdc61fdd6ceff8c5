//! The ONNX models: 384-dimension passage and query embeddings, and text recognition.
//!
//! [`OnnxEmbedder`] runs all-MiniLM-L6-v2 through fastembed and ONNX Runtime, [`OnnxRecognizer`] runs PP-OCR's models on
//! ONNX Runtime alone; both on the CPU, from files named by the caller.
//! Nothing is downloaded, nothing is searched for, and the library is not loaded unless [`TELEMETRY_OFF`] is set.

mod batches;
mod embedder;
mod error;
mod ocr;
mod runtime;
mod windows;

pub use embedder::{EmbedderFiles, MAX_TOKENS, OnnxEmbedder};
pub use error::EncodeError;
pub use ocr::{OnnxRecognizer, RecognizerFiles};
pub use runtime::TELEMETRY_OFF;
pub use windows::WINDOW_TOKENS;
