//! What both test programs use.

use std::path::PathBuf;

/// A set of developer data beside the checkout, if it is there.
pub fn shared(set: &str) -> Option<PathBuf> {
    // Not by the path at compile time: checkouts share one target folder. Cargo runs tests in their package's folder.
    let root = std::env::var_os("CITADEL_SHARED").map_or("../../../shared".into(), PathBuf::from);
    let path = root.join("data").join(set);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no developer data at {}", path.display());
    None
}
