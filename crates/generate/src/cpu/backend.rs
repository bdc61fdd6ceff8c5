//! The decoder's arithmetic on the processor.

use std::ops::Range;

use candle_core::Device;
use candle_core::quantized::QTensor;
use candle_core::utils::barrier_pool;

use super::attention::{self, Cache, KEYS, Queries, Scratch, View};
use super::matrix::{Form, Matrix};
use super::product::{Activations, Input, Target};
use super::{InstructionSet, attend, gate_rows, multiply_panels, norm_rows, round_token};
use crate::GenerateError;
use crate::backend::{Backend, grown_capacity};
use crate::family::{Activation, LayerKind, Shape};
use crate::rope::{Pairs, Rope};

type Result<T> = std::result::Result<T, GenerateError>;

/// Rows that are worth a second thread where they only pass through.
const ROWS_TO_SHARE: usize = 16;

/// The processor.
pub(crate) struct Cpu {
    set: InstructionSet,
    caches: Vec<Cache>,
    capacity: usize,
    /// For each rope cosines and sines of all positions.
    ropes: Vec<(Vec<f32>, Vec<f32>)>,
}

/// Rows of numbers.
pub(crate) struct Array {
    rows: usize,
    /// Widths of the parts of a row.
    parts: Vec<usize>,
    numbers: Vec<f32>,
}

impl Array {
    fn new(rows: usize, parts: &[usize]) -> Self {
        let width: usize = parts.iter().sum();
        Self { rows, parts: parts.to_vec(), numbers: vec![0.0; rows * width] }
    }

    fn width(&self) -> usize {
        self.parts.iter().sum()
    }

    /// The columns of a part.
    fn columns(&self, part: usize) -> Range<usize> {
        let start = self.parts.iter().take(part).sum();
        start..start + self.parts.get(part).copied().unwrap_or(0)
    }
}

/// Matrices that are multiplied with the same rows.
pub(crate) struct Stack {
    matrices: Vec<Matrix>,
    parts: Vec<usize>,
}

/// A pointer that threads share, each for rows or columns of its own.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: see `Shared`.
unsafe impl Send for Shared {}
// SAFETY: the same.
unsafe impl Sync for Shared {}

impl Shared {
    fn get(&self) -> *mut f32 {
        self.0
    }
}

/// Runs `work` on parts of `0..count`, on all threads where it is `worth` it.
fn share(count: usize, worth: bool, work: impl Fn(Range<usize>) + Sync) {
    if worth { barrier_pool().execute_chunked(count, work) } else { work(0..count) }
}

impl Cpu {
    pub(crate) fn new(set: InstructionSet, shape: &Shape) -> Self {
        let caches = shape.layers.iter().map(|_| Cache::new(shape.kv_heads, shape.head_dim)).collect();
        let ropes = shape.ropes.iter().map(|rope| rope.table(shape.context)).collect();
        Self { set, caches, capacity: 0, ropes }
    }

    /// Turns the heads of a part of a row.
    fn turn(&self, rope: &Rope, table: usize, position: usize, heads: &mut [f32], head_dim: usize) {
        let half = rope.turned / 2;
        let (cosines, sines) = &self.ropes[table];
        let (cosines, sines) = (&cosines[position * half..][..half], &sines[position * half..][..half]);
        for head in heads.chunks_exact_mut(head_dim) {
            match rope.pairs {
                Pairs::Neighbours => {
                    let pairs = head.chunks_exact_mut(2).zip(cosines.iter().zip(sines));
                    for (pair, (&cos, &sin)) in pairs {
                        let (a, b) = (pair[0], pair[1]);
                        (pair[0], pair[1]) = (a * cos - b * sin, a * sin + b * cos);
                    }
                }
                Pairs::Halves => {
                    let (first, second) = head[..rope.turned].split_at_mut(half);
                    let pairs = first.iter_mut().zip(second).zip(cosines.iter().zip(sines));
                    for ((a, b), (&cos, &sin)) in pairs {
                        (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
                    }
                }
            }
        }
    }
}

impl Backend for Cpu {
    type Array = Array;
    type Stack = Stack;
    type Vector = Vec<f32>;

    fn device(&self) -> &Device {
        &Device::Cpu
    }

    fn stack(&self, matrices: Vec<QTensor>, parts: &[usize]) -> Result<Stack> {
        let matrices = matrices.iter().map(Matrix::pack).collect::<candle_core::Result<_>>()?;
        Ok(Stack { matrices, parts: parts.to_vec() })
    }

