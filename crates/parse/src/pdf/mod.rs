//! PDF to a document: text in reading order, pages with labels, word positions for highlighting.
//!
//! PDFium reads first where its library is given; pdf-extract reads where it is absent or fails. Both give glyphs with
//! positions; everything after that is the same code: words, pieces of lines, columns, rows, running headers out,
//! blocks, headings, one text. Values of forms, notes on the page and attached files come from PDFium alone.
//!
//! PDFium reads the file piece by piece, and a page is laid out and packed before the next one is read, so that memory
//! grows with the text and not with the file. A page that hangs or breaks the process is given up, see [`Sink::begin`].

mod blocks;
mod extract;
mod furniture;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod glyph;
mod hidden;
mod layout;
mod marks;
mod mend;
mod pdfium;
mod recognized;
mod rtl;
mod sidebar;
mod source;
mod text;
mod vertical;
mod words;
mod wrapped;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use citadel_core::{Document, PageStatus};

use crate::Failure;
use crate::outlet::Outlet;
use crate::reader::Input;
use glyph::{RawContent, RawFacts, RawPage, Turn};
use layout::Region;
use source::{Source, Window};
use text::{MAX_PAGES, PageFacts};

/// Why a reader gave up.
#[derive(Debug)]
enum ReadError {
    /// The library could not be loaded.
    Library(String),
    Encrypted,
    Damaged(String),
    /// A limit, or the parent's wish.
    Over(Failure),
}

/// Reads a PDF of `size` bytes and the files attached to it, and gives them to `to`. Its title is what the file says, else
/// the largest heading of the first two pages, else `stem`. Pages that are pictures are recognised by what `to` has for
/// that.
pub(crate) fn parse(
    input: &mut dyn Input,
    size: u64,
    stem: &str,
    to: &mut Outlet<'_>,
) -> Result<(), Failure> {
    let mut source = Source::new(input, size, to.max_file_bytes());
    let (pages, mut warnings) = read(&mut source, to)?;
    if pages.pages.iter().any(|page| matches!(page.status, PageStatus::NoText | PageStatus::Ocr { .. })) {
        warnings.extend(to.ocr_warnings());
    }
    let attachments = pages.facts.attachments;
    if !to.alive() {
        return Ok(());
    }
    let mut document = pages.document();
    document.warnings.splice(0..0, warnings);
    if document.title.is_empty() {
        document.title = stem.to_owned();
    }
    let (library, title) = (to.options().pdf_library.as_deref(), document.title.clone());
    if let (true, Some(path), true) = (to.document(document), library, attachments > 0) {
        // What is wrong with one of them is told of it alone.
        let read = AssertUnwindSafe(|| pdfium::attachments(source.window(), path, &title, to));
        let _ = catch_unwind(read);
    }
    Ok(())
}

