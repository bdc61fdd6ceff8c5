//! Whether a model fits, told before it is loaded: a machine that starts to swap is worse than a clear refusal.

use std::path::Path;

use serde::Serialize;

use crate::GenerateError;
use crate::cpu::matrix::{Form, Matrix};
use crate::family::Shape;
use crate::gguf::Gguf;

/// Bytes that a program can take now without swapping; `None` where the system does not say.
pub(crate) fn available() -> Option<u64> {
    meminfo_available(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// `MemAvailable` of a Linux `/proc/meminfo`, in bytes.
fn meminfo_available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// What a model takes of the memory, before it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MemoryNeed {
    /// Bytes of weights as they are kept for the processor, whose kernels want 4, 8 or 32 bits a number, whatever the file has.
    pub weights: WeightBytes,
    /// Bytes that loading takes at most, with the key-value cache of a full context; estimated.
    pub needed: u64,
    /// Bytes that a program can take now without swapping; `None` where the system does not say.
    pub available: Option<u64>,
    /// Whether it fits; `true` where the system does not say.
    pub fits: bool,
}

/// Bytes of weights by their form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WeightBytes {
    /// 4 bits a number, a scale and a minimum for every 32.
    pub four_bits: u64,
    /// 8 bits a number, a scale for every 32.
    pub eight_bits: u64,
    /// Single floats.
    pub floats: u64,
}

impl MemoryNeed {
    fn new(weights: WeightBytes, needed: u64, available: Option<u64>) -> Self {
        Self { weights, needed, available, fits: available.is_none_or(|a| needed <= a) }
    }

    /// Reads the header of a GGUF file.
    ///
    /// # Errors
    /// Those of a file that cannot be read or that would not be run.
    pub fn of(path: &Path) -> Result<Self, GenerateError> {
        let mut gguf = Gguf::open(path)?;
        let shape = Shape::read(&mut gguf)?;
        Ok(Self::of_shape(&gguf, &shape))
    }

    /// Packed weights, the largest tensor as it comes from the file, and the cache.
    pub(crate) fn of_shape(gguf: &Gguf, shape: &Shape) -> Self {
        let (mut weights, mut largest) = (WeightBytes::default(), 0u64);
        for (kind, dimensions) in gguf.tensors() {
            let numbers = dimensions.iter().fold(1u64, |n, &d| n.saturating_mul(d as u64));
            let stored = numbers / kind.block_size() as u64 * kind.type_size() as u64;
            let (form, packed) = match dimensions {
                [rows, columns] => Matrix::packed_bytes(kind, *rows, *columns),
                _ => (Form::Floats, numbers.saturating_mul(4)),
            };
            let sum = match form {
                Form::Floats => &mut weights.floats,
                Form::Bytes => &mut weights.eight_bits,
                Form::Nibbles => &mut weights.four_bits,
            };
            *sum = sum.saturating_add(packed);
            largest = largest.max(stored);
        }
        let kept = [weights.four_bits, weights.eight_bits, weights.floats, largest, shape.cache_bytes()];
        Self::new(weights, kept.into_iter().fold(0, u64::saturating_add), available())
    }

    /// Refuses a model that does not fit.
    pub(crate) fn check(self, path: &Path) -> Result<(), GenerateError> {
        match self.available {
            Some(available) if !self.fits => {
                Err(GenerateError::NotEnoughMemory { path: path.to_owned(), needed: self.needed, available })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_read_in_bytes_and_nonsense_is_no_answer() {
        let check = |text: &str, expected| assert_eq!(meminfo_available(text), expected, "{text:?}");
        check("MemTotal: 9 kB\nMemAvailable:    2048 kB\n", Some(2048 * 1024));
        check("MemTotal: 9 kB\n", None);
        check("MemAvailable: many kB\n", None);
        check("MemAvailable: 18446744073709551615 kB\n", None);
    }

    #[test]
    fn a_model_that_does_not_fit_is_refused_with_figures() {
        let check = |needed, available, fits| {
            let need = MemoryNeed::new(WeightBytes::default(), needed, available);
            assert_eq!((need.fits, need.check(Path::new("m.gguf")).is_ok()), (fits, fits), "{needed}");
        };
        check(150, Some(150), true);
        check(151, Some(150), false);
        check(u64::MAX, None, true);
        let need = MemoryNeed::new(WeightBytes::default(), 14 << 30, Some(4 << 30));
        let error = need.check(Path::new("m.gguf")).map_err(|e| e.to_string());
        assert!(
            matches!(&error, Err(text) if text.contains("m.gguf") && text.contains("14336 MiB") && text.contains("4096 MiB")),
            "{error:?}"
        );
    }
}