    fn vector(&self, tensor: &QTensor) -> Result<Vec<f32>> {
        Ok(tensor.dequantize(&Device::Cpu)?.to_vec1()?)
    }

    fn size(stack: &Stack) -> [u64; 2] {
        let of = |size: fn(&Matrix) -> u64| stack.matrices.iter().map(size).sum();
        [of(|m| m.rows as u64 * m.columns as u64), of(Matrix::bytes)]
    }

    fn embed(&self, table: &Stack, tokens: &[u32], scale: f32) -> Result<Array> {
        let failed = || GenerateError::Compute { reason: "a token is not in the vocabulary".to_owned() };
        let matrix = table.matrices.first().ok_or_else(failed)?;
        let mut rows = Array::new(tokens.len(), &[matrix.columns]);
        for (&token, to) in tokens.iter().zip(rows.numbers.chunks_exact_mut(matrix.columns)) {
            let row = usize::try_from(token).ok().filter(|&t| t < matrix.rows).ok_or_else(failed)?;
            matrix.row(row, to);
            to.iter_mut().for_each(|x| *x *= scale);
        }
        Ok(rows)
    }

    fn product(&self, stack: &Stack, rows: &Array) -> Result<Array> {
        let width = rows.width();
        if stack.matrices.iter().any(|m| m.columns != width) {
            return Err(GenerateError::Compute { reason: "a matrix is not as wide as its input".to_owned() });
        }
        let mut product = Array::new(rows.rows, &stack.parts);
        let rounded = stack.matrices.iter().any(|m| m.form != Form::Floats);
        let mut activations = Activations::new(rows.rows, if rounded { width } else { 0 });
        let pointers = activations.pointers();
        if rounded {
            share(rows.rows, rows.rows >= ROWS_TO_SHARE, |tokens| {
                for token in tokens {
                    // SAFETY: the set is there; each token is one thread's.
                    unsafe { round_token(self.set, pointers, token, &rows.numbers[token * width..][..width]) }
                }
            });
        }
        let input = Input { rounded: pointers, floats: rows.numbers.as_ptr() };
        let (to, target_width) = (Shared(product.numbers.as_mut_ptr()), product.width());
        let panels: usize = stack.matrices.iter().map(Matrix::panels).sum();
        share(panels, true, |range| {
            let (mut first, mut column) = (0, 0);
            for matrix in &stack.matrices {
                let own = range.start.clamp(first, first + matrix.panels()) - first
                    ..range.end.clamp(first, first + matrix.panels()) - first;
                let target = Target { to: to.get(), width: target_width, column };
                // SAFETY: the set is there; input and matrix have one width, as was checked; the product has room for all rows,
                // and each panel is one thread's.
                unsafe { multiply_panels(self.set, matrix, own, input, target) }
                (first, column) = (first + matrix.panels(), column + matrix.rows);
            }
        });
        Ok(product)
    }

    fn bias(&self, rows: &mut Array, part: usize, bias: &Vec<f32>) -> Result<()> {
        let (width, columns) = (rows.width(), rows.columns(part));
        for row in rows.numbers.chunks_exact_mut(width) {
            row[columns.clone()].iter_mut().zip(bias).for_each(|(x, b)| *x += b);
        }
        Ok(())
    }

    fn norm(&self, rows: &Array, weight: &Vec<f32>, epsilon: f32) -> Result<Array> {
        let mut normed = Array::new(rows.rows, &[weight.len()]);
        let (width, to) = (weight.len(), Shared(normed.numbers.as_mut_ptr()));
        share(rows.rows, rows.rows >= ROWS_TO_SHARE, |range| {
            let from = &rows.numbers[range.start * width..range.end * width];
            // SAFETY: the set is there; these rows are this thread's.
            unsafe {
                let to = std::slice::from_raw_parts_mut(to.get().add(range.start * width), from.len());
                norm_rows(self.set, from, weight, epsilon, to);
            }
        });
        Ok(normed)
    }

    fn norm_heads(&self, rows: &mut Array, part: usize, weight: &Vec<f32>, epsilon: f32) -> Result<()> {
        let (width, columns) = (rows.width(), rows.columns(part));
        for row in rows.numbers.chunks_exact_mut(width) {
            let heads = &mut row[columns.clone()];
            let before = heads.to_vec();
            // SAFETY: the set is there.
            unsafe { norm_rows(self.set, &before, weight, epsilon, heads) }
        }
        Ok(())
    }