fn read(source: &mut Source<'_>, to: &mut Outlet<'_>) -> Result<(Pages, Vec<String>), Failure> {
    let mut warnings = Vec::new();
    let options = to.options();
    let max = options.max_text_chars;
    let cut = source.is_cut_off()?;
    let first =
        options.pdf_library.as_deref().filter(|_| to.broken_page(OPENING).0 == 0).map(
            |path| match with_pdfium(source.window(), path, to) {
                Ok(read) if !read.pages.is_empty() => Ok(read),
                Err(other @ (ReadError::Library(_) | ReadError::Encrypted | ReadError::Over(_))) => {
                    Err(other)
                }
                failed if cut => mended(source, path, to).map_or(failed, Ok),
                failed => failed,
            },
        );
    let pages = match first {
        Some(Ok(read)) if !read.pages.is_empty() => fill_gaps(read, source, to)?,
        Some(Err(ReadError::Encrypted)) => return Err(Failure::Encrypted),
        Some(Err(ReadError::Over(failure))) => return Err(failure),
        other => {
            match other {
                Some(Err(ReadError::Library(why))) => {
                    warnings
                        .push(format!("PDFium could not be loaded ({why}); the built-in reader was used"));
                }
                None if options.pdf_library.is_none() => {}
                _ => warnings.push("PDFium could not open it; the built-in reader was used".to_owned()),
            }
            let bytes = source.whole()?;
            with_extract(&bytes, &|_| true, to).map_err(|error| match error {
                ReadError::Encrypted => Failure::Encrypted,
                ReadError::Over(failure) => failure,
                ReadError::Damaged(why) | ReadError::Library(why) if cut => Failure::Truncated(why),
                ReadError::Damaged(why) | ReadError::Library(why) => Failure::Damaged(why),
            })?
        }
    };
    if pages.chars > max {
        return Err(Failure::too_long(max));
    }
    if pages.pages.is_empty() {
        let why = "it has no pages".to_owned();
        return Err(if cut { Failure::Truncated(why) } else { Failure::Damaged(why) });
    }
    if pages.facts.page_count > MAX_PAGES {
        warnings.push(format!("only the first {MAX_PAGES} of {} pages were read", pages.facts.page_count));
    }
    if cut {
        warnings.push("the file has no end mark and may be cut off; what could be read was read".to_owned());
    }
    let count = |wanted: fn(&PageStatus) -> bool| pages.pages.iter().filter(|p| wanted(&p.status)).count();
    let (lost, silent) =
        (count(|s| matches!(s, PageStatus::Unreadable(_))), count(|s| *s == PageStatus::NoText));
    if lost > 0 {
        warnings.push(format!("{lost} of {} pages could not be read", pages.pages.len()));
    }
    if silent > 0 {
        warnings.push(format!(
            "{silent} of {} pages show something but carry no text, such as scans",
            pages.pages.len()
        ));
    }
    Ok((pages, warnings))
}

/// The number under which opening the file with PDFium is announced; pages count from 1.
const OPENING: u32 = 0;
/// The same for its outline and what else is known of the document as a whole.
const FACTS: u32 = u32::MAX;
/// The same for opening the file with the other reader where PDFium could not read all pages.
const FILLING: u32 = u32::MAX - 1;

/// Where a reader's pages go.
struct Sink<'a, 'b> {
    pages: Pages,
    to: &'a mut Outlet<'b>,
}

/// What a reader does with a page.
enum Next {
    Read,
    /// It broke a process before; the reason, from a closed set of own words.
    PassOver(&'static str),
    Stop,
}

impl Sink<'_, '_> {
    /// Announces that page `index`, from 0, of `count` is read now: where that ends the process, another one begins anew and
    /// passes over it. `tries` tells how many processes the page may break before this reader leaves it alone.
    fn begin(&mut self, index: usize, count: usize, tries: usize) -> Next {
        let [number, of] = [index + 1, count].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let (broken, failure) = self.to.broken_page(number);
        if !self.to.page(number, of) {
            return Next::Stop;
        }
        match failure {
            Some(failure) if broken > tries => Next::PassOver(match failure {
                Failure::Timeout { .. } => "reading it took too long",
                Failure::Memory { .. } => "reading it needed too much memory",
                _ => "the reader broke on it",
            }),
            _ => Next::Read,
        }
    }

    /// Takes a page; whether to go on.
    fn push(&mut self, page: RawPage) -> bool {
        self.pages.push(page);
        self.pages.chars <= self.to.options().max_text_chars
    }
}

/// What was read so far: the pages, laid out, without their glyphs.
#[derive(Default)]
struct Pages {
    facts: RawFacts,
    pages: Vec<PageFacts>,
    /// Of each page, with its height in the direction of most of its text.
    regions: Vec<(f32, Vec<Region>)>,
    chars: usize,
}

impl Pages {
    fn push(&mut self, mut page: RawPage) {
        let mut height = page.size[1];
        let mut laid_out = |groups: Vec<words::Group>| -> Vec<Region> {
            if let Some(Turn::Down | Turn::Up) = groups.first().map(|group| group.turn) {
                height = page.size[0];
            }
            let groups = groups.into_iter().enumerate();
            groups.flat_map(|(rank, group)| layout::regions(group.pieces, rank > 0)).collect()
        };
        let (regions, status) = match &mut page.content {
            RawContent::Glyphs(glyphs) => {
                vertical::turn(glyphs);
                self.chars += glyphs.len();
                let groups = words::pieces(glyphs, page.size);
                // Text that stands wholly outside the page is not what the page shows.
                let is_shown = groups.first().is_some_and(|group| !group.outside);
                let status = if is_shown { PageStatus::Text } else { PageStatus::NoText };
                let regions = laid_out(groups);
                (regions, status)
            }
            RawContent::Recognized(found) => {
                self.chars += found.chars();
                (laid_out(found.pieces(page.size)), PageStatus::Ocr { confidence: found.confidence() })
            }
            RawContent::NoText => (Vec::new(), PageStatus::NoText),
            RawContent::Blank => (Vec::new(), PageStatus::Blank),
            RawContent::Unreadable(why) => (Vec::new(), PageStatus::Unreadable(why.clone())),
        };
        let marks = marks::rows(std::mem::take(&mut page.marks), page.size);
        self.chars += marks.iter().map(|row| row.text().chars().count()).sum::<usize>();
        self.pages.push(PageFacts::new(&page, status, marks));
        self.regions.push((height, regions));
    }

