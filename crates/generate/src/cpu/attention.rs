//! Attention over cached keys and values (Vaswani et al. 2017), with the running softmax of flash attention (Dao et al.
//! 2022). Keys are looked at in blocks that lie at fixed positions, so that a token's result does not depend on
//! how many others are computed with it.

use half::f16;

use super::simd::{LANES, Simd, exp};

/// Keys that are looked at together.
pub(crate) const KEYS: usize = 64;
/// Keys with a softmax of their own; the parts are put together at the end. One token's parts can be
/// computed at the same time.
pub(crate) const PART: usize = 256;
/// Query rows (tokens × heads that share their keys) of one task.
pub(crate) const QUERIES: usize = 48;

/// Keys and values of one layer, in half floats.
pub(crate) struct Cache {
    heads: usize,
    head_dim: usize,
    /// Head sizes as values are stored: whole vectors.
    padded: usize,
    capacity: usize,
    /// By head, then panels of 16 positions: each number of a key for all 16.
    keys: Vec<f16>,
    /// By head, then position.
    values: Vec<f16>,
}

impl Cache {
    pub(crate) fn new(heads: usize, head_dim: usize) -> Self {
        let padded = head_dim.next_multiple_of(LANES);
        Self { heads, head_dim, padded, capacity: 0, keys: Vec::new(), values: Vec::new() }
    }

    /// Makes room for `capacity` positions (a multiple of [`KEYS`]) and keeps the first `used`.
    pub(crate) fn grow(&mut self, capacity: usize, used: usize) {
        let (mut keys, mut values) = (
            vec![f16::ZERO; self.heads * capacity * self.head_dim],
            vec![f16::ZERO; self.heads * capacity * self.padded],
        );
        let copy = |new: &mut [f16], old: &[f16], width: usize, used: usize| {
            let pairs =
                new.chunks_exact_mut(capacity * width).zip(old.chunks_exact((self.capacity * width).max(1)));
            for (new, old) in pairs {
                new[..used * width].copy_from_slice(&old[..used * width]);
            }
        };
        copy(&mut keys, &self.keys, self.head_dim, used.next_multiple_of(LANES).min(self.capacity));
        copy(&mut values, &self.values, self.padded, used);
        (self.keys, self.values, self.capacity) = (keys, values, capacity);
    }

    /// Writes the key and the value of one head at a position.
    pub(crate) fn put(&mut self, head: usize, position: usize, key: &[f32], value: &[f32]) {
        let panel = (head * self.capacity + position / LANES * LANES) * self.head_dim + position % LANES;
        for (at, &number) in key.iter().enumerate() {
            self.keys[panel + at * LANES] = f16::from_f32(number);
        }
        let row = &mut self.values[(head * self.capacity + position) * self.padded..];
        for (to, &number) in row.iter_mut().zip(value) {
            *to = f16::from_f32(number);
        }
    }
}

/// What the tokens may see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Position of the first token.
    pub(crate) start: usize,
    /// Tokens that a token sees, itself among them; everything before it where `None`.
    pub(crate) window: Option<usize>,
    /// What scores are multiplied by.
    pub(crate) scale: f32,
}

/// Queries as they lie in memory: a row of `width` floats per token, its heads after one another from `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Queries {
    pub(crate) from: *const f32,
    pub(crate) width: usize,
    pub(crate) column: usize,
    /// All query heads.
    pub(crate) heads: usize,
}

// SAFETY: only read.
unsafe impl Send for Queries {}
// SAFETY: the same.
unsafe impl Sync for Queries {}

/// A running softmax: the largest score, the sum of weights, and the weighted sum of values, for each query row.
struct State {
    largest: [f32; QUERIES],
    weight: [f32; QUERIES],
    values: Vec<f32>,
}

impl State {
    fn new(padded: usize) -> Self {
        let values = vec![0.0; QUERIES * padded];
        Self { largest: [f32::NEG_INFINITY; QUERIES], weight: [0.0; QUERIES], values }
    }

    fn clear(&mut self) {
        self.largest.fill(f32::NEG_INFINITY);
        self.weight.fill(0.0);
        self.values.fill(0.0);
    }
}

/// Working memory of one task.
pub(crate) struct Scratch {
    queries: Vec<f32>,
    scores: Vec<f32>,
    part: State,
    whole: State,
}

impl Scratch {
    pub(crate) fn new(cache: &Cache) -> Self {
        Self {
            queries: vec![0.0; QUERIES * cache.head_dim],
            scores: vec![0.0; QUERIES * KEYS],
            part: State::new(cache.padded),
            whole: State::new(cache.padded),
        }
    }
}

