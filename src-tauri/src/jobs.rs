//! Long work that runs, by the ids that the window gave it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use citadel_core::StopFlag;

/// The flags of long work. An id is known from the first word about it, so that a stop may come before its work.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<HashMap<String, StopFlag>>);

impl Jobs {
    /// The flag of a job.
    pub fn flag(&self, job: &str) -> StopFlag {
        self.jobs().entry(job.to_owned()).or_default().clone()
    }

    /// Stops all work, what is paused too.
    pub fn stop_all(&self) {
        self.jobs().values().for_each(StopFlag::stop);
    }

    /// Forgets a job that has ended.
    pub fn end(&self, job: &str) {
        self.jobs().remove(job);
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, StopFlag>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
