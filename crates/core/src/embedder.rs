use crate::{ModelError, StopFlag};

/// The vectors of one text: at least one, each of [`Embedder::dimensions`] numbers and Euclidean length 1. More than
/// one where the embedder represents parts of a long text apart.
pub type Windows = Vec<Vec<f32>>;

/// Turns text into vectors whose inner product is the cosine similarity. Blocking.
pub trait Embedder: Send {
    /// Changes whenever the same text could give another vector: model file, pooling and windowing are in it. An index
    /// refuses vectors of another fingerprint.
    fn fingerprint(&self) -> &str;

    /// Numbers per vector.
    fn dimensions(&self) -> usize;

    /// One entry for each text, in order. Looks at `stop` between batches.
    fn embed_documents(&mut self, texts: &[String], stop: &StopFlag) -> Result<Vec<Windows>, ModelError>;

    /// The vector of a query; a text beyond the model's length is cut.
    fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, ModelError>;
}
