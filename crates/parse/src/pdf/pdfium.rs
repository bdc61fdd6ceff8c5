//! The first reader: PDFium, a shared library that is loaded from one absolute path and no other.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use citadel_core::Picture;
use pdfium_render::prelude::{
    PdfBitmapFormat, PdfBookmark, PdfDocument, PdfDocumentMetadataTagType, PdfFontWeight, PdfPage,
    PdfPageObjectsCommon, PdfPageTextChar, PdfRect, PdfRenderConfig, Pdfium, PdfiumError,
    PdfiumInternalError,
};

use super::ReadError;
use super::glyph::{Frame, Glyph, OutlineEntry, RawContent, RawFacts, RawPage, Turn};
use super::recognized::Recognized;
use super::text::MAX_PAGES;
use crate::outlet::Outlet;

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

/// Reads all pages, one after the other, into `page`, which tells whether to go on.
pub(super) fn read(
    bytes: &[u8],
    path: &Path,
    to: &mut Outlet<'_>,
    page: &mut dyn FnMut(RawPage) -> bool,
) -> Result<RawFacts, ReadError> {
    let document = library(path)?.load_pdf_from_byte_slice(bytes, None).map_err(|e| match e {
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => ReadError::Encrypted,
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
            ReadError::Damaged("its encryption is of an unknown kind".into())
        }
        _ => ReadError::Damaged("PDFium finds no document in it".into()),
    })?;
    let count = document.pages().len();
    for index in (0..count).take(MAX_PAGES) {
        let raw = match document.pages().get(index) {
            Ok(page) => read_page(&page, to),
            Err(_) => unreadable("PDFium cannot read this page"),
        };
        if !page(raw) {
            break;
        }
    }
    let tag = |tag| document.metadata().get(tag).map(|t| t.value().to_owned());
    Ok(RawFacts {
        title: tag(PdfDocumentMetadataTagType::Title),
        author: tag(PdfDocumentMetadataTagType::Author),
        outline: outline(&document),
    })
}

fn unreadable(reason: &str) -> RawPage {
    RawPage { size: [0.0, 0.0], label: None, content: RawContent::Unreadable(reason.into()) }
}

fn read_page(page: &PdfPage<'_>, to: &mut Outlet<'_>) -> RawPage {
    let quarters = page.rotation().map_or(0, |r| (r.as_degrees() / 90.0) as u8);
    let corners = |r: PdfRect| [r.left().value, r.bottom().value, r.right().value, r.top().value];
    let visible = page.boundaries().bounding().map(|b| corners(b.bounds));
    let Some(frame) = visible.ok().and_then(|v| Frame::new(v, quarters)) else {
        return unreadable("the page has no size");
    };
    let content = match page.text() {
        Ok(text) => {
            let glyphs = glyphs(text.chars().iter(), &frame);
            RawContent::new(glyphs, !page.objects().is_empty() || !page.annotations().is_empty())
        }
        Err(_) => RawContent::Unreadable("PDFium cannot read this page's text".into()),
    };
    let content = match content {
        RawContent::NoText => recognized(page, frame.size(), to).unwrap_or(RawContent::NoText),
        read => read,
    };
    let label = page.label().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
    RawPage { size: frame.size(), label, content }
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

fn glyphs<'a>(chars: impl Iterator<Item = PdfPageTextChar<'a>>, frame: &Frame) -> Vec<Glyph> {
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
        let style = match known {
            Some((style, at)) if (at - y).abs() < 0.1 => style,
            _ => Style::of(&char, frame),
        };
        known = Some((style, y));
        let size = char.unscaled_font_size().value * style.scale;
        let mut corners = [loose.left().value, loose.bottom().value, loose.right().value, loose.top().value];
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
}

impl Style {
    fn of(char: &PdfPageTextChar<'_>, frame: &Frame) -> Self {
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
        if depth < 6 {
            open.extend(bookmark.first_child().map(|child| (child, depth + 1)));
        }
        let page =
            bookmark.destination().and_then(|d| d.page_index().ok()).and_then(|p| usize::try_from(p).ok());
        if let (Some(title), Some(page)) = (bookmark.title(), page) {
            entries.push(OutlineEntry { title, depth, page });
        }
    }
    entries
}
