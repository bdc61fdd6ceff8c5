//! Where documents go, and files that lie in files.

use std::io::{self, Cursor, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use citadel_core::{Document, Format};

use crate::frame::{self, Frame, Job};
use crate::reader::{self, Place};
use crate::sandbox::patience_for_whole;
use crate::{Failure, Options, limits};

/// Files in files in files: a mail in an archive with an attached archive is 3 deep.
const MAX_DEPTH: usize = 4;
/// Files in one file, however deep.
const MAX_MEMBERS: u64 = 200_000;
/// Parts the names of a file in a file, and of a part of it.
const WITHIN: &str = " > ";

/// Takes documents and signs of life, and passes them on.
pub(crate) struct Outlet<'a> {
    out: &'a mut dyn Write,
    job: &'a Job,
    /// The names of the files in files that are being read, outermost first.
    within: Vec<String>,
    /// Files in the file itself that began.
    begun: u64,
    /// Files in it, however deep.
    members: u64,
    /// Why no more is taken.
    broken: Option<Failure>,
}

impl<'a> Outlet<'a> {
    pub fn new(out: &'a mut dyn Write, job: &'a Job) -> Self {
        Self { out, job, within: Vec::new(), begun: 0, members: 0, broken: None }
    }

    pub fn options(&self) -> &'a Options {
        &self.job.options
    }

    /// The largest file that is read whole.
    pub fn max_file_bytes(&self) -> u64 {
        self.job.limits.max_file_bytes
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
        self.renew_time();
        let written = frame::write_document(self.out, Box::new(document));
        self.heard(written)
    }

    /// A page of a PDF begins, counted from 1, or the work before the first page, 0; whether to go on. Where it ends this
    /// process, another one reads the file without it, see [`Outlet::broken_page`].
    pub fn page(&mut self, number: u32) -> bool {
        if !self.within.is_empty() {
            return self.say(&Frame::Alive);
        }
        // Whole seconds, and at least one.
        limits::renew_processor_time(self.job.limits.page.as_secs().max(1));
        let written = frame::write(self.out, &Frame::Page(number));
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

    /// Reads a file that lies in the file being read, such as an attachment. `name` is its way in it, with `/` between
    /// folders; its documents get it as their part. Its `bytes`, `size` of them, are unpacked once it is announced, so that
    /// what happens to the process meanwhile happens to it. What is wrong with it is told and spoils nothing else. Whether
    /// to go on.
    pub fn member(
        &mut self,
        name: &str,
        size: u64,
        bytes: impl FnOnce() -> Result<Vec<u8>, Failure>,
    ) -> bool {
        self.members += 1;
        if self.members > MAX_MEMBERS {
            self.broken = Some(Failure::Bomb(format!("more than {MAX_MEMBERS} files in it")));
            return false;
        }
        if self.within.is_empty() {
            self.begun += 1;
            if self.begun <= self.job.skip_members {
                return self.say(&Frame::Alive);
            }
            if !self.say(&Frame::Member { name: name.to_owned(), bytes: size }) {
                return false;
            }
        }
        self.within.push(name.to_owned());
        let result = if self.within.len() > MAX_DEPTH {
            Err(Failure::Bomb(format!("files lie in files more than {MAX_DEPTH} deep")))
        } else if size > self.max_file_bytes() {
            let limit = self.max_file_bytes() >> 20;
            Err(Failure::TooLarge(format!("{} MiB, the limit is {limit} MiB", size >> 20)))
        } else {
            // A library may panic on it; the rest of the archive must not suffer.
            let read = AssertUnwindSafe(|| self.read_member(name, bytes()?));
            catch_unwind(read).unwrap_or_else(|_| Err(Failure::Crashed("the reader panicked".into())))
        };
        let go_on = match result {
            Ok(_) => self.broken.is_none(),
            // Its own failure was the reason to stop: that is what happened to it, not to the file around it.
            Err(failure) => {
                let is_over = matches!(self.broken, Some(Failure::Stopped | Failure::Bomb(_)));
                if !is_over {
                    self.broken = None;
                }
                !is_over && self.lost(None, failure)
            }
        };
        self.within.pop();
        go_on
    }

    fn read_member(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Err(Failure::Empty);
        }
        let (place, size) = (Place::of_member(name), bytes.len() as u64);
        reader::read(&mut Cursor::new(bytes), size, &place, self).map(drop)
    }

    /// Why nothing more is taken, or `result`.
    pub fn end<T>(&mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        self.broken.clone().map_or(result, Err)
    }

    /// Whether an earlier child gave this, before a member broke it.
    fn was_sent(&self) -> bool {
        self.begun < self.job.skip_members
    }

    /// The name of a part of the file being read, with those of the files it lies in.
    fn part(&self, part: Option<&str>) -> Option<String> {
        let names: Vec<&str> = self.within.iter().map(String::as_str).chain(part).collect();
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
        limits::renew_processor_time(patience_for_whole(limits.wall, self.job.file_bytes).as_secs());
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
