//! The first reader: PDFium, a shared library that is loaded from one absolute path and no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use citadel_core::Picture;
use pdfium_render::prelude::{
    PdfBitmapFormat, PdfBookmark, PdfDocument, PdfDocumentMetadataTagType, PdfFontWeight, PdfPage,
    PdfPageIndex, PdfPageObjectsCommon, PdfPageTextChar, PdfRect, PdfRenderConfig, Pdfium, PdfiumError,
    PdfiumInternalError,
};

use super::glyph::{Frame, Glyph, OutlineEntry, RawContent, RawFacts, RawPage, Turn};
use super::hidden::Painted;
use super::recognized::Recognized;
use super::source::Window;
use super::text::MAX_PAGES;
use super::{FACTS, Next, OPENING, ReadError, Sink, marks, rtl};
use crate::Failure;
use crate::archive::names::Names;
use crate::outlet::{Member, Outlet};
use crate::reader::Place;

/// PDFium keeps what it has read of a file until the document is closed; after this many bytes it is opened anew.
const REOPEN_BYTES: u64 = 128 << 20;
/// What is kept of the name of an attached file, in characters.
const MAX_NAME: usize = 200;

/// More outline entries than this are not read; a loop in the outline ends here too.
const MAX_OUTLINE: usize = 10_000;

/// Small print is legible from here on.
const PICTURE_DPI: f32 = 200.0;
/// Larger pages, A2 and up, get fewer pixels for each inch.
const MAX_PIXELS: f32 = 12e6;
const MAX_SIDE: i32 = 8000;

/// The library of this process. PDFium cannot be loaded twice, so the first path stays.
static LIBRARY: OnceLock<(PathBuf, Result<Pdfium, String>)> = OnceLock::new();

fn library(path: &Path) -> Result<&'static Pdfium, ReadError> {
    if !path.is_absolute() {
        return Err(ReadError::Library("its path is not absolute".into()));
    }
    let (loaded, library) = LIBRARY.get_or_init(|| {
        let library = Pdfium::bind_to_library(path).map(Pdfium::new).map_err(|e| e.to_string());
        (path.to_owned(), library)
    });
    if loaded != path {
        return Err(ReadError::Library("another one is loaded already".into()));
    }
    library.as_ref().map_err(|e| ReadError::Library(e.clone()))
}

/// Reads all pages, one after the other, into `sink`.
pub(super) fn read(
    mut window: Window<'_>,
    path: &Path,
    sink: &mut Sink<'_, '_>,
) -> Result<RawFacts, ReadError> {
    let stopped = || ReadError::Over(Failure::Stopped);
    if !sink.to.page(OPENING, 0) {
        return Err(stopped());
    }
    let library = library(path)?;
    let password = unlock(library, &mut window, &sink.to.options().passwords)?;
    let given = window.given();
    let mut index = 0;
    loop {
        let document = library.load_pdf_from_reader(&mut window, password).map_err(why)?;
        given.store(0, Ordering::Relaxed);
        let page_count = usize::try_from(document.pages().len()).unwrap_or(0);
        let count = page_count.min(MAX_PAGES);
        while index < count && given.load(Ordering::Relaxed) <= REOPEN_BYTES {
            let raw = match sink.begin(index, count, 0) {
                Next::Stop => return Err(stopped()),
                Next::PassOver(why) => RawPage::unreadable(why),
                Next::Read => catch_unwind(AssertUnwindSafe(|| read_numbered(&document, index, sink.to)))
                    .unwrap_or_else(|_| RawPage::unreadable("PDFium's answer makes no sense")),
            };
            index += 1;
            if !sink.push(raw) {
                return Ok(RawFacts::default());
            }
        }
        if index < count {
            continue;
        }
        let broken = sink.to.broken_page(FACTS).0 > 0;
        if !sink.to.page(FACTS, 0) {
            return Err(stopped());
        }
        let facts = if broken { RawFacts::default() } else { facts(&document) };
        return Ok(RawFacts { page_count, ..facts });
    }
}

