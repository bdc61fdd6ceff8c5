//! Where documents go, and files that lie in files.

use std::io::{self, Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use citadel_core::{Document, Format, Picture, RecognizedLine};

use crate::frame::{self, Frame, Job, Tally};
use crate::language;
use crate::ocr::Ocr;
use crate::reader::{self, Place};
use crate::sandbox::patience_for_whole;
use crate::{Failure, Options, archive, limits};

/// Files in files in files: an attached archive of a mail of a packed mailbox in an archive is 5 deep.
const MAX_DEPTH: usize = 6;
/// Files in one file, however deep.
const MAX_MEMBERS: u64 = 1_000_000;
/// Bytes unpacked from one file, over all files in it and however deep, if it is small; if it is large,
/// [`archive::MAX_RATIO`] times its size.
const MAX_UNPACKED: u64 = 1 << 30;
/// Bytes unpacked between two signs of life.
const ALIVE_EVERY: usize = 8 << 20;
/// Parts the names of a file in a file, and of a part of it.
pub(crate) const WITHIN: &str = " > ";

/// A file that lies in another.
#[derive(Debug, Default)]
pub(crate) struct Member {
    /// Its name among the parts of the file around it, none of which has the same. Its documents get it as their part.
    pub part: String,
    pub place: Place,
    /// To how many bytes it unpacks, as far as is known: the time it gets depends on it.
    pub bytes: u64,
    /// The title of the document that it is attached to; its documents get it among their facts.
    pub attached_to: Option<String>,
}

/// Takes documents and signs of life, and passes them on.
pub(crate) struct Outlet<'a> {
    out: &'a mut dyn Write,
    job: &'a Job,
    ocr: Ocr<'a>,
    /// The files in files that are being read, outermost first.
    within: Vec<Member>,
    /// How many members began: of the file itself, of the member of it that is being read, and so on.
    position: Vec<u64>,
    /// Members, however deep.
    members: u64,
    /// How many files lie around the one being read, packed ones and members alike.
    depth: usize,
    /// Bytes of the files around the one being read, which are in memory.
    held: u64,
    /// Bytes unpacked so far.
    unpacked: u64,
    /// Why no more is taken.
    broken: Option<Failure>,
}

impl<'a> Outlet<'a> {
    pub fn new(out: &'a mut dyn Write, job: &'a Job, ocr: Ocr<'a>) -> Self {
        Self {
            out,
            job,
            ocr,
            within: Vec::new(),
            position: vec![0],
            members: 0,
            depth: 0,
            held: 0,
            unpacked: 0,
            broken: None,
        }
    }

