//! Documents to chunks: exact character ranges of at most so many tokens by the embedder's own tokenizer.
//!
//! Everything here is pure: no I/O, no clock, the same input gives the same chunks. [`Chunker`] cuts documents,
//! [`sentences`] finds sentences. How the sizes were chosen stands in `docs/chunking.md`.

mod atoms;
mod context;
mod lines;
mod pack;
mod sentences;

use citadel_core::{Chunk, Document};
use tokenizers::Tokenizer;

pub use sentences::sentences;

/// Most tokens of a chunk, context and special tokens counted: the length of the embedder's position table.
pub const MAX_TOKENS: usize = 512;

/// Most tokens that a chunk repeats from the one before. Chosen by measurement: see `docs/chunking.md`.
pub const OVERLAP_TOKENS: usize = 32;

/// Most tokens of title and headings in front of a chunk.
pub const CONTEXT_TOKENS: usize = 64;

/// The smallest limit that leaves room for context, special tokens and a word.
pub const SMALLEST_MAX_TOKENS: usize = 16;

/// Why a document could not be cut.
#[derive(Debug, thiserror::Error)]
pub enum ChunkError {
    /// The tokenizer file is damaged or of a kind that this version does not know.
    #[error("the tokenizer file cannot be read: {reason}; verify the model pack")]
    BadTokenizer {
        /// The library's own words.
        reason: String,
    },
    /// The limits contradict each other.
    #[error(
        "chunks of {max_tokens} tokens with {overlap_tokens} repeated are not possible; take at least \
         {SMALLEST_MAX_TOKENS} tokens and repeat less than half of them"
    )]
    BadLimits {
        /// The limit asked for.
        max_tokens: usize,
        /// The overlap asked for.
        overlap_tokens: usize,
    },
    /// A block or page of the document lies outside its text or before its predecessor.
    #[error(
        "the structure of {document:?} is damaged: block {block} does not lie in order inside the text; ingest the file again"
    )]
    BadStructure {
        /// The document's title.
        document: String,
        /// Position among the document's blocks, from 0.
        block: usize,
    },
    /// The tokenizer failed on a piece of the document.
    #[error("the tokenizer failed on {document:?}: {reason}; verify the model pack")]
    Tokenizer {
        /// The document's title.
        document: String,
        /// The library's own words.
        reason: String,
    },
    /// One character alone has more tokens than a chunk may have.
    #[error("character {position} of {document:?} has more tokens than a chunk may have; raise the limit")]
    Indivisible {
        /// The document's title.
        document: String,
        /// The character, counted from the start of the text.
        position: usize,
    },
}

impl ChunkError {
    /// A stable name for callers that act on it.
    pub fn code(&self) -> &'static str {
        match self {
            ChunkError::BadTokenizer { .. } => "bad_tokenizer",
            ChunkError::BadLimits { .. } => "bad_limits",
            ChunkError::BadStructure { .. } => "bad_structure",
            ChunkError::Tokenizer { .. } => "tokenizer_failed",
            ChunkError::Indivisible { .. } => "indivisible",
        }
    }
}

/// A chunk and what stands in front of it when it is embedded and indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The chunk itself.
    pub chunk: Chunk,
    /// Title and headings that are not in the chunk's own text, outermost first, shortened to
    /// [`CONTEXT_TOKENS`]: the first argument of [`citadel_core::embedding_input`].
    pub context: Vec<String>,
}

/// Cuts documents into chunks. Shared between threads by reference.
pub struct Chunker {
    tokenizer: Tokenizer,
    max_tokens: usize,
    overlap_tokens: usize,
    /// Tokens that the tokenizer puts around any text, such as `[CLS]` and `[SEP]`.
    special_tokens: usize,
}

impl Chunker {
    /// A chunker for the tokenizer in `tokenizer_json` (the bytes of a `tokenizer.json`, whose own truncation and
    /// padding are ignored). `max_tokens` bounds [`citadel_core::embedding_input`] with special tokens counted;
    /// `overlap_tokens` is the most that a chunk repeats from the one before it.
    pub fn from_tokenizer(
        tokenizer_json: &[u8],
        max_tokens: usize,
        overlap_tokens: usize,
    ) -> Result<Self, ChunkError> {
        if max_tokens < SMALLEST_MAX_TOKENS || overlap_tokens * 2 >= max_tokens {
            return Err(ChunkError::BadLimits { max_tokens, overlap_tokens });
        }
        let bad = |e: tokenizers::Error| ChunkError::BadTokenizer { reason: e.to_string() };
        let mut tokenizer = Tokenizer::from_bytes(tokenizer_json).map_err(bad)?;
        // The file of all-MiniLM-L6-v2 cuts at 128 tokens and pads to 128: every text would seem equally long.
        tokenizer.with_truncation(None).map_err(bad)?;
        tokenizer.with_padding(None);
        let special_tokens = tokenizer.encode_fast("", true).map_err(bad)?.len();
        if special_tokens * 4 > max_tokens {
            return Err(ChunkError::BadLimits { max_tokens, overlap_tokens });
        }
        Ok(Self { tokenizer, max_tokens, overlap_tokens, special_tokens })
    }

    /// Cuts `document` into chunks, in order.
    ///
    /// Every character of a block that is not white space is in at least one chunk. Cuts fall, best first, before a
    /// heading, between blocks, between sentences, and inside a table row only where the row alone is over the
    /// limit (then between cells, else between words). Text outside blocks is taken in where it is too long to be
    /// page furniture; a document without blocks is cut by its blank lines. Time and memory grow in proportion to
    /// the length of the text.
    pub fn chunk(&self, document: &Document) -> Result<Vec<Piece>, ChunkError> {
        let outline = atoms::read(self, document)?;
        pack::pack(self, document, outline)
    }

    /// Most tokens of title and headings in front of a chunk.
    fn context_budget(&self) -> usize {
        CONTEXT_TOKENS.min(self.max_tokens / 4)
    }

    /// Tokens that a chunk's own text may always have.
    fn text_budget(&self) -> usize {
        self.max_tokens.saturating_sub(self.special_tokens + self.context_budget()).max(1)
    }

    /// Tokens of `text` with special tokens.
    fn count(&self, document: &Document, text: &str) -> Result<usize, ChunkError> {
        let encoding = self.tokenizer.encode_fast(text, true).map_err(|e| tokenizer_failed(document, &e))?;
        Ok(encoding.len())
    }
}

fn tokenizer_failed(document: &Document, error: &tokenizers::Error) -> ChunkError {
    ChunkError::Tokenizer { document: document.title.clone(), reason: error.to_string() }
}
