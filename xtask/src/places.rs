//! Where things lie: outside the checkout, so that a fresh clone finds what an earlier one made.

use std::path::{Path, PathBuf};

use crate::run::Result;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| ".".into(), Path::to_path_buf)
}

/// Downloads, the Python environment, the build.
pub(crate) fn cache() -> Result<PathBuf> {
    Ok(base("XDG_CACHE_HOME", ".cache")?.join("citadel"))
}

/// cargo's target folder.
pub(crate) fn target() -> Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => Ok(dir.into()),
        None => Ok(cache()?.join("target")),
    }
}

/// The model pack.
pub(crate) fn models() -> Result<PathBuf> {
    match std::env::var_os("CITADEL_MODELS") {
        Some(dir) => Ok(dir.into()),
        None => Ok(base("XDG_DATA_HOME", ".local/share")?.join("citadel/models")),
    }
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os(variable) {
        return Ok(dir.into());
    }
    let home = std::env::var_os("HOME").ok_or_else(|| format!("neither {variable} nor HOME is set"))?;
    Ok(PathBuf::from(home).join(below_home))
}
