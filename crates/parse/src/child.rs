use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use citadel_core::{Document, Format};

use crate::archive::Content;
use crate::frame::{self, Frame, JOB_VARIABLE, Job, Tally};
use crate::sandbox::patience_for_whole;
use crate::sniff::{self, Kind};
use crate::{
    Failure, archive, confluence, csv, docx, epub, html, limits, markdown, mediawiki, open_document, pptx,
    text, xlsx,
};

/// Deeply nested files recurse deeply in the libraries that read them. Only what is touched costs memory.
const STACK_BYTES: usize = 256 << 20;

/// What the hidden verb runs: reads the file on standard input as the job in the environment says, and writes frames
/// to standard output. Call it first thing in `main`. Not for people.
pub fn child_main() -> ExitCode {
    let job = std::env::var(JOB_VARIABLE).ok().and_then(|json| serde_json::from_str::<Job>(&json).ok());
    let Some(job) = job else {
        eprintln!("this verb is started by the program itself");
        return ExitCode::from(2);
    };
    let (Ok(file), Ok(mut out)) = (limits::claim_stdin(), limits::claim_stdout()) else {
        return ExitCode::from(2);
    };
    limits::apply(&job.limits);
    let last = match guarded(|| read_file(file, &job, &mut Outlet::new(&mut out, &job))) {
        Ok(tally) => Frame::Done(tally),
        Err(failure) => Frame::Failed(failure),
    };
    match frame::write(&mut out, &last) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs `work` on a large stack and turns a panic into a failure that names only the line of code: the message may
/// quote the file.
fn guarded<T: Send>(work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    let place = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(at) = panic.location() {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = code_place(at.file(), at.line());
        }
    }));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|e| Failure::NoReader(e.to_string()))?;
        thread.join().unwrap_or_else(|_| {
            let place = place.lock().unwrap_or_else(PoisonError::into_inner);
            Err(Failure::Crashed(format!("panic at {place}")))
        })
    })
}

/// `crate-1.0/src/file.rs:7` of a longer path: the folders above are those of the machine that built the program.
fn code_place(file: &str, line: u32) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let from = parts
        .iter()
        .rposition(|part| *part == "src")
        .map_or(parts.len().saturating_sub(1), |at| at.saturating_sub(1));
    format!("{}:{line}", parts.get(from..).unwrap_or_default().join("/"))
}

/// Where documents and signs of life go.
struct Outlet<'a, W: Write> {
    out: &'a mut W,
    max_text_chars: usize,
    seconds_per_document: u64,
    /// Why no more is taken.
    broken: Option<Failure>,
}

impl<'a, W: Write> Outlet<'a, W> {
    fn new(out: &'a mut W, job: &Job) -> Self {
        let seconds_per_document = patience_for_whole(job.limits.wall, job.file_bytes).as_secs();
        Self { out, max_text_chars: job.options.max_text_chars, seconds_per_document, broken: None }
    }

    /// Whether to go on.
    fn say(&mut self, frame: &Frame) -> bool {
        limits::renew_processor_time(self.seconds_per_document);
        if let Err(e) = frame::write(self.out, frame) {
            self.broken = Some(match e.kind() {
                io::ErrorKind::FileTooLarge => {
                    Failure::TooLarge("more than 1 GiB of text and word positions".into())
                }
                _ => Failure::Stopped,
            });
        }
        self.broken.is_none()
    }

    fn document(&mut self, document: Document) -> bool {
        // Bytes first: they are at most four times the characters, and free to count.
        let max = self.max_text_chars;
        if document.text.len() > max && document.text.chars().count() > max {
            self.broken = Some(Failure::too_long(max));
            return false;
        }
        self.say(&Frame::Document(Box::new(document)))
    }

    /// A document, or a sign of life.
    fn event(&mut self, event: Option<Document>) -> bool {
        match event {
            Some(document) => self.document(document),
            None => self.say(&Frame::Alive),
        }
    }

    fn started(&mut self, format: Format, whole: bool) {
        self.say(&Frame::Started { format, whole });
    }
}

