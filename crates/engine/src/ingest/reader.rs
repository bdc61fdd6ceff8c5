//! What a parser thread does with one file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use citadel_catalog::{CatalogError, SourceRecord, SourceState};
use citadel_chunk::Piece;
use citadel_core::{Document, StopFlag};
use citadel_parse::{ParseError, Parsed, Sandbox, Source, Summary};

use crate::Engine;
use crate::stamp::{Stamp, stamp, state_of};
use crate::vault::{Encoder, lock};
use crate::walk::{FoundFile, io_failure};

/// Characters of documents that were read and are not embedded yet; a longer document goes through alone.
const CHARS_IN_FLIGHT: usize = 8 << 20;

/// The shortest time between two pages that are told.
const PAGES_EVERY: Duration = Duration::from_millis(200);

/// What a parser thread tells the embedding thread.
pub(super) enum Message {
    /// The bytes are those of the last ingest.
    Unchanged { file: usize, known: Box<SourceRecord> },
    /// It is a file of the vault under a new name.
    Renamed { file: usize, from: String },
    /// It has the same bytes as another file.
    Copy { file: usize, of: Original, stamp: Stamp },
    /// A file begins to be read.
    Reading { file: usize },
    /// A page of a file is being read.
    Page { file: usize, number: u32, of: u32, recognizing: bool },
    /// One document of a file.
    Document { file: usize, document: Box<Document>, pieces: Vec<Piece>, reserved: Reserved },
    /// A part of a file that could not be read or cut.
    Lost { file: usize, part: Option<String>, code: String, reason: String },
    /// All documents of a file were sent.
    End { file: usize, stamp: Stamp, result: Result<Summary, ParseError> },
    /// The file could not be looked at.
    Gone { file: usize, code: String, reason: String },
}

impl Message {
    /// Whether it only tells how far a parser is.
    pub fn is_progress(&self) -> bool {
        matches!(self, Self::Reading { .. } | Self::Page { .. })
    }
}

/// The file of which another has the bytes.
pub(super) enum Original {
    /// One of the vault, by its key.
    Known(String),
    /// One that is being read, by its number.
    InThisRun(usize),
}

/// What all parser threads of a run share.
pub(super) struct Readers<'a> {
    pub engine: &'a Engine,
    pub encoder: &'a Encoder,
    pub sandbox: &'a Sandbox,
    pub collection: &'a str,
    /// Read also what is unchanged.
    pub again: bool,
    /// Raised when nobody listens any more.
    pub halt: &'a StopFlag,
    /// Which file is read for its content, by its SHA-256 and ending. Held while it is decided what to do with one, so
    /// that of two new files with the same bytes one is read.
    pub claims: Mutex<HashMap<(String, String), usize>>,
    pub budget: Arc<Budget>,
}

enum Decision {
    Read,
    Tell(Message),
}