/// Tokens that fit one task.
pub(crate) fn tokens_per_task(group: usize) -> usize {
    (QUERIES / group).max(1)
}

/// Attends for the query heads of one key head and some tokens; writes rows of heads × head size to `to`.
///
/// # Safety
/// `S` is there; the queries of `tokens` are there and `to` has a row for each, which nobody else uses at these heads; the
/// cache holds keys up to the last of the tokens; the heads of one key head are at most [`QUERIES`].
#[inline(always)]
pub(crate) unsafe fn attend<S: Simd>(
    cache: &Cache,
    queries: Queries,
    view: View,
    head: usize,
    tokens: std::ops::Range<usize>,
    to: *mut f32,
    scratch: &mut Scratch,
) {
    let group = queries.heads / cache.heads;
    let rows = tokens.len() * group;
    let (dim, padded) = (cache.head_dim, cache.padded);
    let last = |row: usize| view.start + tokens.start + row / group;
    let first = |row: usize| view.window.map_or(0, |w| (last(row) + 1).saturating_sub(w));
    // SAFETY: rows, keys and heads are those that the caller promises.
    unsafe {
        for row in 0..rows {
            let (token, query) = (tokens.start + row / group, head * group + row % group);
            let from = queries.from.add(token * queries.width + queries.column + query * dim);
            for at in 0..dim {
                *scratch.queries.get_unchecked_mut(row * dim + at) = *from.add(at) * view.scale;
            }
        }
        scratch.whole.clear();
        let (lowest, end) = (first(0), last(rows - 1) + 1);
        for part in (lowest / PART * PART..end).step_by(PART) {
            scratch.part.clear();
            for block in (part..end.min(part + PART)).step_by(KEYS) {
                if block + KEYS <= lowest {
                    continue;
                }
                let keys = KEYS.min(end - block);
                scores::<S>(cache, head, block, rows, scratch);
                for row in 0..rows {
                    let scores = scratch.scores.as_mut_ptr().add(row * KEYS);
                    let (from, until) =
                        (first(row).clamp(block, block + KEYS), (last(row) + 1).clamp(block, block + KEYS));
                    for key in (0..from - block).chain(until - block..KEYS) {
                        *scores.add(key) = f32::NEG_INFINITY;
                    }
                    if from < until {
                        softmax::<S>(scores, &mut scratch.part, row, padded);
                    }
                    // Exactly nothing, whatever lies in the cache there.
                    for key in (0..from - block).chain(until - block..KEYS) {
                        *scores.add(key) = 0.0;
                    }
                }
                weigh::<S>(cache, head, block, keys, rows, scratch);
            }
            merge(&mut scratch.whole, &scratch.part, rows, padded);
        }
        for row in 0..rows {
            let (token, query) = (tokens.start + row / group, head * group + row % group);
            let to = to.add((token * queries.heads + query) * dim);
            let weight = scratch.whole.weight[row];
            for at in 0..dim {
                *to.add(at) = *scratch.whole.values.get_unchecked(row * padded + at) / weight;
            }
        }
    }
}

/// Scores of all rows with the keys of a block.
#[inline(always)]
unsafe fn scores<S: Simd>(cache: &Cache, head: usize, block: usize, rows: usize, scratch: &mut Scratch) {
    // SAFETY: as `attend`'s; the capacity is whole blocks.
    unsafe {
        for panel in 0..KEYS / LANES {
            let position = block + panel * LANES;
            let keys = cache.keys.as_ptr().add((head * cache.capacity + position) * cache.head_dim);
            let mut row = 0;
            if S::WIDE {
                while row + 8 <= rows {
                    score_tile::<S, 8>(keys, cache.head_dim, row, panel, scratch);
                    row += 8;
                }
            }
            while row + 4 <= rows {
                score_tile::<S, 4>(keys, cache.head_dim, row, panel, scratch);
                row += 4;
            }
            while row < rows {
                score_tile::<S, 1>(keys, cache.head_dim, row, panel, scratch);
                row += 1;
            }
        }
    }
}

#[inline(always)]
unsafe fn score_tile<S: Simd, const M: usize>(
    keys: *const f16,
    dim: usize,
    row: usize,
    panel: usize,
    scratch: &mut Scratch,
) {
    // SAFETY: as `scores`'.
    unsafe {
        let queries = scratch.queries.as_ptr().add(row * dim);
        let mut sums = [S::splat(0.0); M];
        for at in 0..dim {
            let key = S::load_half(keys.add(at * LANES));
            for m in 0..M {
                sums[m] = S::fma(S::splat(*queries.add(m * dim + at)), key, sums[m]);
            }
        }
        for m in 0..M {
            S::store(scratch.scores.as_mut_ptr().add((row + m) * KEYS + panel * LANES), sums[m]);
        }
    }
}

