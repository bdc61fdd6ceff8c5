use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How to read; goes to the child with every file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// PDFium's shared library, as an absolute path; without it PDFs are read by the built-in reader alone.
    pub pdf_library: Option<PathBuf>,
    /// What recognises the text of pages that are pictures; without it they stay without text.
    pub ocr: Option<OcrFiles>,
    /// Passwords to try on files that want one, in this order; none by default.
    pub passwords: Vec<String>,
    /// The most characters (Unicode scalar values) one document may have; default 100 million. A longer one fails as
    /// `too_large`.
    pub max_text_chars: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { pdf_library: None, ocr: None, passwords: Vec::new(), max_text_chars: 100_000_000 }
    }
}

/// Where the files of the text recognition lie, as absolute paths. Only whoever gives [`child_main`](crate::child_main)
/// its recogniser knows what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OcrFiles {
    /// The library that runs the models.
    pub runtime_library: PathBuf,
    /// The model that finds lines of text on a picture.
    pub detector: PathBuf,
    /// The model that reads a line.
    pub reader: PathBuf,
}

/// What one child process may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of the child in bytes; default 2 GiB. Linux holds it for address space and for resident memory, other
    /// Unix systems as far as their `RLIMIT_AS` does, Windows not at all. 256 MiB of it are the parser's stack.
    pub memory_bytes: u64,
    /// The longest wait for the next document or sign of progress; default 120 s. A file that is read whole gets one
    /// second more for each MiB, up to an hour. A wiki's export, an archive or a
    /// mailbox has no limit as a whole, only from page to page or file to file.
    pub wall: Duration,
    /// The longest that one page of a PDF may take, in processor time; default 10 s. The page is given up, and the rest of
    /// the file is read. Outside Unix only `wall` holds.
    pub page: Duration,
    /// The largest file that is read whole, in bytes; default 512 MiB. It holds for each file in a file too, together with
    /// those around it that are in memory. Exports of wikis, archives and mailboxes are streamed and may be of any size,
    /// and so are PDFs where PDFium reads them.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            wall: Duration::from_secs(120),
            page: Duration::from_secs(10),
            max_file_bytes: 512 << 20,
        }
    }
}
