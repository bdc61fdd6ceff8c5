//! Whether a model fits, told before it is loaded: a machine that starts to swap is worse than a clear refusal.

use std::path::Path;

use crate::GenerateError;

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

/// Refuses a model whose weights (the file, and 30 % for tables and repacked copies) and cache do not fit.
pub(crate) fn check_fits(
    path: &Path,
    file_bytes: u64,
    cache_bytes: u64,
    available: Option<u64>,
) -> Result<(), GenerateError> {
    let needed = file_bytes.saturating_add(file_bytes / 10 * 3).saturating_add(cache_bytes);
    match available {
        Some(available) if needed > available => {
            Err(GenerateError::NotEnoughMemory { path: path.to_owned(), needed, available })
        }
        _ => Ok(()),
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
        let check = |file, cache, available, fits| {
            assert_eq!(
                check_fits(Path::new("m.gguf"), file, cache, available).is_ok(),
                fits,
                "{file} {cache}"
            );
        };
        check(100, 20, Some(150), true);
        check(100, 21, Some(150), false);
        check(u64::MAX, u64::MAX, Some(u64::MAX - 1), false);
        check(u64::MAX, 0, None, true);
        let error =
            check_fits(Path::new("m.gguf"), 10 << 30, 1 << 30, Some(4 << 30)).map_err(|e| e.to_string());
        assert!(
            matches!(&error, Err(text) if text.contains("m.gguf") && text.contains("14336 MiB") && text.contains("4096 MiB")),
            "{error:?}"
        );
    }
}
