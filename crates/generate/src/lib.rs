//! The small language model on candle: GGUF, chat template, sampling, streaming.
//!
//! [`CandleGenerator`] is the one [`citadel_core::Generator`] of the product. It reads a GGUF file of the Llama
//! family (`family` names the architectures), renders the chat template that the file carries, and continues the chat token
//! by token. Two promises matter more than speed here: message content is only ever text (a `<|im_start|>` inside a
//! retrieved document is read as its letters), and the same greedy request gives the same text
//! whether or not the key-value cache held its beginning.

mod accelerator;
mod backend;
mod cpu;
mod device;
mod error;
mod family;
mod generator;
mod gguf;
mod memory;
mod model;
mod rope;
mod sampling;
mod template;
mod vocabulary;

pub use device::{DevicePreference, DeviceReport, devices};
pub use error::GenerateError;
pub use generator::{CandleGenerator, ModelFiles, examine};
pub use memory::{MemoryNeed, WeightBytes};

/// An environment variable and the value that a program sets before its first answer: how often waiting threads look for work
/// before they sleep. candle's own 25,000 rounds burn the very core that another program on a laptop wants, and then the
/// whole answer waits for that program. 1,000 are some 50 microseconds: longer than what lies between two products.
pub const SPIN_LIMIT: (&str, &str) = ("CANDLE_BARRIER_POOL_SPIN_LIMIT", "1000");

#[cfg(test)]
#[allow(dead_code, clippy::unwrap_used, missing_docs, reason = "shared with the integration tests")]
#[path = "../tests/support/tiny.rs"]
mod tiny;
