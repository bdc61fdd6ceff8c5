//! What both test programs use.

use std::path::PathBuf;

use citadel_core::TextRecognizer;
use citadel_core::fakes::FakeRecognizer;
use citadel_parse::OcrFiles;

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

/// What the child of these tests recognises text with: a fake, which reads black bars.
pub fn open_recognizer(files: &OcrFiles) -> Result<Box<dyn TextRecognizer>, String> {
    match files.detector.to_str() {
        Some("missing") => Err("its files are missing".to_owned()),
        Some("abort") => std::process::abort(),
        _ => Ok(Box::new(FakeRecognizer)),
    }
}
