//! From files to documents that can be searched.
//!
//! Files are parsed and cut on a few threads (each parse in its own child process); one thread embeds, stages whole
//! documents in the catalog and commits them to the indexes in batches. What is committed survives any end of the
//! process; the journal names the files that are left.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use citadel_catalog::{
    Change, EmbedderRecord, JobFileState, NewDocument, SourceName, SourceRecord, SourceState,
};
use citadel_chunk::Piece;
use citadel_core::{Chunk, Document, DocumentId, ModelError, PageStatus, StopFlag, embedding_input};
use citadel_parse::{Limits, Options, ParseError, Parsed, Sandbox, Source};
use sha2::{Digest, Sha256};

use crate::events::{FailedFile, IngestEvent, IngestReport};
use crate::vault::{Encoder, lock, now_ms};
use crate::walk::{FoundFile, find_files, io_failure};
use crate::{Engine, EngineError};

/// Chunks that are embedded together: enough to sort by length, few enough to stop quickly.
const CHUNKS_PER_EMBEDDING: usize = 64;
/// Staged chunks after which everything is committed, and the longest wait for it.
const CHUNKS_PER_COMMIT: usize = 2_000;
const COMMIT_AFTER: Duration = Duration::from_secs(20);
/// Documents that wait between the parsers and the embedder.
const QUEUE: usize = 16;

/// What to ingest.
#[derive(Clone, Debug)]
pub struct IngestRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The collection to put them into.
    pub collection: String,
    /// Documents parsed at the same time; half the cores where `None`.
    pub jobs: Option<usize>,
}

/// What a parser thread tells the embedding thread.
enum Message {
    /// The bytes are those of the last ingest.
    Unchanged { file: usize },
    /// One document of a file.
    Document { file: usize, document: Box<Document>, pieces: Vec<Piece> },
    /// A document of a file that could not be cut.
    Failed { file: usize, part: Option<String>, code: String, reason: String },
    /// All documents of a file were sent.
    End { file: usize, stamp: Stamp, result: Result<(), ParseError> },
}

/// A document that waits to be embedded.
struct Waiting {
    file: usize,
    document: Box<Document>,
    chunks: Vec<Chunk>,
    contexts: Vec<Vec<String>>,
}

/// What identifies the state of a file.
struct Stamp {
    size: u64,
    modified_ns: i64,
    sha256: String,
}

/// How far a file is.
#[derive(Default)]
struct Progress {
    seen: Vec<DocumentId>,
    /// A part failed: the file is read again next time.
    incomplete: bool,
}