fn read_file<W: Write>(mut file: File, job: &Job, to: &mut Outlet<'_, W>) -> Result<Tally, Failure> {
    let mut head = Vec::new();
    (&file).take(sniff::HEAD_BYTES as u64).read_to_end(&mut head).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let kind = sniff::kind(&head, &job.file_name)?;
    if let Kind::MediaWiki { packing } = kind {
        to.started(Format::MediaWiki, false);
        let result = mediawiki::parse(file, packing, &mut |event| to.event(event));
        return to.broken.take().map_or(result, Err);
    }
    if let (Kind::Archive, Some(archive)) = (kind, archive::confluence(&file)) {
        to.started(Format::Confluence, false);
        let result = confluence::parse(archive, &mut |event| to.event(event));
        return to.broken.take().map_or(result, Err);
    }
    file.rewind().map_err(unreadable)?;
    if job.file_bytes > job.limits.max_file_bytes {
        let limit = job.limits.max_file_bytes >> 20;
        return Err(Failure::TooLarge(format!("{} MiB, the limit is {limit} MiB", job.file_bytes >> 20)));
    }
    let mut bytes = Vec::new();
    file.take(job.limits.max_file_bytes).read_to_end(&mut bytes).map_err(unreadable)?;
    drop(head);
    let stem = stem(&job.file_name);
    let document = match kind {
        Kind::Pdf => {
            to.started(Format::Pdf, true);
            crate::pdf::parse(&bytes, &job.options, stem)?
        }
        Kind::Archive => match archive::look(&bytes)? {
            Content::Docx => {
                to.started(Format::Docx, true);
                docx::parse(&bytes, stem)?
            }
            Content::Pptx => {
                to.started(Format::Pptx, true);
                pptx::parse(&bytes, stem)?
            }
            Content::Xlsx => {
                to.started(Format::Xlsx, true);
                xlsx::parse(&bytes, job.options.max_text_chars, stem)?
            }
            Content::Epub => {
                to.started(Format::Epub, true);
                epub::parse(&bytes, stem)?
            }
            Content::Odt => {
                to.started(Format::Odt, true);
                open_document::parse(&bytes, Format::Odt, stem)?
            }
            Content::Odp => {
                to.started(Format::Odp, true);
                open_document::parse(&bytes, Format::Odp, stem)?
            }
        },
        Kind::Html | Kind::Markdown | Kind::Separated(_) | Kind::Text => {
            let format = match kind {
                Kind::Html => Format::Html,
                Kind::Markdown => Format::Markdown,
                Kind::Separated(_) => Format::Csv,
                _ => Format::Text,
            };
            to.started(format, true);
            // No encoding spends more than four bytes on a character.
            if bytes.len() / 4 > job.options.max_text_chars {
                return Err(Failure::too_long(job.options.max_text_chars));
            }
            let decoded = text::decode(&bytes, format == Format::Html)?;
            drop(bytes);
            match kind {
                Kind::Html => html::parse(decoded, stem),
                Kind::Markdown => markdown::parse(decoded, stem),
                Kind::Separated(separator) => {
                    csv::parse(decoded, separator, job.options.max_text_chars, stem)?
                }
                _ => text::parse(decoded, stem),
            }
        }
        Kind::MediaWiki { .. } => return Err(Failure::Unsupported("a wiki dump inside a wiki dump".into())),
    };
    // A scan has pages without text: a document still, which the caller may want to tell about.
    if document.blocks.is_empty() && document.pages.is_empty() {
        return Err(Failure::Empty);
    }
    to.document(document);
    to.broken.take().map_or_else(|| Ok(Tally::default()), Err)
}

fn unreadable(e: io::Error) -> Failure {
    Failure::Unreadable(e.to_string())
}

/// The file's name without its ending; never empty.
fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ if file_name.is_empty() => "untitled",
        _ => file_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_names_the_line_and_not_the_text() {
        let failure = guarded(|| -> Result<(), Failure> {
            let secret = "user text";
            assert_eq!(secret.len(), 0, "{secret}");
            Ok(())
        });
        let Err(Failure::Crashed(reason)) = failure else { panic!("{failure:?}") };
        assert!(reason.starts_with("panic at parse/src/child.rs:"), "{reason}");
    }

    #[test]
    fn code_places_lose_their_folders() {
        for (file, place) in [
            ("/a/b/lib-1.0/src/x/y.rs", "lib-1.0/src/x/y.rs:3"),
            ("crates/parse/src/child.rs", "parse/src/child.rs:3"),
            ("src/lib.rs", "src/lib.rs:3"),
            ("C:\\a\\lib\\src\\x.rs", "lib/src/x.rs:3"),
            ("odd.rs", "odd.rs:3"),
        ] {
            assert_eq!(code_place(file, 3), place);
        }
    }
}
