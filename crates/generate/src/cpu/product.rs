//! Activations times a matrix of weights: both in 8 bits with a scale for every 32, summed in integers, as llama.cpp
//! does it. A row of the result depends on nothing but its own token: however many tokens are computed
//! together, the bits are the same.

use super::matrix::{BLOCK, Form, Matrix};
use super::simd::{LANES, Simd};

/// How far ahead of its use a weight is fetched, in bytes.
const AHEAD: usize = 4096;

/// Tokens whose activations lie together.
const GROUP: usize = 8;

/// Activations of some tokens, rounded to 8 bits: by groups of 8 tokens, then by blocks of 32 columns, so that a tile finds
/// everything at a fixed distance from one pointer.
pub(crate) struct Activations {
    tokens: usize,
    columns: usize,
    /// For each block of a group, 32 values of each token.
    values: Vec<[i8; GROUP * BLOCK]>,
    infos: Vec<Info>,
}

/// What belongs to a block of a group, for each token.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Info {
    scales: [f32; GROUP],
    /// The sum of the whole numbers, times -128.
    offsets: [i32; GROUP],
    /// The sum as floats, negative.
    sums: [f32; GROUP],
}

impl Activations {
    pub(crate) fn new(tokens: usize, columns: usize) -> Self {
        let blocks = tokens.div_ceil(GROUP) * (columns / BLOCK);
        let (values, infos) = (vec![[0; GROUP * BLOCK]; blocks], vec![Info::default(); blocks]);
        Self { tokens, columns, values, infos }
    }

    /// Where the kernels write and read; valid as long as the activations are.
    pub(crate) fn pointers(&mut self) -> ActivationPointers {
        ActivationPointers {
            tokens: self.tokens,
            blocks: self.columns / BLOCK,
            values: self.values.as_mut_ptr().cast(),
            infos: self.infos.as_mut_ptr(),
        }
    }
}

/// [`Activations`] as several threads share them, each on its own tokens or reading only.
#[derive(Clone, Copy)]
pub(crate) struct ActivationPointers {
    pub(crate) tokens: usize,
    blocks: usize,
    values: *mut i8,
    infos: *mut Info,
}

// SAFETY: see `ActivationPointers`.
unsafe impl Send for ActivationPointers {}
// SAFETY: the same.
unsafe impl Sync for ActivationPointers {}

/// Rounds one token's activations. Not a number and infinities make the scale so.
///
/// # Safety
/// `S` is there; `from` has as many values as there are columns; nobody else uses this token.
#[inline(always)]
pub(crate) unsafe fn round_token<S: Simd>(to: ActivationPointers, token: usize, from: &[f32]) {
    let (group, lane) = (token / GROUP, token % GROUP);
    // SAFETY: every access lies in the token's own part.
    unsafe {
        for (at, from) in from.chunks_exact(BLOCK).enumerate() {
            let block = group * to.blocks + at;
            let from = from.as_ptr();
            let (a, b) = (S::load(from), S::load(from.add(LANES)));
            let largest = S::largest(S::max(S::abs(a), S::abs(b)));
            let total = S::total(S::add(a, b));
            let scale = if total.is_finite() { largest / 127.0 } else { f32::NAN };
            let inverse = S::splat(if scale > 0.0 { 1.0 / scale } else { 0.0 });
            let values = to.values.add((block * GROUP + lane) * BLOCK);
            S::store_bytes(values, S::mul(a, inverse));
            S::store_bytes(values.add(LANES), S::mul(b, inverse));
            let mut whole = 0;
            for at in 0..BLOCK {
                whole += i32::from(*values.add(at));
            }
            let info = to.infos.add(block);
            (*info).scales[lane] = scale;
            (*info).offsets[lane] = -128 * whole;
            (*info).sums[lane] = -scale * whole as f32;
        }
    }
}

/// Where a product is written: one row of `width` floats per token, this matrix from column `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) to: *mut f32,
    pub(crate) width: usize,
    pub(crate) column: usize,
}

// SAFETY: threads write into different columns.
unsafe impl Send for Target {}
// SAFETY: the same.
unsafe impl Sync for Target {}

/// What a matrix is multiplied with: single floats where its weights are, else rounded activations.
#[derive(Clone, Copy)]
pub(crate) struct Input {
    pub(crate) rounded: ActivationPointers,
    /// Token by token, as wide as the matrix.
    pub(crate) floats: *const f32,
}

// SAFETY: only read.
unsafe impl Send for Input {}
// SAFETY: the same.
unsafe impl Sync for Input {}

