//! What passes between the two processes: the job in one environment variable, then frames on standard output, each a
//! little-endian `u32` length and that many bytes of JSON.

use std::io::{self, Read, Write};

use citadel_core::{CharRange, Document, Format, WordBox};
use serde::{Deserialize, Serialize};

use crate::{Failure, Limits, Options};

/// The variable that carries the [`Job`]. An argument would show the file's name to other users of the machine.
pub(crate) const JOB_VARIABLE: &str = "CITADEL_PARSE_JOB";

/// The largest frame: the text of a document, with its blocks and pages.
const MAX_FRAME_BYTES: u32 = 1 << 30;

/// Warnings of one file that are told.
const MAX_WARNINGS: usize = 100;

/// One file to read. The file itself is the child's standard input.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The file's name without folders, for its title and as a hint.
    pub file_name: String,
    /// The folders above it, outermost first, below the one that the user named.
    pub folders: Vec<String>,
    pub file_bytes: u64,
    /// The pages on which earlier children broke, and how: one entry for each child.
    pub broken_pages: Vec<BrokenPage>,
    /// Which file in the file ended an earlier child: the how-manieth it is in the file, in the member of the file, and so
    /// on. It is passed over, and so is what came before it. Empty for the first child.
    pub resume_after: Vec<u64>,
    pub options: Options,
    /// How recognising text ended an earlier child; this one does without.
    pub ocr_broke: Option<Failure>,
    pub limits: Limits,
}

/// A page of a PDF that ended a child.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BrokenPage {
    /// From 1; 0 for what comes before the first page, where the file is opened.
    pub number: u32,
    pub failure: Failure,
}

/// What the child says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frame {
    /// What the file is; `whole` where it is read as a whole before the first document comes.
    Started {
        format: Format,
        whole: bool,
    },
    /// A file in the file begins; those around it have not ended.
    Member {
        /// With the names of those around it.
        name: String,
        bytes: u64,
        /// See [`Job::resume_after`].
        position: Vec<u64>,
    },
    /// The file in the file that began last, of those that have not ended, has been read.
    MemberEnd(Tally),
    /// Of a document with pages, without their words: those come before it, one [`Frame::Words`] for each page.
    Document(Box<Document>),
    Words(PackedWords),
    /// A page of the file begins, `of` so many; what ends the child from now on, up to the next frame, ends this page
    /// alone. For what comes before and after the pages `of` is 0.
    Page {
        number: u32,
        of: u32,
    },
    /// A part of the file could not be read.
    FailedPart {
        part: String,
        failure: Failure,
    },
    /// The text of a page that is a picture is about to be recognised, until the next frame.
    Recognizing,
    /// Work goes on, though no document came.
    Alive,
    Done(Tally),
    Failed(Failure),
}

/// What is known of a file after the last document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub redirects: u64,
    pub skipped: u64,
    pub warnings: Vec<String>,
}

/// The words of a page, six numbers for each: how many characters after the end of the one before it starts, how many it
/// has, and its rectangle in hundredths of a point, rounded outwards.
///
/// A field by field form takes four times as much, and a long PDF has millions of words.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PackedWords(Vec<i64>);

impl PackedWords {
    fn new(words: &[WordBox]) -> Self {
        let mut numbers = Vec::with_capacity(words.len() * 6);
        let mut end = 0;
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        for WordBox { range, rect: [left, top, right, bottom] } in words {
            numbers.extend([count(range.start.saturating_sub(end)), count(range.end - range.start)]);
            numbers.extend([left, top].map(|v| (v * 100.0).floor() as i64));
            numbers.extend([right, bottom].map(|v| (v * 100.0).ceil() as i64));
            end = range.end;
        }
        Self(numbers)
    }

    /// `None` where the numbers make no sense.
    pub fn unpack(&self) -> Option<Vec<WordBox>> {
        let mut end = 0usize;
        let word = |numbers: &[i64]| {
            let &[gap, length, left, top, right, bottom] = numbers else { return None };
            let start = end.checked_add(usize::try_from(gap).ok()?)?;
            end = start.checked_add(usize::try_from(length).ok()?)?;
            let rect = [left, top, right, bottom].map(|v| (v as f64 / 100.0) as f32);
            Some(WordBox { range: CharRange::new(start, end), rect })
        };
        self.0.chunks(6).map(word).collect()
    }
}

/// Writes a document, page after page, so that no more than one page's words stand in memory twice.
pub(crate) fn write_document(to: &mut (impl Write + ?Sized), mut document: Box<Document>) -> io::Result<()> {
    for page in &mut document.pages {
        write(to, &Frame::Words(PackedWords::new(&std::mem::take(&mut page.words))))?;
    }
    write(to, &Frame::Document(document))
}

impl Tally {
    /// Adds what is known of another file; of warnings at most a hundred are kept.
    pub fn add(&mut self, other: Tally) {
        self.redirects += other.redirects;
        self.skipped += other.skipped;
        self.warnings.extend(other.warnings);
        self.warnings.truncate(MAX_WARNINGS);
    }

    /// Adds a warning, if there are not too many.
    pub fn warn(&mut self, warning: String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }
}

pub(crate) fn write(to: &mut (impl Write + ?Sized), frame: &Frame) -> io::Result<()> {
    let json = serde_json::to_vec(frame)?;
    let length = u32::try_from(json.len()).ok().filter(|&n| n <= MAX_FRAME_BYTES);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&json)?;
    to.flush()
}

/// The bytes of the next frame; `None` at a clean end. Memory grows only with what really arrives.
pub(crate) fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let mut got = 0;
    while got < length.len() {
        match from.read(length.get_mut(got..).unwrap_or_default())? {
            0 if got == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => got += n,
        }
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut json = Vec::new();
    if from.take(length.into()).read_to_end(&mut json)? < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(json))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn words_keep_their_ranges_and_never_shrink() {
        let words = [(0, 5, [72.0, 10.123, 100.0, 20.001]), (7, 9, [-0.5, 0.0, 1e7, 3.25])]
            .map(|(start, end, rect)| WordBox { range: CharRange::new(start, end), rect });
        let packed = serde_json::to_string(&PackedWords::new(&words)).unwrap();
        assert_eq!(packed, "[0,5,7200,1012,10000,2001,2,2,-50,0,1000000000,325]");
        let back = serde_json::from_str::<PackedWords>(&packed).unwrap().unpack().unwrap();
        let expected = [(0, 5, [72.0, 10.12, 100.0, 20.01]), (7, 9, [-0.5, 0.0, 1e7, 3.25])];
        assert_eq!(back.iter().map(|w| (w.range.start, w.range.end, w.rect)).collect::<Vec<_>>(), expected);
        for broken in [
            vec![1, 2, 3],
            vec![-1, 2, 0, 0, 0, 0],
            vec![i64::MAX, i64::MAX, 0, 0, 0, 0, i64::MAX, 1, 0, 0, 0, 0],
        ] {
            assert!(PackedWords(broken.clone()).unpack().is_none(), "{broken:?}");
        }
    }

    #[test]
    fn frames_come_back_and_broken_ones_are_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, &Frame::Alive).unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(read(&mut from).unwrap().as_deref(), Some(&b"\"alive\""[..]));
        assert!(read(&mut from).unwrap().is_none());
        for broken in [&bytes[..2], &bytes[..bytes.len() - 1], &[0xff; 8]] {
            assert!(read(&mut &broken[..]).is_err(), "{broken:?}");
        }
    }
}
