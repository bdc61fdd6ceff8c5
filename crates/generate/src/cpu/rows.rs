//! What happens to single rows of numbers between the matrices.

use crate::family::Activation;

use super::simd::{LANES, Simd, exp};

/// Reads up to 16 floats; the rest is 0.
#[inline(always)]
unsafe fn load_some<S: Simd>(from: *const f32, count: usize) -> S::Floats {
    // SAFETY: `from` has `count` floats.
    unsafe {
        if count >= LANES {
            return S::load(from);
        }
        let mut lanes = [0f32; LANES];
        std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
        S::load(lanes.as_ptr())
    }
}

#[inline(always)]
unsafe fn store_some<S: Simd>(to: *mut f32, value: S::Floats, count: usize) {
    // SAFETY: `to` has room for `count` floats.
    unsafe {
        if count >= LANES {
            return S::store(to, value);
        }
        let mut lanes = [0f32; LANES];
        S::store(lanes.as_mut_ptr(), value);
        std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, count);
    }
}

/// Root mean square normalisation (Zhang and Sennrich 2019) of each group of `weight.len()` numbers.
///
/// # Safety
/// `S` is there.
#[inline(always)]
pub(crate) unsafe fn rms_norm<S: Simd>(from: &[f32], weight: &[f32], epsilon: f32, to: &mut [f32]) {
    let width = weight.len();
    for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
        // SAFETY: all accesses lie in the two groups.
        unsafe {
            let mut squares = S::splat(0.0);
            for at in (0..width).step_by(LANES) {
                let x = load_some::<S>(from.as_ptr().add(at), width - at);
                squares = S::fma(x, x, squares);
            }
            let scale = S::splat(1.0 / (S::total(squares) / width as f32 + epsilon).sqrt());
            for at in (0..width).step_by(LANES) {
                let x = load_some::<S>(from.as_ptr().add(at), width - at);
                let w = load_some::<S>(weight.as_ptr().add(at), width - at);
                store_some::<S>(to.as_mut_ptr().add(at), S::mul(S::mul(x, scale), w), width - at);
            }
        }
    }
}

/// The gate, bent, times what it lets through.
///
/// # Safety
/// `S` is there; the slices have one length.
#[inline(always)]
pub(crate) unsafe fn gate<S: Simd>(gate: &[f32], up: &[f32], activation: Activation, to: &mut [f32]) {
    let count = to.len();
    for at in (0..count).step_by(LANES) {
        // SAFETY: all accesses lie in the slices.
        unsafe {
            let x = load_some::<S>(gate.as_ptr().add(at), count - at);
            let y = load_some::<S>(up.as_ptr().add(at), count - at);
            let bent = match activation {
                Activation::Silu => S::mul(x, sigmoid::<S>(x)),
                Activation::Gelu => {
                    // x · (1 + tanh z) / 2 = x · sigmoid(2z), z = √(2/π) · (x + 0.044715 x³).
                    let cubic = S::fma(S::mul(S::splat(0.044_715), S::mul(x, x)), x, x);
                    S::mul(x, sigmoid::<S>(S::mul(S::splat(1.595_769), cubic)))
                }
            };
            store_some::<S>(to.as_mut_ptr().add(at), S::mul(bent, y), count - at);
        }
    }
}

/// 1 / (1 + e^-x), with x bounded below so that nothing overflows.
#[inline(always)]
unsafe fn sigmoid<S: Simd>(x: S::Floats) -> S::Floats {
    // SAFETY: only arithmetic.
    unsafe {
        let minus = S::sub(S::splat(0.0), S::max(S::splat(-87.0), x));
        S::div(S::splat(1.0), S::add(S::splat(1.0), exp::<S>(minus)))
    }
}
