//! PDF to a document: text in reading order, pages with labels, word positions for highlighting.
//!
//! PDFium reads first where its library is given; pdf-extract reads where it is absent or fails. Both give glyphs with
//! positions; everything after that is the same code: words, pieces of lines, columns, rows, running headers out,
//! blocks, headings, one text.

mod blocks;
mod extract;
mod furniture;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod glyph;
mod layout;
mod mend;
mod pdfium;
mod recognized;
mod text;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use citadel_core::{Document, PageStatus};

use crate::outlet::Outlet;
use crate::{Failure, Options};
use glyph::{RawContent, RawFacts, RawPage, Turn};
use layout::Region;
use text::{MAX_PAGES, PageFacts};
use words::Piece;

/// Why a reader gave up.
#[derive(Debug)]
enum ReadError {
    /// The library could not be loaded.
    Library(String),
    Encrypted,
    Damaged(String),
}

/// Reads a PDF. Its title is what the file says, else the largest heading of the first two pages, else `stem`.
/// Pages that are pictures are recognised by what `to` has for that.
pub(crate) fn parse(
    bytes: &[u8],
    options: &Options,
    stem: &str,
    to: &mut Outlet<'_>,
) -> Result<Document, Failure> {
    let (reading, mut warnings) = read(bytes, options, to)?;
    if reading.pages.iter().any(|page| matches!(page.status, PageStatus::NoText | PageStatus::Ocr { .. })) {
        warnings.extend(to.ocr_warnings());
    }
    let mut document = reading.document();
    document.warnings = warnings;
    if document.title.is_empty() {
        document.title = stem.to_owned();
    }
    Ok(document)
}

fn read(bytes: &[u8], options: &Options, to: &mut Outlet<'_>) -> Result<(Reading, Vec<String>), Failure> {
    let mut warnings = Vec::new();
    let cut = is_cut_off(bytes);
    let max = options.max_text_chars;
    let first = options.pdf_library.as_deref().map(|path| match with_pdfium(bytes, path, max, to) {
        Ok(reading) if !reading.pages.is_empty() => Ok(reading),
        Err(other @ (ReadError::Library(_) | ReadError::Encrypted)) => Err(other),
        failed if cut => mended(bytes, path, max, to).map_or(failed, Ok),
        failed => failed,
    });
    let reading = match first {
        Some(Ok(reading)) if !reading.pages.is_empty() => fill_gaps(reading, bytes, max),
        Some(Err(ReadError::Encrypted)) => return Err(Failure::Encrypted),
        other => {
            match other {
                Some(Err(ReadError::Library(why))) => {
                    warnings
                        .push(format!("PDFium could not be loaded ({why}); the built-in reader was used"));
                }
                Some(_) => warnings.push("PDFium could not open it; the built-in reader was used".to_owned()),
                None => {}
            }
            with_extract(bytes, max).map_err(|error| match error {
                ReadError::Encrypted => Failure::Encrypted,
                ReadError::Damaged(why) | ReadError::Library(why) if cut => Failure::Truncated(why),
                ReadError::Damaged(why) | ReadError::Library(why) => Failure::Damaged(why),
            })?
        }
    };
    if reading.chars > max {
        return Err(Failure::TooLarge(format!("more than {} characters of text in one document", max)));
    }
    if reading.pages.is_empty() {
        let why = "it has no pages".to_owned();
        return Err(if cut { Failure::Truncated(why) } else { Failure::Damaged(why) });
    }
    if reading.pages.len() >= MAX_PAGES {
        warnings.push(format!("only the first {MAX_PAGES} pages were read"));
    }
    if cut {
        warnings.push("the file has no end mark and may be cut off; what could be read was read".to_owned());
    }
    let count = |wanted: fn(&PageStatus) -> bool| reading.pages.iter().filter(|p| wanted(&p.status)).count();
    let (lost, silent) =
        (count(|s| matches!(s, PageStatus::Unreadable(_))), count(|s| *s == PageStatus::NoText));
    if lost > 0 {
        warnings.push(format!("{lost} of {} pages could not be read", reading.pages.len()));
    }
    if silent > 0 {
        warnings.push(format!(
            "{silent} of {} pages show something but carry no text, such as scans",
            reading.pages.len()
        ));
    }
    Ok((reading, warnings))
}