    pub fn options(&self) -> &'a Options {
        &self.job.options
    }

    /// The largest file that may now be read whole: what the files around it hold is taken off.
    pub fn max_file_bytes(&self) -> u64 {
        self.job.limits.max_file_bytes.saturating_sub(self.held)
    }

    /// What the file is; `whole` where it is read as a whole before the first document comes.
    pub fn started(&mut self, format: Format, whole: bool) {
        if self.within.is_empty() {
            self.say(&Frame::Started { format, whole });
        }
    }

    /// Whether to go on.
    pub fn document(&mut self, mut document: Document) -> bool {
        // Bytes first: they are at most four times the characters, and free to count.
        let max = self.job.options.max_text_chars;
        if document.text.len() > max && document.text.chars().count() > max {
            let failure = Failure::too_long(max);
            return match document.part.take() {
                Some(part) => self.lost(Some(&part), failure),
                None => {
                    self.broken = Some(failure);
                    false
                }
            };
        }
        if self.was_sent() {
            return self.say(&Frame::Alive);
        }
        document.part = self.part(document.part.as_deref());
        if !document.metadata.contains_key("language")
            && let Some(code) = language::of(&document.text)
        {
            document.metadata.insert("language".into(), code.into());
        }
        if let Some(title) = self.within.iter().rev().find_map(|member| member.attached_to.clone()) {
            document.metadata.entry("attached_to".into()).or_insert(title);
        }
        self.renew_time();
        let written = frame::write_document(self.out, Box::new(document));
        self.heard(written)
    }

    /// A page of a PDF begins, counted from 1, `of` so many; or the work before the pages or behind them, `of` 0. Whether to
    /// go on. Where it ends this process, another one reads the file without it, see [`Outlet::broken_page`].
    pub fn page(&mut self, number: u32, of: u32) -> bool {
        if !self.within.is_empty() {
            return self.say(&Frame::Alive);
        }
        // Whole seconds, and at least one.
        limits::renew_processor_time(self.job.limits.page.as_secs().max(1));
        let written = frame::write(self.out, &Frame::Page { number, of });
        self.heard(written)
    }

    /// How often earlier processes ended at this page, and how the last of them did.
    pub fn broken_page(&self, number: u32) -> (usize, Option<&'a Failure>) {
        let broken = || self.job.broken_pages.iter().filter(|page| page.number == number);
        match self.within.as_slice() {
            [] => (broken().count(), broken().next_back().map(|page| &page.failure)),
            _ => (0, None),
        }
    }

    /// The sign that work goes on; whether to go on.
    pub fn alive(&mut self) -> bool {
        self.say(&Frame::Alive)
    }

    /// A document, or a sign of life.
    pub fn event(&mut self, event: Option<Document>) -> bool {
        match event {
            Some(document) => self.document(document),
            None => self.say(&Frame::Alive),
        }
    }

    /// The lines of text on the picture of a page; none where they are not to be recognised, or cannot be. The picture is
    /// made only when it is needed. [`Outlet::ocr_warnings`] tells what went wrong.
    pub fn recognize(&mut self, picture: impl FnOnce() -> Option<Picture>) -> Vec<RecognizedLine> {
        if !self.ocr.is_on() || !self.say(&Frame::Recognizing) {
            return Vec::new();
        }
        let lines = picture().map(|picture| self.ocr.recognize(&picture)).unwrap_or_default();
        if self.say(&Frame::Alive) { lines } else { Vec::new() }
    }

    /// What recognition could not do since this was last asked, in words for people.
    pub fn ocr_warnings(&mut self) -> Vec<String> {
        let mut warnings = self.ocr.take_warnings();
        warnings.extend(
            self.job
                .ocr_broke
                .as_ref()
                .map(|failure| format!("text recognition was given up on this file: {failure}")),
        );
        warnings
    }

    /// A part of the file could not be read; whether to go on.
    pub fn lost(&mut self, part: Option<&str>, failure: Failure) -> bool {
        match self.part(part) {
            _ if self.was_sent() => self.say(&Frame::Alive),
            Some(part) => self.say(&Frame::FailedPart { part, failure }),
            None => {
                self.broken = Some(failure);
                false
            }
        }
    }

    /// Reads a file that lies in the file being read, such as an attachment: `read` gets it and gives its documents.
    /// What is wrong with it is told and spoils nothing else. Whether to go on.
    ///
    /// A file's members must come in the same order whenever it is read, and `read` must not change which come: a child
    /// that one of them broke is followed by another, which does not call `read` for those that the first one read.
    pub fn member(&mut self, member: Member, read: impl FnOnce(&mut Self) -> Result<Tally, Failure>) -> bool {
        self.members += 1;
        if self.members > MAX_MEMBERS {
            self.broken = Some(Failure::Bomb(format!("more than {MAX_MEMBERS} files in it")));
            return false;
        }
        if let Some(begun) = self.position.last_mut() {
            *begun += 1;
        }
        if self.was_sent() || self.position == self.job.resume_after {
            return self.say(&Frame::Alive);
        }
        let bytes = member.bytes.min(self.max_file_bytes());
        self.within.push(member);
        let name = self.part(None).unwrap_or_default();
        let mut go_on = self.say(&Frame::Member { name, bytes, position: self.position.clone() });
        if go_on {
            self.position.push(0);
            let around = (self.depth, self.held);
            // A library may panic on it; the rest of the archive must not suffer.
            let result = catch_unwind(AssertUnwindSafe(|| read(self)));
            (self.depth, self.held) = around;
            let result = result.unwrap_or_else(|_| Err(Failure::Crashed("the reader panicked".into())));
            go_on = self.end_member(result);
            self.position.pop();
        }
        self.within.pop();
        go_on
    }

    /// Tells what came of a member; whether to go on.
    fn end_member(&mut self, result: Result<Tally, Failure>) -> bool {
        if matches!(self.broken, Some(Failure::Stopped | Failure::Bomb(_))) {
            return false;
        }
        let tally = match result {
            Ok(tally) => tally,
            Err(failure) => {
                // Its own failure was the reason to stop: that is what happened to it, not to the file around it.
                self.broken = None;
                if !self.lost(None, failure) {
                    return false;
                }
                Tally::default()
            }
        };
        self.say(&Frame::MemberEnd(tally))
    }

    /// Reads a file that was unpacked from the one being read.
    pub fn nested(&mut self, bytes: Vec<u8>, place: &Place) -> Result<Tally, Failure> {
        if self.depth == MAX_DEPTH {
            return Err(Failure::Bomb(format!("files lie in files more than {MAX_DEPTH} deep")));
        }
        if bytes.is_empty() {
            return Err(Failure::Empty);
        }
        let size = bytes.len() as u64;
        self.depth += 1;
        let result = self.holding(size, |to| reader::read(&mut Cursor::new(bytes), size, place, to));
        self.depth -= 1;
        result
    }

    /// Does what is done while `bytes` bytes of a file are in memory.
    pub fn holding<T>(&mut self, bytes: u64, work: impl FnOnce(&mut Self) -> T) -> T {
        self.held += bytes;
        let result = work(self);
        self.held -= bytes;
        result
    }

    /// Reads all of `from`, which `packed` bytes of the file are unpacked to.
    pub fn unpack(&mut self, from: &mut dyn Read, packed: u64) -> Result<Vec<u8>, Failure> {
        let (most, room) = (archive::most_unpacked(packed), self.max_file_bytes());
        let mut bytes = Vec::new();
        loop {
            let read = (&mut *from)
                .take(ALIVE_EVERY as u64)
                .read_to_end(&mut bytes)
                .map_err(|e| archive::broken(&e))?;
            self.count_unpacked(read as u64)?;
            let size = bytes.len() as u64;
            if size > most {
                return Err(archive::bomb(packed, most));
            }
            if size > room {
                return Err(Failure::TooLarge(format!("more than {} MiB", room >> 20)));
            }
            if read < ALIVE_EVERY {
                return Ok(bytes);
            }
        }
    }

    /// Reads what is left of `from` into nothing.
    pub fn drain(&mut self, from: &mut dyn Read) -> Result<(), Failure> {
        loop {
            let read = io::copy(&mut (&mut *from).take(ALIVE_EVERY as u64), &mut io::sink());
            let read = read.map_err(|e| archive::broken(&e))?;
            self.count_unpacked(read)?;
            if read < ALIVE_EVERY as u64 {
                return Ok(());
            }
        }
    }

    /// Notes bytes that were unpacked, a sign of life; an error once they are too many for the file as a whole.
    pub fn count_unpacked(&mut self, bytes: u64) -> Result<(), Failure> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        let most = self.job.file_bytes.saturating_mul(archive::MAX_RATIO).max(MAX_UNPACKED);
        if self.unpacked > most {
            let told = format!("the files in it unpack to more than {} MiB", most >> 20);
            self.broken = Some(Failure::Bomb(told));
        } else {
            self.say(&Frame::Alive);
        }
        self.end(Ok(()))
    }

    /// Why nothing more is taken, or `result`.
    pub fn end<T>(&mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        self.broken.clone().map_or(result, Err)
    }

    /// Whether an earlier child gave this, before a member broke it.
    fn was_sent(&self) -> bool {
        let differs = self.position.iter().zip(&self.job.resume_after).find(|(here, there)| here != there);
        differs.is_some_and(|(here, there)| here < there)
    }

    /// The name of a part of the file being read, with those of the files it lies in.
    fn part(&self, part: Option<&str>) -> Option<String> {
        let names: Vec<&str> = self.within.iter().map(|member| member.part.as_str()).chain(part).collect();
        (!names.is_empty()).then(|| names.join(WITHIN))
    }

    /// Whether to go on.
    fn say(&mut self, frame: &Frame) -> bool {
        self.renew_time();
        let written = frame::write(self.out, frame);
        self.heard(written)
    }

    fn renew_time(&self) {
        let limits = &self.job.limits;
        let largest = self.within.iter().map(|member| member.bytes.min(limits.max_file_bytes)).max();
        let bytes = self.job.file_bytes.max(largest.unwrap_or_default());
        limits::renew_processor_time(patience_for_whole(limits.wall, bytes).as_secs());
    }

    /// Whether to go on after a frame.
    fn heard(&mut self, written: io::Result<()>) -> bool {
        if let Err(e) = written {
            self.broken = Some(match e.kind() {
                io::ErrorKind::FileTooLarge => Failure::TooLarge("more than 1 GiB of text".into()),
                _ => Failure::Stopped,
            });
        }
        self.broken.is_none()
    }
}
