//! Folders that are kept in step: which files changed, once they have come to rest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use citadel_core::StopFlag;
use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind};
use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::{Engine, EngineError};

/// How long a file must not have changed before it is read: long enough for a program that saves in steps.
const AT_REST: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(200);

/// Watches folders and tells which files below them have changed. It needs no open vault, so that one process can
/// wait while others ask.
pub struct Watch {
    /// Stops watching when dropped.
    _watcher: Box<dyn Watcher>,
    events: Receiver<notify::Result<Event>>,
    /// Changed files and folders, by when they changed last.
    changed: HashMap<PathBuf, Instant>,
    /// Watched folders, canonical.
    folders: Vec<PathBuf>,
    /// The vault's own folder, whose changes are no news.
    vault: PathBuf,
}

impl Watch {
    /// Starts watching `folders`, all below them included, but for the `vault`. What changed before is not told:
    /// ingest the folders after this, once.
    ///
    /// # Errors
    /// `io` where a folder is not there or the system watches no more folders.
    pub fn start(folders: &[PathBuf], vault: &Path) -> Result<Self, EngineError> {
        let (send, events) = channel();
        let failed = |path: &Path, error: notify::Error| EngineError::Io {
            path: path.to_owned(),
            source: match error.kind {
                notify::ErrorKind::Io(source) => source,
                kind => std::io::Error::other(format!("{kind:?}")),
            },
            hint: "check that the folder is there and may be read; the system may limit how many are watched",
        };
        let mut watcher: Box<dyn Watcher> =
            Box::new(notify::recommended_watcher(send).map_err(|error| failed(vault, error))?);
        let mut canonical = Vec::new();
        for folder in folders {
            let path = std::fs::canonicalize(folder).map_err(|source| failed(folder, source.into()))?;
            watcher.watch(&path, RecursiveMode::Recursive).map_err(|error| failed(folder, error))?;
            canonical.push(path);
        }
        let vault = std::fs::canonicalize(vault).unwrap_or_else(|_| vault.to_owned());
        Ok(Self { _watcher: watcher, events, changed: HashMap::new(), folders: canonical, vault })
    }

    /// Waits for changes and gives the files and folders that have changed and come to rest, at least one; `None` once
    /// `stop` is raised.
    pub fn next(&mut self, stop: &StopFlag) -> Option<Vec<PathBuf>> {
        while !stop.is_stopped() {
            match self.events.recv_timeout(TICK) {
                Ok(event) => self.take(event),
                // The watcher ended; only the flag ends the waiting.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let rested: Vec<PathBuf> = self
                .changed
                .iter()
                .filter(|(_, last)| last.elapsed() >= AT_REST)
                .map(|(path, _)| path.clone())
                .collect();
            if !rested.is_empty() {
                self.changed.retain(|path, _| !rested.contains(path));
                return Some(rested);
            }
        }
        None
    }

    /// Takes note that a file was still being written when it was read.
    pub fn again(&mut self, path: PathBuf) {
        self.changed.insert(path, Instant::now());
    }

    fn take(&mut self, event: notify::Result<Event>) {
        let paths = match event {
            // Something was missed: everything may have changed.
            Err(_) => self.folders.clone(),
            Ok(event) if event.need_rescan() => self.folders.clone(),
            Ok(event) if is_change(&event.kind) => event.paths,
            Ok(_) => return,
        };
        let now = Instant::now();
        let news = paths.into_iter().filter(|path| !path.starts_with(&self.vault));
        self.changed.extend(news.map(|path| (path, now)));
    }
}

/// Whether content may have changed. Reading a file is an event too, and would never end.
fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Metadata(kind)) => *kind == MetadataKind::WriteTime,
        _ => true,
    }
}

impl Engine {
    /// The folders that are kept in step, as `(collection, path)`.
    pub fn watched(&self) -> Result<Vec<(String, PathBuf)>, EngineError> {
        let watched = self.catalog().watched()?;
        Ok(watched.into_iter().map(|(collection, path)| (collection, PathBuf::from(path))).collect())
    }

    /// Remembers, or forgets, that a folder is kept in step with a collection.
    pub fn set_watched(&self, collection: &str, path: &Path, watched: bool) -> Result<(), EngineError> {
        // A folder that is gone can still be forgotten.
        let absolute = std::fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .map_err(|source| EngineError::Io { path: path.to_owned(), source, hint: "name a folder" })?;
        Ok(self.catalog().set_watched(collection, &absolute.to_string_lossy(), watched)?)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_told_once_it_rests_and_the_vault_never() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let vault = root.join("vault");
        std::fs::create_dir(&vault).unwrap();
        std::fs::write(root.join("old.md"), "old").unwrap();
        let mut watch = Watch::start(std::slice::from_ref(&root), &vault).unwrap();
        std::fs::read(root.join("old.md")).unwrap();
        let writer = std::thread::spawn({
            let file = root.join("new.md");
            move || {
                // For longer than a file must rest.
                for n in 0..8 {
                    std::fs::write(&file, "x".repeat(n + 1)).unwrap();
                    std::thread::sleep(Duration::from_millis(400));
                }
            }
        });
        std::fs::write(vault.join("catalog"), "x").unwrap();
        let stop = StopFlag::new();
        let begun = Instant::now();
        assert_eq!(watch.next(&stop).unwrap(), [root.join("new.md")]);
        assert!(begun.elapsed() > Duration::from_millis(7 * 400), "it was still being written");
        writer.join().unwrap();
        std::fs::remove_file(root.join("old.md")).unwrap();
        assert_eq!(watch.next(&stop).unwrap(), [root.join("old.md")]);
        stop.stop();
        assert_eq!(watch.next(&stop), None);
        assert!(Watch::start(&[root.join("none")], &vault).is_err());
    }
}