    fn attend(
        &mut self,
        shape: &Shape,
        layer: usize,
        kind: LayerKind,
        mut qkv: Array,
        start: usize,
    ) -> Result<Array> {
        let (heads, kv_heads, dim) = (shape.heads, shape.kv_heads, shape.head_dim);
        let (width, count) = (qkv.width(), qkv.rows);
        let [query, key, value] = [0, 1, 2].map(|part| qkv.columns(part));
        if let Some(table) = kind.rope {
            let rope = &shape.ropes[table];
            let to = Shared(qkv.numbers.as_mut_ptr());
            share(count, count >= ROWS_TO_SHARE, |tokens| {
                for token in tokens {
                    // SAFETY: each row is one thread's.
                    let row = unsafe { std::slice::from_raw_parts_mut(to.get().add(token * width), width) };
                    self.turn(rope, table, start + token, &mut row[query.start..key.end], dim);
                }
            });
        }
        let cache = &mut self.caches[layer];
        for (token, row) in qkv.numbers.chunks_exact(width).enumerate() {
            for head in 0..kv_heads {
                let of = |columns: &Range<usize>| &row[columns.start + head * dim..][..dim];
                cache.put(head, start + token, of(&key), of(&value));
            }
        }
        let cache = &self.caches[layer];
        let mut attended = Array::new(count, &[heads * dim]);
        let to = Shared(attended.numbers.as_mut_ptr());
        let queries = Queries { from: qkv.numbers.as_ptr(), width, column: query.start, heads };
        let view = View { start, window: kind.window, scale: shape.attention_scale };
        let together = attention::tokens_per_task(heads / kv_heads);
        let tiles = count.div_ceil(together);
        // Later tokens have more to see: they come first, so that no thread is left with the longest task at the end.
        let next = std::sync::atomic::AtomicUsize::new(0);
        let tasks = tiles * kv_heads;
        share(barrier_pool().n_workers() + 1, tasks > 1, |_| {
            let mut scratch = Scratch::new(cache);
            loop {
                let task = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if task >= tasks {
                    return;
                }
                let (tile, head) = (tiles - 1 - task / kv_heads, task % kv_heads);
                let tokens = tile * together..count.min((tile + 1) * together);
                // SAFETY: the set is there; keys up to the last token are in the cache; these heads of these tokens are this
                // task's; the shape's heads fit a task.
                unsafe { attend(self.set, cache, queries, view, head, tokens, to.get(), &mut scratch) }
            }
        });
        Ok(attended)
    }

    fn gate(&self, rows: &Array, activation: Activation) -> Result<Array> {
        let (width, [gate, up]) = (rows.width(), [0, 1].map(|part| rows.columns(part)));
        let mut gated = Array::new(rows.rows, &[gate.len()]);
        let to = Shared(gated.numbers.as_mut_ptr());
        share(rows.rows, rows.rows >= ROWS_TO_SHARE, |range| {
            for at in range {
                let row = &rows.numbers[at * width..][..width];
                // SAFETY: the set is there; each row is one thread's.
                unsafe {
                    let to = std::slice::from_raw_parts_mut(to.get().add(at * gate.len()), gate.len());
                    gate_rows(self.set, &row[gate.clone()], &row[up.clone()], activation, to);
                }
            }
        });
        Ok(gated)
    }

    fn add(&self, rows: &mut Array, more: &Array) -> Result<()> {
        rows.numbers.iter_mut().zip(&more.numbers).for_each(|(x, y)| *x += y);
        Ok(())
    }

    fn last(&self, rows: &Array, count: usize) -> Result<Array> {
        let from = rows.numbers.len() - count * rows.width();
        Ok(Array { rows: count, parts: rows.parts.clone(), numbers: rows.numbers[from..].to_vec() })
    }

    fn numbers(&self, rows: Array) -> Result<Vec<f32>> {
        Ok(rows.numbers)
    }

    fn make_room(&mut self, shape: &Shape, length: usize, used: usize) -> Result<()> {
        if length > self.capacity {
            // Whole blocks of keys.
            self.capacity = grown_capacity(self.capacity, length, shape.context.next_multiple_of(KEYS));
            self.caches.iter_mut().for_each(|cache| cache.grow(self.capacity, used));
        }
        Ok(())
    }
}