/// Multiplies all tokens with some panels.
///
/// # Safety
/// `S` is there; the activations are rounded and as wide as the matrix; `target` has a row of its width for each token, with
/// room for the matrix's rows, and nobody else uses the columns of these panels.
#[inline(always)]
pub(crate) unsafe fn multiply<S: Simd>(
    matrix: &Matrix,
    panels: std::ops::Range<usize>,
    input: Input,
    target: Target,
) {
    // SAFETY: as the caller promises.
    unsafe {
        match matrix.form {
            Form::Bytes => tiles::<S, false>(matrix, panels, input.rounded, target),
            Form::Nibbles => tiles::<S, true>(matrix, panels, input.rounded, target),
            Form::Floats => {
                for panel in panels {
                    for token in 0..input.rounded.tokens {
                        let from = input.floats.add(token * matrix.columns);
                        let weights = matrix.floats.as_ptr().add(panel * matrix.columns * LANES);
                        let mut sum = S::splat(0.0);
                        for column in 0..matrix.columns {
                            let weight = S::load(weights.add(column * LANES));
                            sum = S::fma(S::splat(*from.add(column)), weight, sum);
                        }
                        put::<S>(matrix, panel, token, target, sum);
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn tiles<S: Simd, const NIBBLES: bool>(
    matrix: &Matrix,
    panels: std::ops::Range<usize>,
    with: ActivationPointers,
    target: Target,
) {
    for panel in panels {
        let mut token = 0;
        // SAFETY: tiles lie inside the tokens, and inside their groups.
        unsafe {
            while S::WIDE && token + 8 <= with.tokens {
                tile::<S, NIBBLES, 8>(matrix, panel, with, token, target);
                token += 8;
            }
            while S::WIDE && token + 4 <= with.tokens {
                tile::<S, NIBBLES, 4>(matrix, panel, with, token, target);
                token += 4;
            }
            while token + 2 <= with.tokens {
                tile::<S, NIBBLES, 2>(matrix, panel, with, token, target);
                token += 2;
            }
            if token < with.tokens {
                tile::<S, NIBBLES, 1>(matrix, panel, with, token, target);
            }
        }
    }
}

/// `M` tokens with one panel.
#[inline(always)]
unsafe fn tile<S: Simd, const NIBBLES: bool, const M: usize>(
    matrix: &Matrix,
    panel: usize,
    with: ActivationPointers,
    token: usize,
    target: Target,
) {
    let blocks = matrix.columns / BLOCK;
    let vectors = if NIBBLES { Form::Nibbles } else { Form::Bytes }.vectors();
    let (group, lane) = (token / GROUP, token % GROUP);
    // SAFETY: the matrix has `blocks` blocks in each panel, the activations in each group.
    unsafe {
        let mut weights = matrix.weights.as_ptr().add(panel * blocks * vectors).cast::<u8>();
        let mut scales = matrix.scales.as_ptr().add(panel * blocks * LANES);
        let mut minima = matrix.minima.as_ptr().wrapping_add(panel * blocks * LANES);
        let mut values = with.values.add((group * blocks * GROUP + lane) * BLOCK).cast_const();
        let mut info = with.infos.add(group * blocks).cast_const();
        let mut sums = [S::splat(0.0); M];
        for _ in 0..blocks {
            let mut whole = [S::splat_int(0); M];
            // A single token has nothing else to wait with: two sums hide each other's latency.
            let mut second = S::splat_int(0);
            if M == 1 {
                // One token waits for memory alone: what comes next is fetched meanwhile.
                for line in 0..vectors {
                    S::prefetch(weights.wrapping_add(AHEAD + line * 4 * LANES));
                }
            }
            if NIBBLES {
                for vector in 0..4 {
                    let (lower, upper) = S::nibbles(weights.add(vector * 4 * LANES));
                    for m in 0..M {
                        whole[m] = S::dot_nibbles(whole[m], lower, values.add(m * BLOCK + vector * 4));
                    }
                    if M == 1 {
                        second = S::dot_nibbles(second, upper, values.add(16 + vector * 4));
                    } else {
                        for m in 0..M {
                            whole[m] =
                                S::dot_nibbles(whole[m], upper, values.add(m * BLOCK + 16 + vector * 4));
                        }
                    }
                }
                let minimum = S::load_half(minima);
                for m in 0..M {
                    sums[m] = S::fma(minimum, S::splat((*info).sums[lane + m]), sums[m]);
                }
            } else {
                if S::OFFSET {
                    for m in 0..M {
                        whole[m] = S::splat_int((*info).offsets[lane + m]);
                    }
                }
                for vector in 0..8 {
                    let w = S::bytes(weights.add(vector * 4 * LANES));
                    if M == 1 && vector % 2 == 1 {
                        second = S::dot_bytes(second, w, values.add(vector * 4));
                    } else {
                        for m in 0..M {
                            whole[m] = S::dot_bytes(whole[m], w, values.add(m * BLOCK + vector * 4));
                        }
                    }
                }
            }
            if M == 1 {
                whole[0] = S::add_ints(whole[0], second);
            }
            let scale = S::load_half(scales);
            for m in 0..M {
                let scale = S::mul(scale, S::splat((*info).scales[lane + m]));
                sums[m] = S::fma(S::to_floats(whole[m]), scale, sums[m]);
            }
            values = values.add(GROUP * BLOCK);
            info = info.add(1);
            weights = weights.add(vectors * 4 * LANES);
            scales = scales.add(LANES);
            minima = minima.wrapping_add(LANES);
        }
        for m in 0..M {
            put::<S>(matrix, panel, token + m, target, sums[m]);
        }
    }
}

/// Writes a token's sums with a panel.
#[inline(always)]
unsafe fn put<S: Simd>(matrix: &Matrix, panel: usize, token: usize, target: Target, sums: S::Floats) {
    // SAFETY: the target has room for the matrix's rows; no more are written.
    unsafe {
        let to = target.to.add(token * target.width + target.column + panel * LANES);
        let rows = matrix.rows - panel * LANES;
        if rows >= LANES {
            return S::store(to, sums);
        }
        let mut lanes = [0f32; LANES];
        S::store(lanes.as_mut_ptr(), sums);
        std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, rows);
    }
}
