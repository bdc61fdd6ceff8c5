use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks long work to end. Cheap to clone; all clones are one flag. Long work looks at it per file, page, batch and
/// token, and ends with what is committed. Being stopped is a result, not an error.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag; it is never lowered again.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is raised.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
