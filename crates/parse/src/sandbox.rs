use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use citadel_core::{Document, Format, StopFlag, WordBox};

use crate::frame::{self, BrokenPage, Frame, JOB_VARIABLE, Job, Tally};
use crate::{Failure, Limits, Options, ParseError, limits};

/// How often the stop flag, the clock and the child's memory are looked at.
const TICK: Duration = Duration::from_millis(50);
/// What is kept of the child's standard error; looked at for two phrases of the Rust runtime, never shown.
const STDERR_BYTES: usize = 16 << 10;

/// Children that files in one file may break before the file is given up.
const MAX_RESTARTS: u32 = 20;

/// Said of a child whose frame is none.
const UNREADABLE: &str = "it wrote something unreadable";

/// Reads files in child processes, one for each file.
///
/// `program` with `arguments` must run [`child_main`](crate::child_main), before it starts threads or opens files.
/// The child has an empty environment, the open file as its standard input, no way to write a file, and the limits
/// of [`Limits`]. Outside Unix only the time limit holds; outside Linux the memory limit is what `RLIMIT_AS` gives.
#[derive(Clone, Debug)]
pub struct Sandbox {
    program: PathBuf,
    arguments: Vec<OsString>,
    options: Options,
    limits: Limits,
}

/// What is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// The folders between the one that the user named and the file, outermost first. Pages of some wikis have their
    /// place in the wiki from them alone.
    pub folders: &'a [String],
}

impl<'a> Source<'a> {
    /// A file that was named itself.
    pub fn file(path: &'a Path) -> Self {
        Self { path, folders: &[] }
    }
}

/// What is given while a file is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// A document.
    Document(Box<Document>),
    /// A part of the file, such as an attachment, could not be read; the rest of the file is not touched by it.
    Failed {
        /// Its name, as the [`Document::part`] it would have had.
        part: String,
        /// What was wrong with it.
        failure: Failure,
    },
    /// A page of the file is being read: a sign of progress.
    Page {
        /// From 1.
        number: u32,
        /// Pages of the file.
        of: u32,
        /// Whether it is a picture, the text of which is being recognised.
        recognizing: bool,
    },
}

/// What was read of a file, beside its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What the file was read as.
    pub format: Format,
    /// Documents given to the sink.
    pub documents: u64,
    /// Pages of a wiki dump that only lead to another page; they are not documents.
    pub redirects: u64,
    /// Pages of a wiki's export that are not current content, or without text of their own; hidden files of an archive and
    /// pictures inside mails.
    pub skipped: u64,
    /// What was lost or doubtful in the file as a whole, in words for people; at most a hundred.
    pub warnings: Vec<String>,
}

