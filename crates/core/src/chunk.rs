use serde::{Deserialize, Serialize};

use crate::CharRange;

/// A piece of a document that is embedded and found as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Position among the document's chunks, from 0.
    pub ordinal: u32,
    /// The chunk's characters: its text is exactly this slice of the document's text.
    pub range: CharRange,
    /// The headings above it, outermost first.
    pub heading: Vec<String>,
    /// First physical page, where the format has pages.
    pub first_page: Option<u32>,
    /// Last physical page, where the format has pages.
    pub last_page: Option<u32>,
    /// Tokens of [`embedding_input`] by the embedder's tokenizer, special tokens counted; at most 512.
    pub tokens: u32,
}

/// What is embedded and indexed for a chunk: the title and headings above it, then its text.
///
/// `context` is the chunk's heading path (with the document's title in front where the two differ), shortened by the
/// chunker so that the whole stays within the token limit.
pub fn embedding_input(context: &[String], text: &str) -> String {
    if context.is_empty() {
        return text.to_owned();
    }
    format!("{}\n{}", context.join(" > "), text)
}
