//! The text recognition that a child is given.

use citadel_core::{Picture, RecognizedLine, TextRecognizer};

use crate::OcrFiles;

/// Makes a recogniser of its files; the error is for people.
pub type OpenRecognizer<'a> = dyn Fn(&OcrFiles) -> Result<Box<dyn TextRecognizer>, String> + Sync + 'a;

/// More pages than this are not recognised in one file: at two seconds each, that is three hours.
const MAX_PAGES: usize = 5000;

/// Recognises text, with a recogniser that is opened when the first picture comes.
pub(crate) struct Ocr<'a> {
    files: Option<&'a OcrFiles>,
    open: &'a OpenRecognizer<'a>,
    recognizer: Option<Box<dyn TextRecognizer>>,
    pages: usize,
    /// Why no more is recognised.
    broken: Option<String>,
    /// Lines that could not be read since warnings were last taken, and the pages they are on.
    unread: (usize, usize),
}

impl<'a> Ocr<'a> {
    /// Recognises nothing without `files`.
    pub fn new(files: Option<&'a OcrFiles>, open: &'a OpenRecognizer<'a>) -> Self {
        Self { files, open, recognizer: None, pages: 0, broken: None, unread: (0, 0) }
    }

    /// Whether it is worth making a picture.
    pub fn is_on(&self) -> bool {
        self.files.is_some() && self.broken.is_none()
    }

    /// The lines on `picture`; none after something went wrong.
    pub fn recognize(&mut self, picture: &Picture) -> Vec<RecognizedLine> {
        let Some(files) = self.files.filter(|_| self.broken.is_none()) else { return Vec::new() };
        if self.pages >= MAX_PAGES {
            self.broken = Some(format!("text recognition ended after {MAX_PAGES} pages of this file"));
            return Vec::new();
        }
        self.pages += 1;
        if self.recognizer.is_none() {
            match (self.open)(files) {
                Ok(recognizer) => self.recognizer = Some(recognizer),
                Err(why) => self.broken = Some(format!("text recognition could not be started: {why}")),
            }
        }
        let Some(recognizer) = &mut self.recognizer else { return Vec::new() };
        match recognizer.recognize(picture) {
            Ok(found) => {
                // Marks and ornaments that are no text are on many pages.
                if found.unread * 4 > found.lines.len() {
                    self.unread = (self.unread.0 + found.unread, self.unread.1 + 1);
                }
                found.lines
            }
            Err(error) => {
                self.broken = Some(format!("text recognition failed: {error}"));
                Vec::new()
            }
        }
    }

    /// What went wrong since this was last asked, in words for people.
    pub fn take_warnings(&mut self) -> Vec<String> {
        let (lines, pages) = std::mem::take(&mut self.unread);
        let unread = (lines > 0).then(|| {
            format!(
                "text recognition could not read {lines} places on {pages} pages, which may be pictures or text in a \
                 script that it does not know"
            )
        });
        self.broken.clone().into_iter().chain(unread).collect()
    }
}