impl Sandbox {
    /// Nothing is started yet.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, options: Options, limits: Limits) -> Self {
        Self { program, arguments, options, limits }
    }

    /// Reads one file. Blocks; `sink` gets each document as it comes and returns whether to go on.
    ///
    /// A file in the file that breaks the child, with a crash, a hang or too much memory, is a [`Parsed::Failed`]; another
    /// child goes on behind it. A page of a PDF that does so is unreadable; another child reads the file without it.
    ///
    /// # Errors
    /// [`ParseError`] with the reason; [`Failure::Stopped`] when `stop` was raised or `sink` returned `false`.
    /// Documents that `sink` got before an error are whole: what is read of a cut-off wiki export may be kept.
    pub fn parse(
        &self,
        source: Source<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(Parsed) -> bool,
    ) -> Result<Summary, ParseError> {
        let mut progress = Progress::default();
        loop {
            let failure = match self.run(source, stop, &mut progress, sink) {
                Ok(summary) => return Ok(summary),
                Err(failure) => failure,
            };
            let broke =
                matches!(failure, Failure::Crashed(_) | Failure::Timeout { .. } | Failure::Memory { .. });
            if broke && progress.is_recognizing && progress.open.is_empty() && progress.ocr_broke.is_none() {
                // What can be read without it must not be lost.
                progress.ocr_broke = Some(failure);
                continue;
            }
            let is_full = matches!(failure, Failure::Memory { .. })
                && progress.broken_pages.iter().any(|page| matches!(page.failure, Failure::Memory { .. }));
            let again = broke && progress.restarts < MAX_RESTARTS;
            match (progress.page.take(), progress.open.pop()) {
                // Memory that runs out on one page after the other runs out on all of them together.
                (Some(number), None) if again && !is_full => {
                    progress.restarts += 1;
                    progress.broken_pages.push(BrokenPage { number, failure });
                }
                (None, Some((position, part))) if again => {
                    progress.restarts += 1;
                    progress.resume_after = position;
                    progress.open.clear();
                    if !sink(Parsed::Failed { part, failure }) {
                        return Err(ParseError { path: source.path.to_owned(), failure: Failure::Stopped });
                    }
                }
                _ => return Err(ParseError { path: source.path.to_owned(), failure }),
            }
        }
    }

    /// One child's work.
    fn run(
        &self,
        source: Source<'_>,
        stop: &StopFlag,
        progress: &mut Progress,
        sink: &mut dyn FnMut(Parsed) -> bool,
    ) -> Result<Summary, Failure> {
        let (file, file_bytes) = open(source.path)?;
        let mut options = self.options.clone();
        options.ocr = options.ocr.filter(|_| progress.ocr_broke.is_none());
        let job = Job {
            file_name: source.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            folders: source.folders.to_vec(),
            file_bytes,
            resume_after: progress.resume_after.clone(),
            broken_pages: progress.broken_pages.clone(),
            options,
            ocr_broke: progress.ocr_broke.clone(),
            limits: self.limits.clone(),
        };
        let job = serde_json::to_string(&job).map_err(|e| Failure::NoReader(e.to_string()))?;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().env(JOB_VARIABLE, job);
        // Without it Windows cannot load system libraries.
        #[cfg(windows)]
        command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        let mut child = command
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::NoReader(e.to_string()))?;
        drop(command);
        let result = self.watch(&mut child, file_bytes, stop, progress, sink);
        if result.is_err() {
            // It may be gone already; then there is nothing to end.
            let _ = child.kill();
        }
        let _ = child.wait();
        result
    }

    /// Takes frames until the child is done, breaks a rule or dies. Ends the child in every case but the first.
    fn watch(
        &self,
        child: &mut Child,
        file_bytes: u64,
        stop: &StopFlag,
        progress: &mut Progress,
        sink: &mut dyn FnMut(Parsed) -> bool,
    ) -> Result<Summary, Failure> {
        let (Some(mut stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(Failure::NoReader("its pipes are missing".into()));
        };
        std::thread::scope(|scope| {
            let complaints = scope.spawn(move || tail(stderr));
            let (send, frames) = sync_channel(2);
            scope.spawn(move || {
                loop {
                    let frame = frame::read(&mut stdout);
                    let more = matches!(frame, Ok(Some(_)));
                    if send.send(frame).is_err() || !more {
                        return;
                    }
                }
            });
            let mut patience = self.limits.wall;
            // Counted in what passed between two looks, a second at most for each: a process that was held, or a
            // machine that slept, must not use up a file's time.
            let mut quiet = Duration::ZERO;
            let mut looked = Instant::now();
            let mut peak_space = 0;
            let mut format = None;
            // Of the pages of the next document.
            let mut words: Vec<Vec<WordBox>> = Vec::new();
            let mut last_page = (0, 0);
            loop {
                if stop.is_stopped() {
                    return end(child, Failure::Stopped);
                }
                let bytes = match frames.recv_timeout(TICK) {
                    Ok(Ok(Some(bytes))) => bytes,
                    Err(RecvTimeoutError::Timeout) => {
                        quiet += looked.elapsed().min(Duration::from_secs(1));
                        looked = Instant::now();
                        let patience = if progress.page.is_some() { self.limits.wall } else { patience };
                        if quiet > patience {
                            return end(child, Failure::Timeout { seconds: patience.as_secs() });
                        }
                        if let Some((resident, space)) = limits::memory_of(child.id()) {
                            peak_space = space.max(peak_space);
                            if resident > self.limits.memory_bytes {
                                return end(child, self.out_of_memory());
                            }
                        }
                        continue;
                    }
                    Ok(Ok(None) | Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                        let _ = child.kill();
                        let status = child.wait().map_err(|e| Failure::Crashed(e.to_string()))?;
                        let complaints = complaints.join().unwrap_or_default();
                        let allowed = if progress.page.is_some() { self.limits.page } else { patience };
                        return Err(self.cause_of_death(status, &complaints, peak_space, allowed));
                    }
                };
                let frame = serde_json::from_slice(&bytes);
                progress.is_recognizing = matches!(frame, Ok(Frame::Recognizing));
                progress.page = None;
                match frame {
                    Ok(Frame::Started { format: told, whole }) => {
                        format = Some(told);
                        if whole {
                            patience = patience_for_whole(self.limits.wall, file_bytes);
                        }
                    }
                    Ok(Frame::MemberEnd(mut tally)) => {
                        let (_, name) = progress.open.pop().unwrap_or_default();
                        tally.warnings.iter_mut().for_each(|warning| *warning = format!("{name}: {warning}"));
                        progress.tally.add(tally);
                    }
                    Ok(Frame::Member { name, bytes, position }) => {
                        progress.open.push((position, name));
                        patience = patience_for_whole(self.limits.wall, bytes);
                    }
                    Ok(Frame::Page { number, of }) => {
                        progress.page = Some(number);
                        last_page = (number, of);
                        if of > 0 && !sink(Parsed::Page { number, of, recognizing: false }) {
                            return end(child, Failure::Stopped);
                        }
                    }
                    Ok(Frame::Recognizing) => {
                        let (number, of) = last_page;
                        if of > 0 && !sink(Parsed::Page { number, of, recognizing: true }) {
                            return end(child, Failure::Stopped);
                        }
                    }
                    Ok(Frame::Words(packed)) => match packed.unpack() {
                        Some(page) => words.push(page),
                        None => return end(child, Failure::Crashed(UNREADABLE.into())),
                    },
                    Ok(Frame::Document(mut document)) => {
                        let pages = document.pages.iter_mut().zip(words.drain(..));
                        pages.for_each(|(page, words)| page.words = words);
                        progress.documents += 1;
                        if !sink(Parsed::Document(document)) {
                            return end(child, Failure::Stopped);
                        }
                    }
                    Ok(Frame::FailedPart { part, failure }) => {
                        if !sink(Parsed::Failed { part, failure }) {
                            return end(child, Failure::Stopped);
                        }
                    }
                    Ok(Frame::Alive) => {}
                    Ok(Frame::Failed(failure)) => return end(child, failure),
                    Ok(Frame::Done(tally)) => {
                        // It has nothing left to do, and its pipes must close.
                        let _ = child.kill();
                        let Some(format) = format else {
                            return end(child, Failure::Crashed("it did not say what the file is".into()));
                        };
                        progress.tally.add(tally);
                        let Tally { redirects, skipped, warnings } = std::mem::take(&mut progress.tally);
                        let documents = progress.documents;
                        return Ok(Summary { format, documents, redirects, skipped, warnings });
                    }
                    Err(_) => return end(child, Failure::Crashed(UNREADABLE.into())),
                }
                // The time that the sink took is not the child's.
                quiet = Duration::ZERO;
                looked = Instant::now();
            }
        })
    }

    fn out_of_memory(&self) -> Failure {
        Failure::Memory { mebibytes: self.limits.memory_bytes >> 20 }
    }

    /// Why a child ended that said neither `done` nor `failed`.
    fn cause_of_death(
        &self,
        status: ExitStatus,
        complaints: &str,
        peak_space: u64,
        allowed: Duration,
    ) -> Failure {
        // The Rust runtime's own words. C++ libraries just abort, so there the last size seen has to tell.
        let near_limit = peak_space > self.limits.memory_bytes / 10 * 9;
        if complaints.contains("memory allocation of") || (near_limit && !status.success()) {
            return self.out_of_memory();
        }
        if complaints.contains("overflowed its stack") {
            return Failure::Crashed("it is nested too deeply".into());
        }
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            if let Some(signal) = status.signal() {
                if signal == libc::SIGXCPU {
                    return Failure::Timeout { seconds: allowed.as_secs() };
                }
                return Failure::Crashed(format!("signal {signal}"));
            }
        }
        let _ = allowed;
        Failure::Crashed(match status.code() {
            Some(code) => format!("exit code {code}"),
            None => "no exit code".into(),
        })
    }
}

