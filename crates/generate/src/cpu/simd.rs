//! What a kernel needs of a processor: sixteen lanes of floats, integers and packed weights. The kernels are written once
//! over this trait; each instruction set implements it in a file of its own, and [`run!`](crate::cpu::run) enters it.

use half::f16;

/// Lanes of every vector, and rows of a panel.
pub(crate) const LANES: usize = 16;

/// Sixteen lanes on one instruction set.
///
/// # Safety
/// Every function needs the instruction set to be there, and its pointers to be valid for what its comment says. Lanes are
/// read and written without any alignment.
pub(crate) trait Simd: Copy {
    /// 16 × f32.
    type Floats: Copy;
    /// 16 × i32.
    type Ints: Copy;
    /// 64 weights of 8 bits, four of each row.
    type Bytes: Copy;
    /// 64 weights of 4 bits, four of each row.
    type Nibbles: Copy;

    /// Whether a tile of 8 tokens × 16 rows fits the registers; 2 tokens do otherwise.
    const WIDE: bool;
    /// Whether [`Simd::dot_bytes`] takes weights as stored, which is 128 too much: the caller then starts from -128 · Σa.
    const OFFSET: bool;

    unsafe fn splat(value: f32) -> Self::Floats;
    /// Reads 16 floats.
    unsafe fn load(from: *const f32) -> Self::Floats;
    /// Reads 16 half floats.
    unsafe fn load_half(from: *const f16) -> Self::Floats;
    /// Writes 16 floats.
    unsafe fn store(to: *mut f32, value: Self::Floats);
    /// Writes 16 signed bytes: whole numbers to nearest. Values lie between -127 and 127.
    unsafe fn store_bytes(to: *mut i8, value: Self::Floats);
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// a · b + c.
    unsafe fn fma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// The larger; `b` where one is no number.
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn abs(a: Self::Floats) -> Self::Floats;
    /// The nearest whole number.
    unsafe fn round(a: Self::Floats) -> Self::Floats;
    /// 2 to the power of a whole number from -126 to 127.
    unsafe fn pow2(a: Self::Floats) -> Self::Floats;
    /// The sum of all lanes.
    unsafe fn total(a: Self::Floats) -> f32;
    /// The largest lane.
    unsafe fn largest(a: Self::Floats) -> f32;

    unsafe fn splat_int(value: i32) -> Self::Ints;
    unsafe fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats;
    /// Says that the cache line at `at` will be read; `at` may lie anywhere.
    unsafe fn prefetch(at: *const u8);
    /// Reads 64 weights of 8 bits, each stored as its value + 128.
    unsafe fn bytes(from: *const u8) -> Self::Bytes;
    /// Reads 64 bytes: 64 weights in their lower halves, 64 in their upper ones.
    unsafe fn nibbles(from: *const u8) -> (Self::Nibbles, Self::Nibbles);
    /// Adds to each row the products of its four weights and the four activations at `with`.
    unsafe fn dot_bytes(sum: Self::Ints, weights: Self::Bytes, with: *const i8) -> Self::Ints;
    /// The same for weights of 4 bits.
    unsafe fn dot_nibbles(sum: Self::Ints, weights: Self::Nibbles, with: *const i8) -> Self::Ints;
}

/// e to the power of each lane, by Cephes' `expf` (Moshier 1992): relative error below 2e-7, next to 0 below -87.
/// For x up to 88.
#[inline(always)]
pub(crate) unsafe fn exp<S: Simd>(x: S::Floats) -> S::Floats {
    // SAFETY: as the caller promises.
    unsafe {
        // In this order what is no number stays none.
        let x = S::max(S::splat(-87.33), x);
        let n = S::round(S::mul(x, S::splat(std::f32::consts::LOG2_E)));
        // ln 2 in two parts, so that nothing is lost in the product.
        let r = S::fma(n, S::splat(-0.693_359_4), x);
        let r = S::fma(n, S::splat(2.121_944_4e-4), r);
        let mut p = S::splat(1.987_569_1e-4);
        for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
            p = S::fma(p, r, S::splat(c));
        }
        let p = S::add(S::fma(p, S::mul(r, r), r), S::splat(1.0));
        S::mul(p, S::pow2(n))
    }
}