impl Engine {
    /// Reads files and folders into the vault. One bad document never spoils the job: it is a line of the report. When
    /// `stop` is raised, what was committed stays and the report says so. An earlier ingest that was killed is
    /// finished along with this one.
    pub fn ingest(
        &self,
        request: &IngestRequest,
        stop: &StopFlag,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<IngestReport, EngineError> {
        let begun = Instant::now();
        let encoder = self.encoder()?;
        {
            let embedder = lock(&encoder.embedder);
            self.remember_embedder(embedder.fingerprint(), embedder.dimensions())?;
        }
        let Some(index) = self.index()? else { return Err(EngineError::Internal("embedder record")) };
        let mut report = IngestReport::default();
        let (files, failed) = find_files(&request.paths, self.vault());
        report.failed.extend(failed);
        let asked: HashSet<&Path> = files.iter().map(|f| f.absolute.as_path()).collect();
        for (collection, mut left) in self.interrupted(sink)? {
            // What is asked for again is read in its turn, and counted once.
            left.retain(|f| collection != request.collection || !asked.contains(f.absolute.as_path()));
            let mut run = Run::new(self, &encoder, &index, &collection, left, &mut report, sink);
            run.all(request.jobs, stop)?;
        }
        let paths: Vec<String> = request.paths.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let job = {
            let mut catalog = self.catalog();
            let earlier = catalog.unfinished_jobs()?;
            let job = catalog.begin_job(&paths, &request.collection, now_ms())?;
            let known: Vec<(String, String)> =
                files.iter().map(|f| (key_of(&f.absolute), f.shown.clone())).collect();
            catalog.add_job_files(job, &known)?;
            // Only now: what they name is done, or in the journal anew.
            for earlier in earlier {
                catalog.end_job(earlier.id)?;
            }
            job
        };
        let mut run = Run::new(self, &encoder, &index, &request.collection, files, &mut report, sink);
        run.job = Some(job);
        run.all(request.jobs, stop)?;
        // Also when stopped: the user wanted no more, and the same command finds what is left by itself.
        self.catalog().end_job(job)?;
        if report.added + report.updated + report.removed > 0 {
            self.runtime.block_on(index.compact())?;
        }
        report.stopped = stop.is_stopped();
        report.seconds = begun.elapsed().as_secs_f64();
        Ok(report)
    }

    fn remember_embedder(&self, fingerprint: &str, dimensions: usize) -> Result<(), EngineError> {
        let mut catalog = self.catalog();
        match catalog.embedder()? {
            Some(record) if record.fingerprint == fingerprint && record.dimensions == dimensions => Ok(()),
            Some(record) if catalog.counts()?.chunks > 0 => Err(EngineError::OtherEmbedder {
                found: record.fingerprint,
                expected: fingerprint.to_owned(),
            }),
            _ => {
                let record = EmbedderRecord { fingerprint: fingerprint.to_owned(), dimensions };
                Ok(catalog.set_embedder(&record)?)
            }
        }
    }

    /// The pending files of jobs that were killed, by collection.
    fn interrupted(
        &self,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<Vec<(String, Vec<FoundFile>)>, EngineError> {
        let catalog = self.catalog();
        let mut left = Vec::new();
        for job in catalog.unfinished_jobs()? {
            let files: Vec<FoundFile> = catalog
                .job_files(job.id)?
                .into_iter()
                .filter(|f| f.state == JobFileState::Pending)
                .map(|f| FoundFile { absolute: PathBuf::from(f.key), shown: f.path, named: false })
                .filter(|f| f.absolute.exists())
                .collect();
            if !files.is_empty() {
                sink(IngestEvent::Resuming { total: count(job.total), done: count(job.done) });
                left.push((job.collection, files));
            }
        }
        Ok(left)
    }
}

/// One pass over a list of files.
struct Run<'a> {
    engine: &'a Engine,
    encoder: &'a Encoder,
    index: &'a citadel_index::Index,
    collection: &'a str,
    files: Vec<FoundFile>,
    progress: HashMap<usize, Progress>,
    job: Option<i64>,
    /// Read and cut, not embedded yet.
    waiting: Vec<Waiting>,
    waiting_chunks: usize,
    /// Files whose last documents are among those that wait.
    waiting_ends: Vec<(usize, Stamp, Result<(), ParseError>)>,
    /// Files whose documents are all staged, to be noted at the next commit.
    ended: Vec<(SourceRecord, Vec<DocumentId>)>,
    staged_documents: usize,
    staged_chunks: usize,
    committed: (usize, usize),
    last_commit: Instant,
    done: usize,
    report: &'a mut IngestReport,
    sink: &'a mut dyn FnMut(IngestEvent),
}

impl<'a> Run<'a> {
    fn new(
        engine: &'a Engine,
        encoder: &'a Encoder,
        index: &'a citadel_index::Index,
        collection: &'a str,
        files: Vec<FoundFile>,
        report: &'a mut IngestReport,
        sink: &'a mut dyn FnMut(IngestEvent),
    ) -> Self {
        Self {
            engine,
            encoder,
            index,
            collection,
            files,
            progress: HashMap::new(),
            job: None,
            waiting: Vec::new(),
            waiting_chunks: 0,
            waiting_ends: Vec::new(),
            ended: Vec::new(),
            staged_documents: 0,
            staged_chunks: 0,
            committed: (0, 0),
            last_commit: Instant::now(),
            done: 0,
            report,
            sink,
        }
    }