/// Gives the files that are attached to the document with this title to `to`, one by one.
pub(super) fn attachments(
    mut window: Window<'_>,
    path: &Path,
    title: &str,
    to: &mut Outlet<'_>,
) -> Result<(), ReadError> {
    let library = library(path)?;
    let password = unlock(library, &mut window, &to.options().passwords)?;
    let document = library.load_pdf_from_reader(&mut window, password).map_err(why)?;
    let mut given = Names::default();
    for attachment in document.attachments().iter() {
        let name: String = attachment.name().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        let name = if name.trim().is_empty() { "attachment".to_owned() } else { name };
        let file_name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let place = Place { file_name, folders: Vec::new() };
        let bytes = attachment.len() as u64;
        let attached_to = Some(title.to_owned());
        let member = Member { part: given.unique(name), place: place.clone(), bytes, attached_to };
        let go_on = to.member(member, |to| {
            if bytes > to.max_file_bytes() {
                return Err(Failure::TooLarge(format!("more than {} MiB", to.max_file_bytes() >> 20)));
            }
            to.count_unpacked(bytes)?;
            let unpacked = attachment.save_to_bytes();
            to.nested(unpacked.map_err(|_| Failure::Damaged("PDFium cannot unpack it".into()))?, &place)
        });
        if !go_on {
            break;
        }
    }
    Ok(())
}

/// The password that opens the document, if it wants one.
fn unlock<'p>(
    library: &Pdfium,
    window: &mut Window<'_>,
    passwords: &'p [String],
) -> Result<Option<&'p str>, ReadError> {
    // PDFium reads a password up to the first zero.
    let given = passwords.iter().map(String::as_str).filter(|password| !password.contains('\0'));
    for password in [None].into_iter().chain(given.map(Some)) {
        match library.load_pdf_from_reader(&mut *window, password).map(drop).map_err(why) {
            Ok(()) => return Ok(password),
            Err(ReadError::Encrypted) => {}
            Err(other) => return Err(other),
        }
    }
    Err(ReadError::Encrypted)
}

fn why(error: PdfiumError) -> ReadError {
    match error {
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => ReadError::Encrypted,
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
            ReadError::Damaged("its encryption is of an unknown kind".into())
        }
        _ => ReadError::Damaged("PDFium finds no document in it".into()),
    }
}

fn facts(document: &PdfDocument<'_>) -> RawFacts {
    let tag = |tag| document.metadata().get(tag).map(|t| t.value().to_owned());
    RawFacts {
        title: tag(PdfDocumentMetadataTagType::Title),
        author: tag(PdfDocumentMetadataTagType::Author),
        outline: outline(document),
        attachments: usize::from(document.attachments().len()),
        ..RawFacts::default()
    }
}

fn read_numbered(document: &PdfDocument<'_>, index: usize, to: &mut Outlet<'_>) -> RawPage {
    let page = PdfPageIndex::try_from(index).ok().and_then(|index| document.pages().get(index).ok());
    page.map_or_else(|| RawPage::unreadable("PDFium cannot read this page"), |page| read_page(&page, to))
}

/// `[left, bottom, right, top]`, in points from the lower left corner.
pub(super) fn corners(rect: PdfRect) -> [f32; 4] {
    [rect.left().value, rect.bottom().value, rect.right().value, rect.top().value]
}

fn read_page(page: &PdfPage<'_>, to: &mut Outlet<'_>) -> RawPage {
    let quarters = page.rotation().map_or(0, |r| (r.as_degrees() / 90.0) as u8);
    let visible = page.boundaries().bounding().map(|b| corners(b.bounds));
    let Some(frame) = visible.ok().and_then(|v| Frame::new(v, quarters)) else {
        return RawPage::unreadable("the page has no size");
    };
    let content = match page.text() {
        Ok(text) => {
            let painted = Painted::new(page, frame.visible());
            let mut glyphs = glyphs(text.chars().iter(), &frame, &painted);
            rtl::mend(&mut glyphs);
            RawContent::new(glyphs, !page.objects().is_empty() || !page.annotations().is_empty())
        }
        Err(_) => RawContent::Unreadable("PDFium cannot read this page's text".into()),
    };
    let content = match content {
        RawContent::NoText => recognized(page, frame.size(), to).unwrap_or(RawContent::NoText),
        read => read,
    };
    let label = page.label().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
    RawPage { size: frame.size(), label, content, marks: marks::read(page, &frame) }
}

/// What is recognised on a picture of the page, if anything.
fn recognized(page: &PdfPage<'_>, size: [f32; 2], to: &mut Outlet<'_>) -> Option<RawContent> {
    let pixels_per_point = (PICTURE_DPI / 72.0).min((MAX_PIXELS / (size[0] * size[1]).max(1.0)).sqrt());
    let mut pixels = [0.0; 2];
    let lines = to.recognize(|| {
        let settings = PdfRenderConfig::new()
            .set_format(PdfBitmapFormat::Gray)
            // PDFium crashes when it is to swap the colours of gray.
            .set_reverse_byte_order(false)
            .scale_page_by_factor(pixels_per_point)
            .set_maximum_width(MAX_SIDE)
            .set_maximum_height(MAX_SIDE);
        let bitmap = page.render_with_config(&settings).ok()?;
        let (width, height) = (usize::try_from(bitmap.width()).ok()?, usize::try_from(bitmap.height()).ok()?);
        pixels = [width as f32, height as f32];
        let bytes = bitmap.as_raw_bytes();
        // Rows are padded to a multiple of four.
        let rows = bytes.chunks_exact(bytes.len().checked_div(height)?.max(1));
        Picture::new(width, height, rows.filter_map(|row| row.get(..width)).flatten().copied().collect())
    });
    let scale = [size[0] / pixels[0].max(1.0), size[1] / pixels[1].max(1.0)];
    Recognized::new(lines, scale).map(RawContent::Recognized)
}

