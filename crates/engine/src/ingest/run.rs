//! One pass over a list of files: parsers on one side, embedder and catalog on the other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use citadel_catalog::{Change, JobFileState, LostPart, NewDocument, SourceName, SourceRecord, SourceState};
use citadel_chunk::Piece;
use citadel_core::{Chunk, Document, DocumentId, ModelError, StopFlag, embedding_input};
use citadel_parse::{ParseError, Sandbox, Summary};

use super::count;
use super::reader::{Budget, Message, Original, Readers, Reserved};
use crate::coverage::Coverage;
use crate::events::{FailedFile, IngestEvent, IngestReport};
use crate::stamp::Stamp;
use crate::vault::{Encoder, lock, now_ms};
use crate::walk::FoundFile;
use crate::{Engine, EngineError};

/// Chunks that are embedded together: enough to sort by length, few enough to stop quickly.
const CHUNKS_PER_EMBEDDING: usize = 64;
/// Staged chunks after which everything is committed, and the longest wait for it.
const CHUNKS_PER_COMMIT: usize = 2_000;
const COMMIT_AFTER: Duration = Duration::from_secs(20);
/// So long without work from the parsers, what waits is embedded.
const IDLE: Duration = Duration::from_millis(100);
/// Documents that wait between the parsers and the embedder.
const QUEUE: usize = 16;

const NO_TEXT: &str = "no page carries text (a scan?); add text recognition to the model pack, or run it through text recognition first";
const NONE_RECOGNIZED: &str = "no page carries text, and none was recognised on its pictures; if it shows text, scan it anew and larger";

/// What runs of one ingest share.
pub(super) struct Setting<'a> {
    pub engine: &'a Engine,
    pub encoder: &'a Encoder,
    pub index: &'a citadel_index::Index,
    pub sandbox: &'a Sandbox,
    /// Documents parsed at the same time; half the cores where `None`.
    pub jobs: Option<usize>,
    pub stop: &'a StopFlag,
    /// Read also what is unchanged.
    pub again: bool,
    /// Whether the model pack has text recognition.
    pub recognizes: bool,
}

/// A document that waits to be embedded.
struct Waiting {
    file: usize,
    document: Box<Document>,
    coverage: Coverage,
    chunks: Vec<Chunk>,
    contexts: Vec<Vec<String>>,
    /// Room that is free again once the document is staged.
    _reserved: Reserved,
}

/// How far a file is.
#[derive(Default)]
struct Progress {
    seen: Vec<DocumentId>,
    lost: Vec<LostPart>,
    /// A part failed for a reason that may pass: the file is read again next time.
    incomplete: bool,
}

pub(super) struct Run<'a> {
    setting: &'a Setting<'a>,
    collection: &'a str,
    files: Vec<FoundFile>,
    progress: HashMap<usize, Progress>,
    job: Option<i64>,
    /// Read and cut, not embedded yet.
    waiting: Vec<Waiting>,
    waiting_chunks: usize,
    /// Files whose last documents are among those that wait.
    waiting_ends: Vec<(usize, Stamp, Result<Summary, ParseError>)>,
    /// Copies of files that have not ended yet, by the number of their original.
    waiting_copies: HashMap<usize, Vec<(usize, Stamp)>>,
    /// How files that may have copies ended.
    outcomes: HashMap<usize, SourceState>,
    /// Files whose documents are all staged, to be noted at the next commit.
    ended: Vec<(SourceRecord, Vec<DocumentId>)>,
    /// Files that need no record, to be noted in the journal at the next commit.
    unchanged: Vec<(String, JobFileState)>,
    staged_documents: usize,
    staged_chunks: usize,
    committed: (usize, usize),
    last_commit: Instant,
    done: usize,
    report: &'a mut IngestReport,
    sink: &'a mut dyn FnMut(IngestEvent),
}

impl<'a> Run<'a> {
    pub fn new(
        setting: &'a Setting<'a>,
        collection: &'a str,
        files: Vec<FoundFile>,
        job: Option<i64>,
        report: &'a mut IngestReport,
        sink: &'a mut dyn FnMut(IngestEvent),
    ) -> Self {
        Self {
            setting,
            collection,
            files,
            progress: HashMap::new(),
            job,
            waiting: Vec::new(),
            waiting_chunks: 0,
            waiting_ends: Vec::new(),
            waiting_copies: HashMap::new(),
            outcomes: HashMap::new(),
            ended: Vec::new(),
            unchanged: Vec::new(),
            staged_documents: 0,
            staged_chunks: 0,
            committed: (0, 0),
            last_commit: Instant::now(),
            done: 0,
            report,
            sink,
        }
    }

