//! Kernels for the processor: products with packed weights, attention over a cache in half floats, and the little between
//! them. Each is written once over [`simd::Simd`] and compiled for every instruction set; which one runs is
//! found out at run time.
//!
//! candle's own kernels are not used here: for rows of 576 numbers its repacked ones do not apply, and its attention
//! reads the cache in single floats (docs/performance.md has the figures).

#[expect(clippy::needless_range_loop, reason = "indexes of registers, unrolled")]
pub(crate) mod attention;
mod backend;
pub(crate) mod matrix;
#[cfg(target_arch = "aarch64")]
mod neon;
#[expect(clippy::needless_range_loop, reason = "indexes of registers, unrolled")]
pub(crate) mod product;
pub(crate) mod rows;
mod scalar;
mod simd;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;
use std::sync::OnceLock;

pub(crate) use backend::Cpu;

use crate::family::Activation;

use attention::{Cache, Queries, Scratch, View};
use matrix::Matrix;
use product::{ActivationPointers, Input, Target};

/// Instruction sets for which there are kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstructionSet {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "aarch64")]
    NeonDot,
}

impl InstructionSet {
    /// Everything that this processor has, the fastest last.
    pub(crate) fn available() -> Vec<InstructionSet> {
        #[allow(unused_mut, reason = "some processors have nothing more")]
        let mut found = vec![InstructionSet::Scalar];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("f16c")
        {
            found.push(InstructionSet::Avx2);
            if is_x86_feature_detected!("avxvnni") {
                found.push(InstructionSet::AvxVnni);
            }
            if is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni")
            {
                found.push(InstructionSet::Avx512Vnni);
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            found.push(InstructionSet::Neon);
            if std::arch::is_aarch64_feature_detected!("dotprod") {
                found.push(InstructionSet::NeonDot);
            }
        }
        found
    }

    /// The fastest that this processor has.
    pub(crate) fn best() -> InstructionSet {
        static BEST: OnceLock<InstructionSet> = OnceLock::new();
        *BEST.get_or_init(|| InstructionSet::available().pop().unwrap_or(InstructionSet::Scalar))
    }
}

/// Defines a function that runs a generic kernel on the given instruction set.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident = $module:ident::$generic:ident, ($($argument:ident: $kind:ty),*)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "those of the kernel")]
        unsafe fn $name(set: InstructionSet, $($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c")]
            unsafe fn avx2($($argument: $kind),*) {
                // SAFETY: as the caller promises.
                unsafe { $module::$generic::<x86::Avx2<false>>($($argument),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c,avxvnni")]
            unsafe fn avx_vnni($($argument: $kind),*) {
                // SAFETY: as the caller promises.
                unsafe { $module::$generic::<x86::Avx2<true>>($($argument),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni")]
            unsafe fn avx512($($argument: $kind),*) {
                // SAFETY: as the caller promises.
                unsafe { $module::$generic::<x86::Avx512>($($argument),*) }
            }
            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            unsafe fn neon($($argument: $kind),*) {
                // SAFETY: as the caller promises.
                unsafe { $module::$generic::<neon::Neon<false>>($($argument),*) }
            }
            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon,dotprod")]
            unsafe fn neon_dot($($argument: $kind),*) {
                // SAFETY: as the caller promises.
                unsafe { $module::$generic::<neon::Neon<true>>($($argument),*) }
            }
            // SAFETY: sets come from `InstructionSet::available`; the rest is the caller's promise.
            unsafe {
                match set {
                    InstructionSet::Scalar => $module::$generic::<scalar::Scalar>($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    InstructionSet::Avx2 => avx2($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    InstructionSet::AvxVnni => avx_vnni($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    InstructionSet::Avx512Vnni => avx512($($argument),*),
                    #[cfg(target_arch = "aarch64")]
                    InstructionSet::Neon => neon($($argument),*),
                    #[cfg(target_arch = "aarch64")]
                    InstructionSet::NeonDot => neon_dot($($argument),*),
                }
            }
        }
    };
}

kernel!(round_token = product::round_token, (to: ActivationPointers, token: usize, from: &[f32]));
kernel!(multiply_panels = product::multiply, (matrix: &Matrix, panels: Range<usize>, input: Input, target: Target));
kernel!(attend = attention::attend, (cache: &Cache, queries: Queries, view: View, head: usize, tokens: Range<usize>, to: *mut f32, scratch: &mut Scratch));
kernel!(norm_rows = rows::rms_norm, (from: &[f32], weight: &[f32], epsilon: f32, to: &mut [f32]));
kernel!(gate_rows = rows::gate, (gate: &[f32], up: &[f32], activation: Activation, to: &mut [f32]));
