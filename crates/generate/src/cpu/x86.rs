//! x86-64: AVX-512 with VNNI, AVX2 with VNNI, and AVX2.

use std::arch::x86_64::*;

use half::f16;

use super::simd::Simd;

/// AVX-512 F, BW, VL and VNNI: one register per vector, four products per lane and instruction.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

/// The four activations at `with`, as one integer.
#[inline(always)]
unsafe fn four(with: *const i8) -> i32 {
    // SAFETY: the caller promises four activations.
    unsafe { with.cast::<i32>().read_unaligned() }
}

// SAFETY (of all blocks below): the caller of a kernel has made sure that the instruction set is there; pointers are valid
// as the trait says.
impl Simd for Avx512 {
    type Floats = __m512;
    type Ints = __m512i;
    type Bytes = __m512i;
    type Nibbles = __m512i;

    const WIDE: bool = true;
    const OFFSET: bool = true;

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const f16) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, value: __m512) {
        unsafe { _mm512_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, value: __m512) {
        unsafe { _mm_storeu_si128(to.cast(), _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(value))) }
    }

    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn abs(a: __m512) -> __m512 {
        unsafe { _mm512_abs_ps(a) }
    }

    #[inline(always)]
    unsafe fn round(a: __m512) -> __m512 {
        unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT }>(a) }
    }

    #[inline(always)]
    unsafe fn pow2(a: __m512) -> __m512 {
        unsafe { _mm512_scalef_ps(_mm512_set1_ps(1.0), a) }
    }

    #[inline(always)]
    unsafe fn total(a: __m512) -> f32 {
        unsafe { _mm512_reduce_add_ps(a) }
    }

    #[inline(always)]
    unsafe fn largest(a: __m512) -> f32 {
        unsafe { _mm512_reduce_max_ps(a) }
    }

    #[inline(always)]
    unsafe fn splat_int(value: i32) -> __m512i {
        unsafe { _mm512_set1_epi32(value) }
    }

    #[inline(always)]
    unsafe fn add_ints(a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_add_epi32(a, b) }
    }

    #[inline(always)]
    unsafe fn to_floats(a: __m512i) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(a) }
    }

    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> __m512i {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn nibbles(from: *const u8) -> (__m512i, __m512i) {
        unsafe {
            let both = _mm512_loadu_si512(from.cast());
            let lower = _mm512_set1_epi8(15);
            (_mm512_and_si512(both, lower), _mm512_and_si512(_mm512_srli_epi16::<4>(both), lower))
        }
    }

    #[inline(always)]
    unsafe fn dot_bytes(sum: __m512i, weights: __m512i, with: *const i8) -> __m512i {
        unsafe { _mm512_dpbusd_epi32(sum, weights, _mm512_set1_epi32(four(with))) }
    }

    #[inline(always)]
    unsafe fn dot_nibbles(sum: __m512i, weights: __m512i, with: *const i8) -> __m512i {
        unsafe { Self::dot_bytes(sum, weights, with) }
    }
}

/// Two registers of 256 bits.
pub(crate) type Pair<T> = [T; 2];

/// AVX2, FMA and F16C; `VNNI` where the processor multiplies four bytes at once.
#[derive(Clone, Copy)]
pub(crate) struct Avx2<const VNNI: bool>;

#[inline(always)]
unsafe fn loads(from: *const u8) -> Pair<__m256i> {
    unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())] }
}

/// The same for both registers. No function: what is called here must be compiled for the instruction set of the kernel
/// around it, which a closure is not.
macro_rules! pair {
    ($value:ident => $one:expr) => {{
        let [first, second] = $value;
        [
            {
                let $value = first;
                $one
            },
            {
                let $value = second;
                $one
            },
        ]
    }};
    ($a:ident, $b:ident => $one:expr) => {{
        let ([a0, a1], [b0, b1]) = ($a, $b);
        [
            {
                let ($a, $b) = (a0, b0);
                $one
            },
            {
                let ($a, $b) = (a1, b1);
                $one
            },
        ]
    }};
}

impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type Floats = Pair<__m256>;
    type Ints = Pair<__m256i>;
    type Bytes = Pair<__m256i>;
    type Nibbles = Pair<__m256i>;

    const WIDE: bool = false;
    const OFFSET: bool = VNNI;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Floats {
        unsafe { [_mm256_set1_ps(value); 2] }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::Floats {
        unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const f16) -> Self::Floats {
        unsafe {
            [
                _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
                _mm256_cvtph_ps(_mm_loadu_si128(from.add(8).cast())),
            ]
        }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, value: Self::Floats) {
        unsafe {
            _mm256_storeu_ps(to, value[0]);
            _mm256_storeu_ps(to.add(8), value[1]);
        }
    }

    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, value: Self::Floats) {
        unsafe {
            let ints = pair!(value => _mm256_cvtps_epi32(value));
            // Packing works within halves of a register: 0 2 1 3 puts them in order again.
            let words = _mm256_permute4x64_epi64::<0b1101_1000>(_mm256_packs_epi32(ints[0], ints[1]));
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }

    #[inline(always)]
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { pair!(a, b => _mm256_add_ps(a, b)) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { pair!(a, b => _mm256_sub_ps(a, b)) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { pair!(a, b => _mm256_mul_ps(a, b)) }
    }

    #[inline(always)]
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { pair!(a, b => _mm256_div_ps(a, b)) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        unsafe { pair!(a, b => _mm256_max_ps(a, b)) }
    }

    #[inline(always)]
    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        unsafe { pair!(a => _mm256_andnot_ps(_mm256_set1_ps(-0.0), a)) }
    }

    #[inline(always)]
    unsafe fn round(a: Self::Floats) -> Self::Floats {
        unsafe { pair!(a => _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a)) }
    }

    #[inline(always)]
    unsafe fn pow2(a: Self::Floats) -> Self::Floats {
        unsafe {
            pair!(a => {
                let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(a), _mm256_set1_epi32(127));
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
            })
        }
    }

    #[inline(always)]
    unsafe fn total(a: Self::Floats) -> f32 {
        unsafe {
            let eight = _mm256_add_ps(a[0], a[1]);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn largest(a: Self::Floats) -> f32 {
        unsafe {
            let eight = _mm256_max_ps(a[0], a[1]);
            let four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        unsafe { [_mm256_set1_epi32(value); 2] }
    }

    #[inline(always)]
    unsafe fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints {
        unsafe { pair!(a, b => _mm256_add_epi32(a, b)) }
    }

    #[inline(always)]
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        unsafe { pair!(a => _mm256_cvtepi32_ps(a)) }
    }

    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> Self::Bytes {
        let stored = unsafe { loads(from) };
        if VNNI {
            stored
        } else {
            unsafe { pair!(stored => _mm256_xor_si256(stored, _mm256_set1_epi8(-128))) }
        }
    }

    #[inline(always)]
    unsafe fn nibbles(from: *const u8) -> (Self::Nibbles, Self::Nibbles) {
        unsafe {
            let stored = loads(from);
            let lower = _mm256_set1_epi8(15);
            (
                pair!(stored => _mm256_and_si256(stored, lower)),
                pair!(stored => _mm256_and_si256(_mm256_srli_epi16::<4>(stored), lower)),
            )
        }
    }

    #[inline(always)]
    unsafe fn dot_bytes(sum: Self::Ints, weights: Self::Bytes, with: *const i8) -> Self::Ints {
        unsafe {
            if VNNI {
                return Self::dot_nibbles(sum, weights, with);
            }
            // The instruction takes one operand without sign: the sign goes over to the activations.
            let with = _mm256_set1_epi32(four(with));
            pair!(sum, weights => {
                let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(with, weights));
                _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
            })
        }
    }

    #[inline(always)]
    unsafe fn dot_nibbles(sum: Self::Ints, weights: Self::Nibbles, with: *const i8) -> Self::Ints {
        unsafe {
            let with = _mm256_set1_epi32(four(with));
            pair!(sum, weights => {
                if VNNI {
                    _mm256_dpbusd_avx_epi32(sum, weights, with)
                } else {
                    let pairs = _mm256_maddubs_epi16(weights, with);
                    _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
                }
            })
        }
    }
}