    fn document(self) -> Document {
        let mut pages = self.regions;
        furniture::take_out(&mut pages);
        let mut units: Vec<Vec<blocks::Unit>> = pages
            .into_iter()
            .map(|(_, regions)| regions.into_iter().flat_map(blocks::units).collect())
            .collect();
        blocks::find_headings(&mut units, &self.facts.outline);
        text::document(&self.facts, self.pages, units)
    }
}

fn with_pdfium(window: Window<'_>, path: &Path, to: &mut Outlet<'_>) -> Result<Pages, ReadError> {
    let mut sink = Sink { pages: Pages::default(), to };
    let facts = catch_unwind(AssertUnwindSafe(|| pdfium::read(window, path, &mut sink)));
    sink.pages.facts =
        facts.unwrap_or_else(|_| Err(ReadError::Damaged("PDFium's answer makes no sense".into())))?;
    Ok(sink.pages)
}

/// What PDFium reads of a file that was cut off, once it has a new end.
fn mended(source: &mut Source<'_>, path: &Path, to: &mut Outlet<'_>) -> Option<Pages> {
    let bytes = source.whole().ok()?;
    mend::new_ends(&bytes).find_map(|bytes| {
        let size = bytes.len() as u64;
        let read = with_pdfium(Window::new(&mut Cursor::new(bytes), size), path, to);
        read.ok().filter(|pages| pages.chars > 0)
    })
}

fn with_extract(
    bytes: &[u8],
    wanted: &dyn Fn(usize) -> bool,
    to: &mut Outlet<'_>,
) -> Result<Pages, ReadError> {
    let mut sink = Sink { pages: Pages::default(), to };
    sink.pages.facts = extract::read(bytes, wanted, &mut sink)?;
    Ok(sink.pages)
}

/// Takes pages that PDFium could not read from the other reader, where that one sees the same pages.
fn fill_gaps(mut read: Pages, source: &mut Source<'_>, to: &mut Outlet<'_>) -> Result<Pages, Failure> {
    let lost: Vec<bool> =
        read.pages.iter().map(|page| matches!(page.status, PageStatus::Unreadable(_))).collect();
    if !lost.contains(&true) {
        return Ok(read);
    }
    if to.broken_page(FILLING).0 > 0 {
        return Ok(read);
    }
    if !to.page(FILLING, 0) {
        return Err(Failure::Stopped);
    }
    // A file that is too large for that keeps its gaps.
    let Ok(bytes) = source.whole() else { return Ok(read) };
    let other = match with_extract(&bytes, &|index| lost.get(index).copied().unwrap_or(false), to) {
        Ok(other) if other.pages.len() == read.pages.len() => other,
        Err(ReadError::Over(failure)) => return Err(failure),
        _ => return Ok(read),
    };
    let slots = read.pages.iter_mut().zip(&mut read.regions);
    for (((page, regions), (other_page, other_regions)), lost) in
        slots.zip(other.pages.into_iter().zip(other.regions)).zip(lost)
    {
        if lost && other_page.status == PageStatus::Text {
            (*page, *regions) = (other_page, other_regions);
        }
    }
    Ok(read)
}