    fn all(&mut self, jobs: Option<usize>, stop: &StopFlag) -> Result<(), EngineError> {
        (self.sink)(IngestEvent::Found { files: self.files.len() });
        let sandbox = sandbox(self.engine)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let jobs = jobs.unwrap_or(cores.div_ceil(2)).clamp(1, self.files.len().max(1));
        let files = self.files.clone();
        let (engine, encoder, collection) = (self.engine, self.encoder, self.collection);
        let next = AtomicUsize::new(0);
        // Raised by this thread too, so that the parsers end when embedding or storing fails.
        let halt = StopFlag::new();
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(QUEUE);
            for _ in 0..jobs {
                let send: SyncSender<Message> = send.clone();
                let (sandbox, files, next, halt) = (&sandbox, &files, &next, &halt);
                scope.spawn(move || {
                    loop {
                        let file = next.fetch_add(1, Ordering::Relaxed);
                        let Some(found) = files.get(file) else { return };
                        if halt.is_stopped() {
                            return;
                        }
                        read_file(engine, encoder, sandbox, collection, file, found, halt, &send);
                    }
                });
            }
            drop(send);
            let result = loop {
                if stop.is_stopped() {
                    break Ok(());
                }
                let step = match receive.recv_timeout(Duration::from_millis(100)) {
                    Ok(message) => self.take(message, stop),
                    // The parsers are slower than the embedder: use the time.
                    Err(RecvTimeoutError::Timeout) => self.embed(stop),
                    Err(RecvTimeoutError::Disconnected) => break self.embed(stop),
                };
                match step.and_then(|()| self.commit_when_due()) {
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

    fn take(&mut self, message: Message, stop: &StopFlag) -> Result<(), EngineError> {
        match message {
            Message::Unchanged { file } => {
                let unchanged = self.engine.catalog().source_documents(self.collection, &self.key(file))?;
                self.report.unchanged += count(unchanged.max(1));
                self.journal(file, &JobFileState::Done)?;
                self.file_done(file);
            }
            Message::Failed { file, part, code, reason } => {
                self.progress.entry(file).or_default().incomplete = true;
                let path = self.files[file].shown.clone();
                self.report.failed.push(FailedFile { path, part, reason, code });
            }
            Message::Document { file, document, pieces } => self.document(file, document, pieces, stop)?,
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
        stop: &StopFlag,
    ) -> Result<(), EngineError> {
        let without_text = pages_without_text(&document);
        self.report.pages += document.pages.len();
        self.report.pages_without_text += without_text;
        if pieces.is_empty() {
            self.progress.entry(file).or_default().incomplete = true;
            let (code, reason) = if without_text > 0 {
                ("no_text", "no page carries text (a scan?); run it through text recognition first")
            } else {
                ("empty", "it holds no text; there is nothing to search in it")
            };
            self.report.failed.push(FailedFile {
                path: self.files[file].shown.clone(),
                part: document.part.clone(),
                reason: reason.to_owned(),
                code: code.to_owned(),
            });
            return Ok(());
        }
        let id = citadel_catalog::document_id(self.collection, &self.key(file), document.part.as_deref());
        let known = self.engine.catalog().current_hash(&id)?;
        if known.is_some_and(|hash| hash == citadel_catalog::document_hash(&document)) {
            self.report.unchanged += 1;
            self.tell(file, &document, &id, "unchanged", pieces.len());
            self.progress.entry(file).or_default().seen.push(id);
            return Ok(());
        }
        self.waiting_chunks += pieces.len();
        let (chunks, contexts) = pieces.into_iter().map(|p| (p.chunk, p.context)).unzip();
        self.waiting.push(Waiting { file, document, chunks, contexts });
        if self.waiting_chunks >= CHUNKS_PER_EMBEDDING { self.embed(stop) } else { Ok(()) }
    }

    /// Embeds what waits and stages it.
    fn embed(&mut self, stop: &StopFlag) -> Result<(), EngineError> {
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
        for group in inputs.chunks(CHUNKS_PER_EMBEDDING * 4) {
            vectors.extend(lock(&self.encoder.embedder).embed_documents(group, stop)?);
        }
        let keys: Vec<String> = waiting.iter().map(|w| self.key(w.file)).collect();
        let mut vectors = vectors.as_slice();
        let mut new = Vec::with_capacity(waiting.len());
        for (Waiting { file, document, chunks, contexts }, key) in waiting.iter().zip(&keys) {
            let (of_document, rest) = vectors.split_at(chunks.len());
            vectors = rest;
            let path = &self.files[*file].shown;
            let source = SourceName { collection: self.collection, key, path };
            new.push(NewDocument { source, document, chunks, contexts, vectors: of_document });
        }
        // One transaction: the disk is flushed once for all of them.
        let staged = self.engine.catalog().stage_all(&new, now_ms())?;
        for (Waiting { file, document, chunks, .. }, staged) in waiting.iter().zip(staged) {
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
            self.tell(*file, document, &staged.document_id, change, chunks.len());
            self.progress.entry(*file).or_default().seen.push(staged.document_id);
        }
        for (file, stamp, result) in std::mem::take(&mut self.waiting_ends) {
            self.end(file, stamp, result);
        }
        Ok(())
    }

    /// Takes note that all documents of a file are staged.
    fn end(&mut self, file: usize, stamp: Stamp, result: Result<(), ParseError>) {
        let found = self.files[file].clone();
        let progress = self.progress.remove(&file).unwrap_or_default();
        let mut record = SourceRecord {
            collection: self.collection.to_owned(),
            key: key_of(&found.absolute),
            path: found.shown.clone(),
            size: stamp.size,
            modified_ns: stamp.modified_ns,
            sha256: Some(stamp.sha256).filter(|s| !s.is_empty()),
            state: if progress.incomplete { SourceState::Open } else { SourceState::Done },
        };
        if let Err(error) = result {
            if error.code() == "stopped" {
                return;
            }
            let failed = FailedFile {
                path: found.shown.clone(),
                part: None,
                reason: error.failure.to_string(),
                code: error.code().to_owned(),
            };
            record.state = SourceState::Failed { code: failed.code.clone(), reason: failed.reason.clone() };
            if failed.code == "unsupported" && !found.named {
                self.report.skipped.push(failed);
            } else {
                self.report.failed.push(failed);
            }
        }
        self.ended.push((record, progress.seen));
        self.file_done(file);
    }

    fn commit_when_due(&mut self) -> Result<(), EngineError> {
        let due = self.staged_chunks >= CHUNKS_PER_COMMIT || self.last_commit.elapsed() >= COMMIT_AFTER;
        if due { self.commit() } else { Ok(()) }
    }

    /// Makes everything staged current, then notes the files that are done.
    fn commit(&mut self) -> Result<(), EngineError> {
        if self.staged_documents > 0 {
            self.engine.settle(self.index)?;
        }
        let ended = std::mem::take(&mut self.ended);
        for (record, seen) in &ended {
            let withdrawn = self.engine.catalog().finish_source(record, seen, now_ms())?;
            self.report.removed += withdrawn.len();
            if let Some(job) = self.job {
                let state = match &record.state {
                    SourceState::Failed { code, reason } => {
                        JobFileState::Failed { code: code.clone(), reason: reason.clone() }
                    }
                    SourceState::Open | SourceState::Done => JobFileState::Done,
                };
                self.engine.catalog().job_file_done(job, &record.key, &state)?;
            }
        }
        // What was withdrawn.
        self.engine.settle(self.index)?;
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

    fn journal(&self, file: usize, state: &JobFileState) -> Result<(), EngineError> {
        if let Some(job) = self.job {
            self.engine.catalog().job_file_done(job, &self.key(file), state)?;
        }
        Ok(())
    }

    fn key(&self, file: usize) -> String {
        key_of(&self.files[file].absolute)
    }

    fn file_done(&mut self, file: usize) {
        self.done += 1;
        let path = self.files[file].shown.clone();
        (self.sink)(IngestEvent::File { path, done: self.done, total: self.files.len() });
    }

    fn tell(
        &mut self,
        file: usize,
        document: &Document,
        id: &DocumentId,
        change: &'static str,
        chunks: usize,
    ) {
        (self.sink)(IngestEvent::Document {
            path: self.files[file].shown.clone(),
            part: document.part.clone(),
            document_id: id.0.clone(),
            title: document.title.clone(),
            change,
            pages: document.pages.len(),
            pages_without_text: pages_without_text(document),
            chunks,
            warnings: document.warnings.clone(),
        });
    }
}

/// Hashes a file and, where it is new, parses and cuts it. Runs on a parser thread; ends early when nobody listens.
#[expect(clippy::too_many_arguments, reason = "a thread's whole surroundings, used once")]
fn read_file(
    engine: &Engine,
    encoder: &Encoder,
    sandbox: &Sandbox,
    collection: &str,
    file: usize,
    found: &FoundFile,
    halt: &StopFlag,
    send: &SyncSender<Message>,
) {
    let stamp = match stamp(&found.absolute, halt) {
        Ok(stamp) => stamp,
        Err(source) => {
            let failed = io_failure(&found.absolute, &source);
            let _ = send.send(Message::Failed { file, part: None, code: failed.code, reason: failed.reason });
            return;
        }
    };
    let known = engine.catalog().source(collection, &key_of(&found.absolute));
    if let Ok(Some(known)) = known
        && known.state == SourceState::Done
        && known.sha256.as_deref() == Some(stamp.sha256.as_str())
    {
        let _ = send.send(Message::Unchanged { file });
        return;
    }
    let source = Source { path: &found.absolute, folders: &found.folders };
    let result = sandbox.parse(source, halt, &mut |parsed| {
        let message = match parsed {
            Parsed::Document(document) => match encoder.chunker.chunk(&document) {
                Ok(pieces) => Message::Document { file, document, pieces },
                Err(error) => Message::Failed {
                    file,
                    part: document.part,
                    code: error.code().to_owned(),
                    reason: error.to_string(),
                },
            },
            Parsed::Failed { part, failure } => Message::Failed {
                file,
                part: Some(part),
                code: failure.code().to_owned(),
                reason: failure.to_string(),
            },
        };
        send.send(message).is_ok()
    });
    let _ = send.send(Message::End { file, stamp, result: result.map(|_| ()) });
}

fn stamp(path: &Path, halt: &StopFlag) -> std::io::Result<Stamp> {
    let meta = std::fs::metadata(path)?;
    let modified_ns = meta
        .modified()
        .ok()
        .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|d| i64::try_from(d.as_nanos()).ok())
        .unwrap_or(0);
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
    let sha256 = crate::models::hex(&hash.finalize());
    Ok(Stamp { size: meta.len(), modified_ns, sha256 })
}

fn sandbox(engine: &Engine) -> Result<Sandbox, EngineError> {
    let models = &engine.options.models;
    let options = Options {
        pdf_library: crate::load::pdf_library(models)?,
        ocr: crate::load::ocr_files(models)?,
        ..Options::default()
    };
    let parser = &engine.options.parser;
    Ok(Sandbox::new(parser.program.clone(), parser.arguments.clone(), options, Limits::default()))
}

fn pages_without_text(document: &Document) -> usize {
    document
        .pages
        .iter()
        .filter(|p| matches!(p.status, PageStatus::NoText | PageStatus::Unreadable(_)))
        .count()
}

/// How the catalog names a file. A path that is no UTF-8 is shown with replacement characters; two such paths could
/// share a key, which is as if one were a newer version of the other.
fn key_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