impl Readers<'_> {
    /// Hashes a file and, where it is new, parses and cuts it. Ends early when nobody listens.
    pub fn read(&self, file: usize, found: &FoundFile, send: &SyncSender<Message>) {
        let gone = |source: &std::io::Error| {
            let failed = io_failure(&found.absolute, source);
            Message::Gone { file, code: failed.code, reason: failed.reason }
        };
        let stamp = match stamp(&found.absolute, self.halt) {
            Ok(stamp) => stamp,
            Err(source) => {
                let _ = send.send(gone(&source));
                return;
            }
        };
        // A catalog that cannot be read shows when the document is staged.
        if let Ok(Decision::Tell(message)) = self.decide(file, found, &stamp) {
            let _ = send.send(message);
            return;
        }
        // Progress is told where there is room for it, and waits for nobody.
        let _ = send.try_send(Message::Reading { file });
        let mut told = Instant::now();
        let folders = found.folders();
        let source = Source { path: &found.absolute, folders: &folders };
        let result = self.sandbox.parse(source, self.halt, &mut |parsed| {
            let message = match parsed {
                Parsed::Document(document) => match self.encoder.chunker.chunk(&document) {
                    Ok(pieces) => {
                        let Some(reserved) = self.budget.reserve(document.text.len(), self.halt) else {
                            return false;
                        };
                        Message::Document { file, document, pieces, reserved }
                    }
                    Err(error) => Message::Lost {
                        file,
                        part: document.part,
                        code: error.code().to_owned(),
                        reason: error.to_string(),
                    },
                },
                Parsed::Failed { part, failure } => Message::Lost {
                    file,
                    part: Some(part),
                    code: failure.code().to_owned(),
                    reason: failure.to_string(),
                },
                Parsed::Page { number, of, recognizing } => {
                    if recognizing || told.elapsed() >= PAGES_EVERY {
                        told = Instant::now();
                        let _ = send.try_send(Message::Page { file, number, of, recognizing });
                    }
                    return !self.halt.is_stopped();
                }
            };
            send.send(message).is_ok()
        });
        let now = std::fs::metadata(&found.absolute).map(|meta| state_of(&meta));
        if result.is_ok() && now.is_ok_and(|now| now != (stamp.size, stamp.modified_ns)) {
            let reason = "it was being written while it was read; it is read again at the next ingest";
            let (code, reason) = ("changing".to_owned(), reason.to_owned());
            let _ = send.send(Message::Lost { file, part: None, code, reason });
        }
        let _ = send.send(Message::End { file, stamp, result });
    }

    fn decide(&self, file: usize, found: &FoundFile, stamp: &Stamp) -> Result<Decision, CatalogError> {
        if stamp.sha256.is_empty() || stamp.size == 0 {
            return Ok(Decision::Read);
        }
        let key = found.key();
        let mut claims = lock(&self.claims);
        let known = self.engine.catalog().source(self.collection, &key)?;
        let is_done = |source: &SourceRecord| {
            source.state == SourceState::Done && source.sha256.as_deref() == Some(stamp.sha256.as_str())
        };
        if let Some(known) = known.filter(|k| !self.again && is_done(k) && k.duplicate_of.is_none()) {
            return Ok(Decision::Tell(Message::Unchanged { file, known: Box::new(known) }));
        }
        let ending = ending(&found.absolute);
        match claims.entry((stamp.sha256.clone(), ending.clone())) {
            Entry::Occupied(claim) => {
                let (of, stamp) = (Original::InThisRun(*claim.get()), stamp.clone());
                return Ok(Decision::Tell(Message::Copy { file, of, stamp }));
            }
            Entry::Vacant(_) if self.again => {}
            Entry::Vacant(claim) => {
                // The catalog must be free again before it is asked to rename.
                let others = self.engine.catalog().sources_of_content(self.collection, &stamp.sha256)?;
                for other in others {
                    let path = Path::new(&other.key);
                    if other.key == key || self::ending(path) != ending {
                        continue;
                    }
                    if path.is_file() {
                        let (of, stamp) = (Original::Known(other.key), stamp.clone());
                        return Ok(Decision::Tell(Message::Copy { file, of, stamp }));
                    }
                    // Only what is surely not there was renamed; a drive that does not answer is not.
                    if path.try_exists().is_ok_and(|exists| !exists)
                        && self.engine.catalog().rename_source(
                            self.collection,
                            &other.key,
                            &key,
                            &found.shown,
                        )?
                    {
                        return Ok(Decision::Tell(Message::Renamed { file, from: other.path }));
                    }
                }
                claim.insert(file);
            }
        }
        Ok(Decision::Read)
    }
}

/// The ending of a name, which can decide how a file is read; in lower case.
fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Keeps the documents between parsers and embedder within [`CHARS_IN_FLIGHT`].
pub(super) struct Budget {
    used: Mutex<usize>,
    freed: Condvar,
}

impl Budget {
    pub fn new() -> Self {
        Self { used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until there is room for so many bytes of text; `None` once `halt` is raised.
    fn reserve(self: &Arc<Self>, bytes: usize, halt: &StopFlag) -> Option<Reserved> {
        let mut used = lock(&self.used);
        while *used > 0 && *used + bytes > CHARS_IN_FLIGHT {
            if halt.is_stopped() {
                return None;
            }
            let tick = Duration::from_millis(100);
            used = self.freed.wait_timeout(used, tick).unwrap_or_else(|e| e.into_inner()).0;
        }
        *used += bytes;
        Some(Reserved { budget: Arc::clone(self), bytes })
    }
}

/// Room for one document, free again when this is dropped.
pub(super) struct Reserved {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        *lock(&self.budget.used) -= self.bytes;
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_large_document_goes_alone_and_others_wait_for_room() {
        let (budget, halt) = (Arc::new(Budget::new()), StopFlag::new());
        let large = budget.reserve(CHARS_IN_FLIGHT * 3, &halt).unwrap();
        let waiting = {
            let (budget, halt) = (Arc::clone(&budget), halt.clone());
            std::thread::spawn(move || budget.reserve(1, &halt).is_some())
        };
        std::thread::sleep(Duration::from_millis(20));
        assert!(!waiting.is_finished());
        drop(large);
        assert!(waiting.join().unwrap());
        let _half = budget.reserve(CHARS_IN_FLIGHT / 2, &halt).unwrap();
        let _other = budget.reserve(CHARS_IN_FLIGHT / 2, &halt).unwrap();
        halt.stop();
        assert!(budget.reserve(CHARS_IN_FLIGHT, &halt).is_none());
    }
}