/// How far reading a file is, over all its children.
#[derive(Debug, Default)]
struct Progress {
    documents: u64,
    /// What is known of files in the file that were read to their end.
    tally: Tally,
    /// The files in the file that are being read, outermost first: their positions and names.
    open: Vec<(Vec<u64>, String)>,
    /// The position of the file in the file that broke the last child.
    resume_after: Vec<u64>,
    /// The page of a PDF that is being read.
    page: Option<u32>,
    broken_pages: Vec<BrokenPage>,
    restarts: u32,
    /// Whether the child is at recognising text.
    is_recognizing: bool,
    /// How that ended a child.
    ocr_broke: Option<Failure>,
}

/// Ends the child, with whose pipes the threads that read them end.
fn end<T>(child: &mut Child, failure: Failure) -> Result<T, Failure> {
    // It may be gone already; then there is nothing to end.
    let _ = child.kill();
    Err(failure)
}

/// One second for each MiB on top, up to an hour.
pub(crate) fn patience_for_whole(wall: Duration, file_bytes: u64) -> Duration {
    wall.saturating_add(Duration::from_secs((file_bytes >> 20).min(3600)))
}

/// Opens a regular file with something in it. Anything else (a folder, a pipe, a device) could block for ever.
fn open(path: &Path) -> Result<(File, u64), Failure> {
    let refused = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => Failure::NotFound,
        _ => Failure::Unreadable(e.to_string()),
    };
    if !std::fs::metadata(path).map_err(refused)?.is_file() {
        return Err(Failure::Unsupported("it is not a regular file".into()));
    }
    let file = File::open(path).map_err(refused)?;
    let bytes = file.metadata().map_err(refused)?.len();
    if bytes == 0 {
        return Err(Failure::Empty);
    }
    Ok((file, bytes))
}

/// Reads to the end and keeps the last [`STDERR_BYTES`].
fn tail(mut from: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        kept.extend_from_slice(buffer.get(..n).unwrap_or_default());
        let surplus = kept.len().saturating_sub(STDERR_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
