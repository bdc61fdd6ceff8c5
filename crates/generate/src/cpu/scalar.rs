//! The plain twin of every vector instruction: for processors without any that is known here, and what the others are
//! tested against.

use half::f16;

use super::simd::{LANES, Simd};

#[derive(Clone, Copy)]
pub(crate) struct Scalar;

fn each<T: Copy>(f: impl FnMut(usize) -> T) -> [T; LANES] {
    std::array::from_fn(f)
}

/// Four weights of each row with the same four activations.
fn dot(sum: [i32; LANES], weights: &[i32; 4 * LANES], with: *const i8) -> [i32; LANES] {
    // SAFETY: the caller promises four activations.
    let with: [i8; 4] = unsafe { with.cast::<[i8; 4]>().read_unaligned() };
    let mut sum = sum;
    for (sum, weights) in sum.iter_mut().zip(weights.chunks_exact(4)) {
        *sum += weights.iter().zip(with).map(|(w, a)| w * i32::from(a)).sum::<i32>();
    }
    sum
}

impl Simd for Scalar {
    type Floats = [f32; LANES];
    type Ints = [i32; LANES];
    type Bytes = [i32; 4 * LANES];
    type Nibbles = [i32; 4 * LANES];

    const WIDE: bool = false;
    const OFFSET: bool = false;

    unsafe fn splat(value: f32) -> Self::Floats {
        [value; LANES]
    }

    unsafe fn load(from: *const f32) -> Self::Floats {
        // SAFETY: the caller promises 16 floats.
        unsafe { from.cast::<[f32; LANES]>().read_unaligned() }
    }

    unsafe fn load_half(from: *const f16) -> Self::Floats {
        // SAFETY: the caller promises 16 half floats.
        unsafe { from.cast::<[f16; LANES]>().read_unaligned() }.map(f16::to_f32)
    }

    unsafe fn store(to: *mut f32, value: Self::Floats) {
        // SAFETY: the caller promises room for 16 floats.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(value) }
    }

    unsafe fn store_bytes(to: *mut i8, value: Self::Floats) {
        // SAFETY: the caller promises room for 16 bytes.
        unsafe { to.cast::<[i8; LANES]>().write_unaligned(value.map(|v| v.round_ties_even() as i8)) }
    }

    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each(|i| a[i] + b[i])
    }

    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each(|i| a[i] - b[i])
    }

    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each(|i| a[i] * b[i])
    }

    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each(|i| a[i] / b[i])
    }

    unsafe fn fma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        each(|i| a[i] * b[i] + c[i])
    }

    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }

    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        a.map(f32::abs)
    }

    unsafe fn round(a: Self::Floats) -> Self::Floats {
        a.map(f32::round_ties_even)
    }

    unsafe fn pow2(a: Self::Floats) -> Self::Floats {
        a.map(|n| f32::from_bits(((n as i32 + 127) as u32) << 23))
    }

    unsafe fn total(a: Self::Floats) -> f32 {
        a.iter().sum()
    }

    unsafe fn largest(a: Self::Floats) -> f32 {
        a.iter().fold(f32::NEG_INFINITY, |m, &x| m.max(x))
    }

    unsafe fn splat_int(value: i32) -> Self::Ints {
        [value; LANES]
    }

    unsafe fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints {
        each(|i| a[i] + b[i])
    }

    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        a.map(|n| n as f32)
    }

    unsafe fn prefetch(_: *const u8) {}

    unsafe fn bytes(from: *const u8) -> Self::Bytes {
        // SAFETY: the caller promises 64 bytes.
        unsafe { from.cast::<[u8; 4 * LANES]>().read_unaligned() }.map(|w| i32::from(w) - 128)
    }

    unsafe fn nibbles(from: *const u8) -> (Self::Nibbles, Self::Nibbles) {
        // SAFETY: the caller promises 64 bytes.
        let both = unsafe { from.cast::<[u8; 4 * LANES]>().read_unaligned() };
        (both.map(|b| i32::from(b & 15)), both.map(|b| i32::from(b >> 4)))
    }

    unsafe fn dot_bytes(sum: Self::Ints, weights: Self::Bytes, with: *const i8) -> Self::Ints {
        dot(sum, &weights, with)
    }

    unsafe fn dot_nibbles(sum: Self::Ints, weights: Self::Nibbles, with: *const i8) -> Self::Ints {
        dot(sum, &weights, with)
    }
}