/// Turns a row's scores into weights and brings what was summed before to the new largest score.
#[inline(always)]
unsafe fn softmax<S: Simd>(scores: *mut f32, state: &mut State, row: usize, padded: usize) {
    // SAFETY: `scores` are KEYS floats; the state has the row.
    unsafe {
        let mut largest = S::load(scores);
        for at in 1..KEYS / LANES {
            largest = S::max(largest, S::load(scores.add(at * LANES)));
        }
        let before = state.largest[row];
        let now = S::largest(largest).max(before);
        let mut sum = S::splat(0.0);
        for at in 0..KEYS / LANES {
            let score = S::load(scores.add(at * LANES));
            let weight = exp::<S>(S::sub(score, S::splat(now)));
            S::store(scores.add(at * LANES), weight);
            sum = S::add(sum, weight);
        }
        if now > before {
            let shrink = (before - now).exp();
            state.weight[row] *= shrink;
            let values = state.values.as_mut_ptr().add(row * padded);
            for at in (0..padded).step_by(LANES) {
                S::store(values.add(at), S::mul(S::load(values.add(at)), S::splat(shrink)));
            }
            state.largest[row] = now;
        }
        state.weight[row] += S::total(sum);
    }
}

/// Adds the values of a block by their weights.
#[inline(always)]
unsafe fn weigh<S: Simd>(
    cache: &Cache,
    head: usize,
    block: usize,
    keys: usize,
    rows: usize,
    scratch: &mut Scratch,
) {
    // SAFETY: as `attend`'s.
    unsafe {
        let values = cache.values.as_ptr().add((head * cache.capacity + block) * cache.padded);
        let mut at = 0;
        while S::WIDE && at + 4 * LANES <= cache.padded {
            value_rows::<S, 4>(values, cache.padded, keys, rows, at, scratch);
            at += 4 * LANES;
        }
        while at < cache.padded {
            value_rows::<S, 1>(values, cache.padded, keys, rows, at, scratch);
            at += LANES;
        }
    }
}

/// All rows, `N` vectors of their values from `at` on.
#[inline(always)]
unsafe fn value_rows<S: Simd, const N: usize>(
    values: *const f16,
    padded: usize,
    keys: usize,
    rows: usize,
    at: usize,
    scratch: &mut Scratch,
) {
    // SAFETY: as `weigh`'s.
    unsafe {
        let mut row = 0;
        while row + 4 <= rows {
            value_tile::<S, 4, N>(values, padded, keys, row, at, scratch);
            row += 4;
        }
        while row < rows {
            value_tile::<S, 1, N>(values, padded, keys, row, at, scratch);
            row += 1;
        }
    }
}

#[inline(always)]
unsafe fn value_tile<S: Simd, const M: usize, const N: usize>(
    values: *const f16,
    padded: usize,
    keys: usize,
    row: usize,
    at: usize,
    scratch: &mut Scratch,
) {
    // SAFETY: as `weigh`'s.
    unsafe {
        let weights = scratch.scores.as_ptr().add(row * KEYS);
        let sums = scratch.part.values.as_mut_ptr().add(row * padded + at);
        let mut tile = [[S::splat(0.0); N]; M];
        for m in 0..M {
            for n in 0..N {
                tile[m][n] = S::load(sums.add(m * padded + n * LANES));
            }
        }
        for key in 0..keys {
            let mut value = [S::splat(0.0); N];
            for n in 0..N {
                value[n] = S::load_half(values.add(key * padded + at + n * LANES));
            }
            for m in 0..M {
                let weight = S::splat(*weights.add(m * KEYS + key));
                for n in 0..N {
                    tile[m][n] = S::fma(weight, value[n], tile[m][n]);
                }
            }
        }
        for m in 0..M {
            for n in 0..N {
                S::store(sums.add(m * padded + n * LANES), tile[m][n]);
            }
        }
    }
}

/// Adds a part to the whole, in the order of the positions.
fn merge(whole: &mut State, part: &State, rows: usize, padded: usize) {
    for row in 0..rows {
        if part.weight[row] == 0.0 {
            continue;
        }
        let largest = whole.largest[row].max(part.largest[row]);
        let (old, new) = ((whole.largest[row] - largest).exp(), (part.largest[row] - largest).exp());
        whole.largest[row] = largest;
        whole.weight[row] = whole.weight[row] * old + part.weight[row] * new;
        let values = whole.values[row * padded..][..padded].iter_mut();
        for (whole, part) in values.zip(&part.values[row * padded..][..padded]) {
            *whole = *whole * old + part * new;
        }
    }
}
