use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A file that could not be read, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {failure}", path.display())]
pub struct ParseError {
    /// The file.
    pub path: PathBuf,
    /// What was wrong with it.
    pub failure: Failure,
}

impl ParseError {
    /// See [`Failure::code`].
    pub fn code(&self) -> &'static str {
        self.failure.code()
    }
}

/// Why a file could not be read. Each message ends with what to do.
///
/// Texts inside come from this crate or a parser library's own error, never from a panic message, since those
/// may quote the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Nothing has this name.
    #[error("there is no such file; check the name")]
    NotFound,
    /// The operating system refused.
    #[error("it cannot be read ({0}); check its permissions and the drive")]
    Unreadable(String),
    /// Zero bytes, or white space only.
    #[error("it is empty; there is nothing to read in it")]
    Empty,
    /// Not a format that this crate reads.
    #[error("{0}; convert it to PDF, DOCX, HTML, Markdown or text")]
    Unsupported(String),
    /// The bytes break the rules of their format.
    #[error("it is damaged ({0}); open it in its own program and save it anew")]
    Damaged(String),
    /// The file ends too early.
    #[error("it is cut off ({0}); copy or download it again")]
    Truncated(String),
    /// A password is needed.
    #[error("it is protected by a password; read it again with the password, or save a copy without one")]
    Encrypted,
    /// Over a size limit.
    #[error("it is too large ({0}); split it")]
    TooLarge(String),
    /// It unpacks to far more than its size; reading was given up.
    #[error(
        "it unpacks to far more than a document should ({0}); if you trust it, save it anew in its own program"
    )]
    Bomb(String),
    /// A way or kind of file that has no place in an archive; reading it could do harm.
    #[error("it was refused ({0}); unpack the archive yourself if you trust it")]
    Refused(String),
    /// Nothing came for too long.
    #[error("reading took longer than {seconds} s for one document and was ended; split the file")]
    Timeout {
        /// The time that was allowed, in seconds.
        seconds: u64,
    },
    /// The memory limit was reached.
    #[error("reading needed more than {mebibytes} MiB of memory and was ended; split the file")]
    Memory {
        /// The limit, in MiB.
        mebibytes: u64,
    },
    /// The parser broke; nothing but this file is affected.
    #[error(
        "the reader broke on it ({0}); please report this with the file's kind, and save the file anew or as PDF"
    )]
    Crashed(String),
    /// The reader process could not be started or spoken to.
    #[error(
        "the reader process could not be run ({0}); check that the program file is in place and executable"
    )]
    NoReader(String),
    /// The caller asked to stop.
    #[error("stopped")]
    Stopped,
}

impl Failure {
    pub(crate) fn too_long(max_chars: usize) -> Self {
        Self::TooLarge(format!("more than {max_chars} characters of text in one document"))
    }

    /// A stable name for a caller to act on: `not_found`, `unreadable`, `empty`, `unsupported`, `damaged`, `truncated`,
    /// `encrypted`, `too_large`, `bomb`, `refused`, `timeout`, `memory`, `crashed`, `no_reader` or `stopped`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Unreadable(_) => "unreadable",
            Self::Empty => "empty",
            Self::Unsupported(_) => "unsupported",
            Self::Damaged(_) => "damaged",
            Self::Truncated(_) => "truncated",
            Self::Encrypted => "encrypted",
            Self::TooLarge(_) => "too_large",
            Self::Bomb(_) => "bomb",
            Self::Refused(_) => "refused",
            Self::Timeout { .. } => "timeout",
            Self::Memory { .. } => "memory",
            Self::Crashed(_) => "crashed",
            Self::NoReader(_) => "no_reader",
            Self::Stopped => "stopped",
        }
    }
}
