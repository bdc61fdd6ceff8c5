//! What tells one state of a file from another: size, time, and the hash of its bytes.

use std::io::Read;
use std::path::Path;

use citadel_core::StopFlag;
use sha2::{Digest, Sha256};

/// What identifies the state of a file.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub size: u64,
    pub modified_ns: i64,
    /// Hexadecimal; empty where it is no regular file.
    pub sha256: String,
}

/// Size in bytes and last change, nanoseconds since 1970.
pub(crate) fn state_of(meta: &std::fs::Metadata) -> (u64, i64) {
    let modified = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    (meta.len(), modified.and_then(|d| i64::try_from(d.as_nanos()).ok()).unwrap_or(0))
}

/// Reads the whole file; once `halt` is raised, what was read so far.
pub(crate) fn stamp(path: &Path, halt: &StopFlag) -> std::io::Result<Stamp> {
    let meta = std::fs::metadata(path)?;
    let (size, modified_ns) = state_of(&meta);
    if !meta.is_file() {
        // The parser says what is wrong with it.
        return Ok(Stamp { size: 0, modified_ns, sha256: String::new() });
    }
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 || halt.is_stopped() {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(Stamp { size, modified_ns, sha256: crate::models::hex(&hash.finalize()) })
}