/// What was read so far: the pages, laid out, without their glyphs.
#[derive(Default)]
struct Reading {
    facts: RawFacts,
    pages: Vec<PageFacts>,
    /// Of each page, with its height in the direction of most of its text.
    regions: Vec<(f32, Vec<Region>)>,
    chars: usize,
}

impl Reading {
    fn push(&mut self, page: RawPage) {
        let mut height = page.size[1];
        let mut laid_out = |turns: Vec<(Turn, Vec<Piece>)>| -> Vec<Region> {
            if let Some((Turn::Down | Turn::Up, _)) = turns.first() {
                height = page.size[0];
            }
            let turns = turns.into_iter().enumerate();
            turns.flat_map(|(rank, (_, pieces))| layout::regions(pieces, rank > 0)).collect()
        };
        let (regions, status) = match &page.content {
            RawContent::Glyphs(glyphs) => {
                self.chars += glyphs.len();
                let regions = laid_out(words::pieces(glyphs, page.size));
                // Text that stands wholly outside the page is not shown.
                let status = if regions.is_empty() { PageStatus::NoText } else { PageStatus::Text };
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
        self.pages.push(PageFacts::new(&page, status));
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

fn with_pdfium(
    bytes: &[u8],
    path: &Path,
    max_chars: usize,
    to: &mut Outlet<'_>,
) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    let facts = catch_unwind(AssertUnwindSafe(|| {
        pdfium::read(bytes, path, to, &mut |page| {
            reading.push(page);
            reading.chars <= max_chars
        })
    }));
    reading.facts =
        facts.unwrap_or_else(|_| Err(ReadError::Damaged("PDFium's answer makes no sense".into())))?;
    Ok(reading)
}

/// What PDFium reads of a file that was cut off, once it has a new end.
fn mended(bytes: &[u8], path: &Path, max_chars: usize, to: &mut Outlet<'_>) -> Option<Reading> {
    let mut readings =
        mend::new_ends(bytes).filter_map(|bytes| with_pdfium(&bytes, path, max_chars, to).ok());
    readings.find(|reading| reading.chars > 0)
}

fn with_extract(bytes: &[u8], max_chars: usize) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    reading.facts = extract::read(bytes, &mut |page| {
        reading.push(page);
        reading.chars <= max_chars
    })?;
    Ok(reading)
}

/// Takes pages that PDFium could not read from the other reader, where that one sees the same pages.
fn fill_gaps(mut reading: Reading, bytes: &[u8], max_chars: usize) -> Reading {
    let is_lost = |page: &PageFacts| matches!(page.status, PageStatus::Unreadable(_));
    if !reading.pages.iter().any(is_lost) {
        return reading;
    }
    let Ok(other) = with_extract(bytes, max_chars) else { return reading };
    if other.pages.len() != reading.pages.len() {
        return reading;
    }
    let slots = reading.pages.iter_mut().zip(&mut reading.regions);
    for ((page, regions), (other_page, other_regions)) in
        slots.zip(other.pages.into_iter().zip(other.regions))
    {
        if is_lost(page) && other_page.status == PageStatus::Text {
            (*page, *regions) = (other_page, other_regions);
        }
    }
    reading
}

/// Whether the mark that ends every PDF is missing (ISO 32000-1, 7.5.5).
fn is_cut_off(bytes: &[u8]) -> bool {
    let tail = bytes.get(bytes.len().saturating_sub(4096)..).unwrap_or(bytes);
    !tail.windows(5).any(|w| w == b"%%EOF")
}
