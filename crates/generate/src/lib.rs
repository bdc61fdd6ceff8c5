//! The small language model on candle: GGUF, chat template, sampling, streaming.
//!
//! [`CandleGenerator`] is the one [`citadel_core::Generator`] of the product. It reads a GGUF file of the `llama`
//! family (SmolLM2, Llama, Mistral), renders the chat template that the file carries, and continues the chat token
//! by token. Two promises matter more than speed here: message content is only ever text (a `<|im_start|>` inside a
//! retrieved document is tokenised as eleven ordinary characters), and the same greedy request gives the same text
//! whether or not the key-value cache held its beginning.

mod device;
mod error;
mod generator;
mod gguf;
mod memory;
mod model;
mod sampling;
mod template;
mod vocabulary;

pub use device::{DevicePreference, DeviceReport, devices};
pub use error::GenerateError;
pub use generator::{CandleGenerator, ModelFiles};