    /// Reads all files, or as many as can be read until the flag is raised; commits what is staged.
    pub fn all(&mut self) -> Result<(), EngineError> {
        (self.sink)(IngestEvent::Found { files: self.files.len() });
        let &Setting { engine, encoder, sandbox, jobs, stop, again, .. } = self.setting;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let jobs = jobs.unwrap_or(cores.div_ceil(2)).clamp(1, self.files.len().max(1));
        let files = self.files.clone();
        // Raised by this thread too, so that the parsers end when embedding or storing fails.
        let halt = StopFlag::new();
        let readers = Readers {
            engine,
            encoder,
            sandbox,
            collection: self.collection,
            again,
            halt: &halt,
            claims: Mutex::new(HashMap::new()),
            budget: Arc::new(Budget::new()),
        };
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(QUEUE);
            for _ in 0..jobs {
                let send: SyncSender<Message> = send.clone();
                let (readers, files, next) = (&readers, &files, &next);
                scope.spawn(move || {
                    loop {
                        stop.wait_while_paused();
                        let file = next.fetch_add(1, Ordering::Relaxed);
                        let Some(found) = files.get(file) else { return };
                        if readers.halt.is_stopped() {
                            return;
                        }
                        readers.read(file, found, &send);
                    }
                });
            }
            drop(send);
            let mut last_work = Instant::now();
            let result = loop {
                if stop.is_stopped() {
                    break Ok(());
                }
                let step = match receive.recv_timeout(IDLE) {
                    // Many pages told must not keep the embedder from what waits.
                    Ok(message) if message.is_progress() => {
                        let idle = last_work.elapsed() > IDLE;
                        self.take(message).and_then(|()| if idle { self.embed() } else { Ok(()) })
                    }
                    Ok(message) => {
                        last_work = Instant::now();
                        self.take(message)
                    }
                    // The parsers are slower than the embedder: use the time.
                    Err(RecvTimeoutError::Timeout) => self.embed(),
                    Err(RecvTimeoutError::Disconnected) => break self.embed(),
                };
                match step.and_then(|()| self.commit_when_due()).and_then(|()| self.pause_when_asked()) {
                    Ok(()) => {}
                    Err(error) => break Err(error),
                }
            };
            halt.stop();
            // Parsers that wait for room in the queue must see it go.
            drop(receive);
            match result {
                Err(EngineError::Model(ModelError::Stopped)) => Ok(()),
                other => other,
            }
        })?;
        self.commit()
    }

    fn take(&mut self, message: Message) -> Result<(), EngineError> {
        match message {
            Message::Unchanged { file, known } => {
                let documents =
                    self.setting.engine.catalog().source_documents(self.collection, &known.key)?;
                // A file without documents, such as a dump of redirects, is unchanged itself.
                let unchanged = if known.lost.is_empty() { documents.max(1) } else { documents };
                self.report.unchanged += count(unchanged);
                // What could not be read then cannot be read now, and does not fade from the report.
                for LostPart { part, code, reason } in known.lost {
                    self.tell_lost(file, part, code, reason);
                }
                self.note(file);
            }
            Message::Renamed { file, from } => {
                let documents =
                    self.setting.engine.catalog().source_documents(self.collection, &self.key(file))?;
                self.report.unchanged += count(documents);
                self.report.renamed += 1;
                let path = self.shown(file);
                (self.sink)(IngestEvent::Renamed { path, from });
                self.note(file);
            }
            Message::Copy { file, of: Original::Known(key), stamp } => self.copy(file, stamp, Ok(key)),
            Message::Copy { file, of: Original::InThisRun(of), stamp } => match self.outcomes.get(&of) {
                Some(_) => self.copy(file, stamp, Err(of)),
                None => self.waiting_copies.entry(of).or_default().push((file, stamp)),
            },
            Message::Reading { file } => {
                let path = self.shown(file);
                (self.sink)(IngestEvent::Reading { path });
            }
            Message::Page { file, number, of, recognizing } => {
                let path = self.shown(file);
                (self.sink)(IngestEvent::Page { path, page: number, of, recognizing });
            }
            Message::Lost { file, part, code, reason } => {
                let progress = self.progress.entry(file).or_default();
                progress.incomplete |= may_pass(&code);
                progress.lost.push(LostPart {
                    part: part.clone(),
                    code: code.clone(),
                    reason: reason.clone(),
                });
                self.tell_lost(file, part, code, reason);
            }
            Message::Gone { file, code, reason } => {
                // Not noted as done: the drive may come back.
                let failed = FailedFile { path: self.shown(file), part: None, reason, code };
                self.fail(failed);
                self.file_done(file);
            }
            Message::Document { file, document, pieces, reserved } => {
                self.document(file, document, pieces, reserved)?;
            }
            // The file's documents must be staged before the file is noted as done. Small files share an embedding.
            Message::End { file, stamp, result } if self.waiting.is_empty() => self.end(file, stamp, result),
            Message::End { file, stamp, result } => self.waiting_ends.push((file, stamp, result)),
        }
        Ok(())
    }

    fn document(
        &mut self,
        file: usize,
        document: Box<Document>,
        pieces: Vec<Piece>,
        reserved: Reserved,
    ) -> Result<(), EngineError> {
        let coverage = Coverage::of(&document);
        self.report.count(&coverage);
        if pieces.is_empty() {
            let (code, reason) = if coverage.pages.unread() > 0 {
                ("no_text", if self.setting.recognizes { NONE_RECOGNIZED } else { NO_TEXT })
            } else {
                ("empty", "it holds no text; there is nothing to search in it")
            };
            let (part, code, reason) = (document.part.clone(), code.to_owned(), reason.to_owned());
            return self.take(Message::Lost { file, part, code, reason });
        }
        let (id, known) = {
            let catalog = self.setting.engine.catalog();
            let id = catalog.id_of(self.collection, &self.key(file), document.part.as_deref())?;
            let known = catalog.current_hash(&id)?;
            (id, known)
        };
        if known.is_some_and(|hash| hash == citadel_catalog::document_hash(&document)) {
            self.report.unchanged += 1;
            self.tell(file, &document, &coverage, &id, "unchanged", pieces.len());
            self.progress.entry(file).or_default().seen.push(id);
            return Ok(());
        }
        self.waiting_chunks += pieces.len();
        let (chunks, contexts) = pieces.into_iter().map(|p| (p.chunk, p.context)).unzip();
        self.waiting.push(Waiting { file, document, coverage, chunks, contexts, _reserved: reserved });
        if self.waiting_chunks >= CHUNKS_PER_EMBEDDING { self.embed() } else { Ok(()) }
    }

    /// Embeds what waits and stages it.
    fn embed(&mut self) -> Result<(), EngineError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_chunks = 0;
        let mut inputs = Vec::new();
        for Waiting { document, chunks, contexts, .. } in &waiting {
            let map = citadel_core::TextMap::new(&document.text);
            for (chunk, context) in chunks.iter().zip(contexts) {
                let text = map.slice(chunk.range).unwrap_or_default();
                inputs.push(embedding_input(context, text));
                self.report.tokens += u64::from(chunk.tokens);
            }
        }
        let mut vectors = Vec::with_capacity(inputs.len());
        for group in inputs.chunks(CHUNKS_PER_EMBEDDING) {
            let stop = self.setting.stop;
            vectors.extend(lock(&self.setting.encoder.embedder).embed_documents(group, stop)?);
            self.tell_embedded(&waiting, vectors.len());
        }
        let keys: Vec<String> = waiting.iter().map(|w| self.key(w.file)).collect();
        let mut vectors = vectors.as_slice();
        let mut new = Vec::with_capacity(waiting.len());
        for (Waiting { file, document, chunks, contexts, .. }, key) in waiting.iter().zip(&keys) {
            let (of_document, rest) = vectors.split_at(chunks.len());
            vectors = rest;
            let path = &self.files[*file].shown;
            let source = SourceName { collection: self.collection, key, path };
            new.push(NewDocument { source, document, chunks, contexts, vectors: of_document });
        }
        // One transaction: the disk is flushed once for all of them.
        let staged = self.setting.engine.catalog().stage_all(&new, now_ms())?;
        for (Waiting { file, document, coverage, chunks, .. }, staged) in waiting.iter().zip(staged) {
            let change = match staged.change {
                Change::Added => {
                    self.report.added += 1;
                    "added"
                }
                Change::Updated => {
                    self.report.updated += 1;
                    "updated"
                }
                Change::Unchanged => {
                    self.report.unchanged += 1;
                    "unchanged"
                }
            };
            self.report.chunks += chunks.len();
            self.staged_documents += 1;
            self.staged_chunks += chunks.len();
            self.tell(*file, document, coverage, &staged.document_id, change, chunks.len());
            self.progress.entry(*file).or_default().seen.push(staged.document_id);
        }
        for (file, stamp, result) in std::mem::take(&mut self.waiting_ends) {
            self.end(file, stamp, result);
        }
        Ok(())
    }

    /// Takes note that all documents of a file are staged.
    fn end(&mut self, file: usize, stamp: Stamp, result: Result<Summary, ParseError>) {
        let progress = self.progress.remove(&file).unwrap_or_default();
        let mut record = self.record(file, stamp);
        record.state = if progress.incomplete { SourceState::Open } else { SourceState::Done };
        record.lost = progress.lost;
        match result {
            Ok(summary) => {
                (record.redirects, record.skipped) = (summary.redirects, summary.skipped);
                record.warnings = summary.warnings;
            }
            Err(error) if error.code() == "stopped" => return,
            Err(error) => {
                let (code, reason) = (error.code().to_owned(), error.failure.to_string());
                self.tell_failed(file, &code, &reason);
                record.state = SourceState::Failed { code, reason };
            }
        }
        self.report.parts_skipped += record.skipped;
        self.outcomes.insert(file, record.state.clone());
        self.ended.push((record, progress.seen));
        self.file_done(file);
        for (copy, stamp) in self.waiting_copies.remove(&file).unwrap_or_default() {
            self.copy(copy, stamp, Err(file));
        }
    }

    /// Takes note that a file has the bytes of another: of the key given, or of a file of this run that has ended.
    fn copy(&mut self, file: usize, stamp: Stamp, of: Result<String, usize>) {
        let mut record = self.record(file, stamp);
        record.state = SourceState::Done;
        let original = match of {
            Ok(key) => Some(key),
            Err(of) => match self.outcomes.get(&of) {
                Some(SourceState::Done) => Some(self.key(of)),
                Some(SourceState::Failed { code, reason }) => {
                    let (code, reason) = (code.clone(), reason.clone());
                    self.tell_failed(file, &code, &reason);
                    record.state = SourceState::Failed { code, reason };
                    None
                }
                // The original is read again next time, and so is this.
                Some(SourceState::Open) | None => {
                    record.state = SourceState::Open;
                    None
                }
            },
        };
        if let Some(key) = &original {
            self.report.duplicates += 1;
            let path = self.shown(file);
            (self.sink)(IngestEvent::Duplicate { path, of: key.clone() });
        }
        record.duplicate_of = original;
        self.ended.push((record, Vec::new()));
        self.file_done(file);
    }

    fn record(&self, file: usize, stamp: Stamp) -> SourceRecord {
        SourceRecord {
            collection: self.collection.to_owned(),
            key: self.key(file),
            path: self.shown(file),
            depth: self.files[file].depth,
            size: stamp.size,
            modified_ns: stamp.modified_ns,
            sha256: Some(stamp.sha256).filter(|s| !s.is_empty()),
            ..SourceRecord::default()
        }
    }

    /// Of those that wait, `done` chunks are embedded: tells how far the document is that the last of them belongs to, where
    /// that is a long one.
    fn tell_embedded(&mut self, waiting: &[Waiting], done: usize) {
        let mut before = 0;
        for Waiting { file, chunks, .. } in waiting {
            if before < done && done < before + chunks.len() {
                let path = self.shown(*file);
                (self.sink)(IngestEvent::Embedding { path, chunks: done - before, of: chunks.len() });
            }
            before += chunks.len();
        }
    }

    fn pause_when_asked(&mut self) -> Result<(), EngineError> {
        let stop = self.setting.stop;
        if !stop.is_paused() {
            return Ok(());
        }
        // A pause may be long: what is done is made safe first.
        self.embed()?;
        self.commit()?;
        (self.sink)(IngestEvent::Paused);
        stop.wait_while_paused();
        (self.sink)(IngestEvent::Resumed);
        Ok(())
    }

    fn commit_when_due(&mut self) -> Result<(), EngineError> {
        let due = self.staged_chunks >= CHUNKS_PER_COMMIT || self.last_commit.elapsed() >= COMMIT_AFTER;
        if due { self.commit() } else { Ok(()) }
    }

    /// Makes everything staged current, then notes the files that are done.
    fn commit(&mut self) -> Result<(), EngineError> {
        let &Setting { engine, index, .. } = self.setting;
        if self.staged_documents > 0 {
            engine.settle(index)?;
        }
        let ended = std::mem::take(&mut self.ended);
        let mut noted = std::mem::take(&mut self.unchanged);
        if !ended.is_empty() {
            let ended = ended.iter().map(|(record, seen)| (record, seen.as_slice()));
            self.report.removed += engine.catalog().finish_sources(ended, now_ms())?.len();
        }
        if let Some(job) = self.job {
            noted.extend(ended.into_iter().map(|(record, _)| {
                let state = match record.state {
                    SourceState::Failed { code, reason } => JobFileState::Failed { code, reason },
                    SourceState::Open | SourceState::Done => JobFileState::Done,
                };
                (record.key, state)
            }));
            engine.catalog().job_files_done(job, &noted)?;
        }
        // What was withdrawn or renamed.
        engine.settle(index)?;
        if self.staged_documents > 0 {
            self.committed.0 += self.staged_documents;
            self.committed.1 += self.staged_chunks;
            let (documents, chunks) = self.committed;
            (self.sink)(IngestEvent::Committed { documents, chunks });
        }
        self.staged_documents = 0;
        self.staged_chunks = 0;
        self.last_commit = Instant::now();
        Ok(())
    }

    /// Takes note that nothing had to be done for a file.
    fn note(&mut self, file: usize) {
        self.unchanged.push((self.key(file), JobFileState::Done));
        self.file_done(file);
    }

    fn key(&self, file: usize) -> String {
        self.files[file].key()
    }

    fn shown(&self, file: usize) -> String {
        self.files[file].shown.clone()
    }

    fn file_done(&mut self, file: usize) {
        self.done += 1;
        let path = self.shown(file);
        (self.sink)(IngestEvent::File { path, done: self.done, total: self.files.len() });
    }

    /// A file as a whole could not be read.
    fn tell_failed(&mut self, file: usize, code: &str, reason: &str) {
        let found = &self.files[file];
        let failed = FailedFile {
            path: found.shown.clone(),
            part: None,
            reason: reason.to_owned(),
            code: code.to_owned(),
        };
        // What nobody named need not be a document.
        match code == "unsupported" && found.depth.is_some() {
            true => self.report.skipped.push(failed),
            false => self.fail(failed),
        }
    }

    fn fail(&mut self, failed: FailedFile) {
        (self.sink)(IngestEvent::Failed(failed.clone()));
        self.report.failed.push(failed);
    }

    /// A part of a file could not be read. Pictures and empty files beside documents are no loss.
    fn tell_lost(&mut self, file: usize, part: Option<String>, code: String, reason: String) {
        let is_none = part.is_some() && matches!(code.as_str(), "unsupported" | "empty");
        let failed = FailedFile { path: self.shown(file), part, reason, code };
        match is_none {
            true => self.report.skipped.push(failed),
            false => self.fail(failed),
        }
    }

    fn tell(
        &mut self,
        file: usize,
        document: &Document,
        coverage: &Coverage,
        id: &DocumentId,
        change: &'static str,
        chunks: usize,
    ) {
        let path = self.shown(file);
        (self.sink)(IngestEvent::Document {
            path,
            part: document.part.clone(),
            document_id: id.0.clone(),
            title: document.title.clone(),
            change,
            pages: document.pages.len(),
            pages_ocr: coverage.pages.ocr,
            pages_without_text: coverage.pages.unread(),
            tables: coverage.tables,
            hidden_chars: coverage.hidden_chars,
            chunks,
            warnings: document.warnings.clone(),
        });
    }
}

/// Whether reading the same bytes again may go better: with a password, a recognition pack, more memory or time, or
/// once nobody writes to it.
fn may_pass(code: &str) -> bool {
    matches!(
        code,
        "encrypted" | "no_text" | "timeout" | "memory" | "crashed" | "no_reader" | "unreadable" | "changing"
    )
}
