//! What the decoder computes with: the processor's own kernels, or candle's tensors on an accelerator.

use candle_core::Device;
use candle_core::quantized::QTensor;

use crate::GenerateError;
use crate::family::{Activation, LayerKind, Shape};

type Result<T> = std::result::Result<T, GenerateError>;

/// The cache grows by whole steps of this many tokens.
const CACHE_STEP: usize = 512;

/// Tokens that a cache of `capacity` tokens, too small for `length`, grows to: doubled, so that copying stays cheap beside
/// computing, and never above `most`.
pub(crate) fn grown_capacity(capacity: usize, length: usize, most: usize) -> usize {
    length.max(capacity * 2).next_multiple_of(CACHE_STEP).min(most)
}

/// Arithmetic of one device. Arrays hold one row per token; a row may have several parts side by side (query, key and
/// value; gate and what it lets through).
pub(crate) trait Backend: Sized {
    /// Rows of numbers, one per token.
    type Array;
    /// Matrices that are multiplied with the same rows.
    type Stack;
    /// Weights of a norm, or a bias.
    type Vector;

    /// Where tensors are read to.
    fn device(&self) -> &Device;
    /// Puts the matrices of a stack together. `parts` are the widths of the parts of its product; where one matrix holds
    /// several, they are cut apart.
    fn stack(&self, matrices: Vec<QTensor>, parts: &[usize]) -> Result<Self::Stack>;
    /// A vector; `tensor` is single floats or smaller.
    fn vector(&self, tensor: &QTensor) -> Result<Self::Vector>;

    /// Numbers in a stack, and the bytes that they take.
    fn size(stack: &Self::Stack) -> [u64; 2];
    /// Rows of the one matrix of a stack, times `scale`.
    fn embed(&self, table: &Self::Stack, tokens: &[u32], scale: f32) -> Result<Self::Array>;
    /// Every row times every matrix.
    fn product(&self, stack: &Self::Stack, rows: &Self::Array) -> Result<Self::Array>;
    /// Adds a bias to one part.
    fn bias(&self, rows: &mut Self::Array, part: usize, bias: &Self::Vector) -> Result<()>;
    /// Normalises rows.
    fn norm(&self, rows: &Self::Array, weight: &Self::Vector, epsilon: f32) -> Result<Self::Array>;
    /// Normalises each head of one part.
    fn norm_heads(
        &self,
        rows: &mut Self::Array,
        part: usize,
        weight: &Self::Vector,
        epsilon: f32,
    ) -> Result<()>;
    /// Turns queries and keys (the first two parts), stores keys and values (the third), and attends.
    fn attend(
        &mut self,
        shape: &Shape,
        layer: usize,
        kind: LayerKind,
        qkv: Self::Array,
        start: usize,
    ) -> Result<Self::Array>;
    /// The first part, bent, times the second.
    fn gate(&self, rows: &Self::Array, activation: Activation) -> Result<Self::Array>;
    /// Adds `more` to `rows`.
    fn add(&self, rows: &mut Self::Array, more: &Self::Array) -> Result<()>;
    /// The last `count` rows.
    fn last(&self, rows: &Self::Array, count: usize) -> Result<Self::Array>;
    /// The numbers, row by row.
    fn numbers(&self, rows: Self::Array) -> Result<Vec<f32>>;
    /// Makes room in the cache for `length` tokens, of which `used` are there.
    fn make_room(&mut self, shape: &Shape, length: usize, used: usize) -> Result<()>;
}