fn glyphs<'a>(
    chars: impl Iterator<Item = PdfPageTextChar<'a>>,
    frame: &Frame,
    painted: &Painted<'_>,
) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::new();
    // Style is asked for once per word and baseline: it seldom changes inside, and each question costs a lock.
    let mut known: Option<(Style, f32)> = None;
    for char in chars {
        let Some(unicode) = char.unicode_char() else { continue };
        if unicode.is_whitespace() {
            known = None;
            if let Some(last) = glyphs.last().copied().filter(|last| last.char != ' ') {
                glyphs.push(Glyph { char: ' ', ..last });
            }
            continue;
        }
        let (Ok(loose), Ok((x, y))) = (char.loose_bounds(), char.origin()) else { continue };
        let (x, y) = (x.value, y.value);
        let mut corners = corners(loose);
        let style = match known {
            Some((style, at)) if (at - y).abs() < 0.1 => style,
            _ => Style::of(&char, frame, painted.hides(&char, corners)),
        };
        known = Some((style, y));
        let size = char.unscaled_font_size().value * style.scale;
        if style.level {
            // Some fonts claim no height, others three lines of it.
            let (low, high) = (y - 0.4 * size, y + 1.1 * size);
            let tall = corners[3] - corners[1] > 0.3 * size;
            corners[1] = if tall { corners[1].clamp(low, high) } else { y - 0.25 * size };
            corners[3] = if tall { corners[3].clamp(low, high) } else { y + 0.75 * size };
        }
        glyphs.push(Glyph {
            char: unicode,
            rect: frame.rect(corners),
            origin: frame.point([x, y]),
            size,
            bold: style.bold,
            turn: style.turn,
            hidden: style.hidden,
        });
    }
    glyphs
}

#[derive(Clone, Copy)]
struct Style {
    /// From the font's nominal size to its size on the page.
    scale: f32,
    turn: Turn,
    /// Whether the text runs to the right in the page's own frame.
    level: bool,
    bold: bool,
    hidden: bool,
}

impl Style {
    fn of(char: &PdfPageTextChar<'_>, frame: &Frame, hidden: bool) -> Self {
        let (a, b, c, d) = char.matrix().map_or((1.0, 0.0, 0.0, 1.0), |m| (m.a(), m.b(), m.c(), m.d()));
        let scale = c.hypot(d);
        let heavy = matches!(
            char.font_weight(),
            Some(
                PdfFontWeight::Weight600
                    | PdfFontWeight::Weight700Bold
                    | PdfFontWeight::Weight800
                    | PdfFontWeight::Weight900
            )
        );
        let name = char.font_name().to_ascii_lowercase();
        Self {
            scale: if scale.is_finite() && scale > 0.0 { scale } else { 1.0 },
            turn: frame.turn(a, b),
            level: a > 0.0 && b.abs() < 0.01 * a,
            bold: heavy
                || ["bold", "black", "heavy", "cmbx", "sfbx", "-medi", "demi"]
                    .iter()
                    .any(|mark| name.contains(mark)),
            hidden,
        }
    }
}

fn outline(document: &PdfDocument<'_>) -> Vec<OutlineEntry> {
    let mut entries = Vec::new();
    // Depth first, each with the depth it stands at.
    let mut open: Vec<(PdfBookmark<'_>, u8)> =
        document.bookmarks().root().map(|root| (root, 1)).into_iter().collect();
    let mut seen = 0;
    while let Some((bookmark, depth)) = open.pop() {
        seen += 1;
        if seen > MAX_OUTLINE {
            break;
        }
        open.extend(bookmark.next_sibling().map(|next| (next, depth)));
        open.extend(bookmark.first_child().map(|child| (child, depth.saturating_add(1))));
        let page =
            bookmark.destination().and_then(|d| d.page_index().ok()).and_then(|p| usize::try_from(p).ok());
        if let (Some(title), Some(page)) = (bookmark.title(), page) {
            entries.push(OutlineEntry { title, depth, page });
        }
    }
    entries
}
