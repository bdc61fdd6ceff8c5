//! 64-bit ARM: NEON, and its four-byte products where the processor has them.

use std::arch::aarch64::*;
use std::arch::asm;

use half::f16;

use super::simd::Simd;

/// Four registers of 128 bits.
type Four<T> = [T; 4];

/// NEON; `DOT` where the processor multiplies four bytes at once.
#[derive(Clone, Copy)]
pub(crate) struct Neon<const DOT: bool>;

/// The same for all four registers. No function: what is called here must be compiled for the instruction set of the kernel
/// around it, which a closure is not.
macro_rules! four {
    ($($value:ident),+ => $one:expr) => {{
        [four!(@ 0, $($value),+ => $one), four!(@ 1, $($value),+ => $one),
         four!(@ 2, $($value),+ => $one), four!(@ 3, $($value),+ => $one)]
    }};
    (@ $at:literal, $($value:ident),+ => $one:expr) => {{
        $(let $value = $value[$at];)+
        $one
    }};
}

/// Four half floats as single ones. The intrinsic for it is not stable yet.
#[inline(always)]
unsafe fn widen(from: *const f16) -> float32x4_t {
    // SAFETY: the caller promises four; the instruction is in every 64-bit ARM processor.
    unsafe {
        let halves = vld1_u16(from.cast());
        let wide: float32x4_t;
        asm!("fcvtl {0:v}.4s, {1:v}.4h", out(vreg) wide, in(vreg) halves, options(pure, nomem, nostack));
        wide
    }
}

/// Adds to each of four rows the products of its four weights and the four activations in every row of `with`.
#[inline(always)]
unsafe fn dot<const DOT: bool>(sum: int32x4_t, weights: int8x16_t, with: int8x16_t) -> int32x4_t {
    // SAFETY: only arithmetic; `DOT` says that the instruction is there.
    unsafe {
        if DOT {
            let mut sum = sum;
            asm!(
                ".arch_extension dotprod",
                "sdot {0:v}.4s, {1:v}.16b, {2:v}.16b",
                inout(vreg) sum, in(vreg) weights, in(vreg) with,
                options(pure, nomem, nostack)
            );
            return sum;
        }
        let low = vpaddlq_s16(vmull_s8(vget_low_s8(weights), vget_low_s8(with)));
        let high = vpaddlq_s16(vmull_high_s8(weights, with));
        vaddq_s32(sum, vpaddq_s32(low, high))
    }
}

// SAFETY (of all blocks below): the caller of a kernel has made sure that the instruction set is there; pointers are valid
// as the trait says.
impl<const DOT: bool> Simd for Neon<DOT> {
    type Floats = Four<float32x4_t>;
    type Ints = Four<int32x4_t>;
    type Bytes = Four<int8x16_t>;
    type Nibbles = Four<int8x16_t>;

    const WIDE: bool = false;
    const OFFSET: bool = false;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Floats {
        unsafe { [vdupq_n_f32(value); 4] }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::Floats {
        unsafe { [vld1q_f32(from), vld1q_f32(from.add(4)), vld1q_f32(from.add(8)), vld1q_f32(from.add(12))] }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const f16) -> Self::Floats {
        unsafe { [widen(from), widen(from.add(4)), widen(from.add(8)), widen(from.add(12))] }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, value: Self::Floats) {
        unsafe {
            vst1q_f32(to, value[0]);
            vst1q_f32(to.add(4), value[1]);
            vst1q_f32(to.add(8), value[2]);
            vst1q_f32(to.add(12), value[3]);
        }
    }

    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, value: Self::Floats) {
        unsafe {
            let [a, b, c, d] = four!(value => vqmovn_s32(vcvtnq_s32_f32(value)));
            let (low, high) = (vqmovn_s16(vcombine_s16(a, b)), vqmovn_s16(vcombine_s16(c, d)));
            vst1q_s8(to, vcombine_s8(low, high));
        }
    }

    #[inline(always)]
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { four!(a, b => vaddq_f32(a, b)) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { four!(a, b => vsubq_f32(a, b)) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { four!(a, b => vmulq_f32(a, b)) }
    }

    #[inline(always)]
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { four!(a, b => vdivq_f32(a, b)) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        unsafe { four!(a, b, c => vfmaq_f32(c, a, b)) }
    }

    #[inline(always)]
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // Not `vmaxq_f32`, which lets what is no number through from either side.
        unsafe { four!(a, b => vbslq_f32(vcgtq_f32(a, b), a, b)) }
    }

    #[inline(always)]
    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        unsafe { four!(a => vabsq_f32(a)) }
    }

    #[inline(always)]
    unsafe fn round(a: Self::Floats) -> Self::Floats {
        unsafe { four!(a => vrndnq_f32(a)) }
    }

    #[inline(always)]
    unsafe fn pow2(a: Self::Floats) -> Self::Floats {
        unsafe {
            four!(a => {
                let exponent = vaddq_s32(vcvtq_s32_f32(a), vdupq_n_s32(127));
                vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
            })
        }
    }

    #[inline(always)]
    unsafe fn total(a: Self::Floats) -> f32 {
        unsafe { vaddvq_f32(vaddq_f32(vaddq_f32(a[0], a[1]), vaddq_f32(a[2], a[3]))) }
    }

    #[inline(always)]
    unsafe fn largest(a: Self::Floats) -> f32 {
        unsafe { vmaxnmvq_f32(vmaxnmq_f32(vmaxnmq_f32(a[0], a[1]), vmaxnmq_f32(a[2], a[3]))) }
    }

    #[inline(always)]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        unsafe { [vdupq_n_s32(value); 4] }
    }

    #[inline(always)]
    unsafe fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints {
        unsafe { four!(a, b => vaddq_s32(a, b)) }
    }

    #[inline(always)]
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        unsafe { four!(a => vcvtq_f32_s32(a)) }
    }

    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        unsafe { asm!("prfm pldl1strm, [{0}]", in(reg) at, options(nostack, readonly)) }
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> Self::Bytes {
        unsafe {
            let stored =
                [vld1q_u8(from), vld1q_u8(from.add(16)), vld1q_u8(from.add(32)), vld1q_u8(from.add(48))];
            four!(stored => vreinterpretq_s8_u8(veorq_u8(stored, vdupq_n_u8(0x80))))
        }
    }

    #[inline(always)]
    unsafe fn nibbles(from: *const u8) -> (Self::Nibbles, Self::Nibbles) {
        unsafe {
            let stored =
                [vld1q_u8(from), vld1q_u8(from.add(16)), vld1q_u8(from.add(32)), vld1q_u8(from.add(48))];
            (
                four!(stored => vreinterpretq_s8_u8(vandq_u8(stored, vdupq_n_u8(15)))),
                four!(stored => vreinterpretq_s8_u8(vshrq_n_u8::<4>(stored))),
            )
        }
    }

    #[inline(always)]
    unsafe fn dot_bytes(sum: Self::Ints, weights: Self::Bytes, with: *const i8) -> Self::Ints {
        unsafe {
            let with = vreinterpretq_s8_s32(vdupq_n_s32(with.cast::<i32>().read_unaligned()));
            four!(sum, weights => dot::<DOT>(sum, weights, with))
        }
    }

    #[inline(always)]
    unsafe fn dot_nibbles(sum: Self::Ints, weights: Self::Nibbles, with: *const i8) -> Self::Ints {
        unsafe { Self::dot_bytes(sum, weights, with) }
    }
}
