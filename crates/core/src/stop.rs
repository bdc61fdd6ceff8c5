use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Asks long work to end, or to wait. Cheap to clone; all clones are one flag. Long work looks at it per file, page,
/// batch and token, and ends with what is committed. Being stopped is a result, not an error.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<(Mutex<Wish>, Condvar)>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    GoOn,
    Wait,
    Stop,
}

impl StopFlag {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag; it is never lowered again. What waits goes on, to its end.
    pub fn stop(&self) {
        *self.wish() = Wish::Stop;
        self.0.1.notify_all();
    }

    /// Whether the flag is raised.
    pub fn is_stopped(&self) -> bool {
        *self.wish() == Wish::Stop
    }

    /// Asks work that can wait to do so until [`StopFlag::resume`]; what was stopped stays stopped.
    pub fn pause(&self) {
        let mut wish = self.wish();
        if *wish == Wish::GoOn {
            *wish = Wish::Wait;
        }
    }

    /// Ends a pause.
    pub fn resume(&self) {
        let mut wish = self.wish();
        if *wish == Wish::Wait {
            *wish = Wish::GoOn;
        }
        drop(wish);
        self.0.1.notify_all();
    }

    /// Whether a pause is asked for.
    pub fn is_paused(&self) -> bool {
        *self.wish() == Wish::Wait
    }

    /// Blocks while a pause is asked for.
    pub fn wait_while_paused(&self) {
        let wish = self.wish();
        drop(self.0.1.wait_while(wish, |wish| *wish == Wish::Wait));
    }

    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_holds_until_it_is_ended_or_all_is_stopped() {
        for end in [StopFlag::resume, StopFlag::stop] {
            let flag = StopFlag::new();
            flag.wait_while_paused();
            flag.pause();
            assert!(flag.is_paused() && !flag.is_stopped());
            let waiting = flag.clone();
            let thread = std::thread::spawn(move || waiting.wait_while_paused());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!thread.is_finished());
            end(&flag);
            assert!(thread.join().is_ok() && !flag.is_paused());
        }
        let stopped = StopFlag::new();
        stopped.stop();
        stopped.pause();
        stopped.resume();
        assert!(stopped.is_stopped() && !stopped.is_paused());
    }
}
