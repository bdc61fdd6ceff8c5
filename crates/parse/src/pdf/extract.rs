//! The second reader: pdf-extract, in pure Rust, for where PDFium is absent or fails. It knows neither outline nor
//! page labels, and panics on some fonts; such a page counts as unreadable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{
    ColorSpace, Dictionary, Document, LoadOptions, MediaBox, Object, ObjectId, OutputDev, OutputError, Path,
    Transform, output_doc_page,
};

use super::glyph::{Frame, Glyph, RawContent, RawFacts, RawPage};
use super::text::MAX_PAGES;
use super::{Next, ReadError, Sink};
use crate::Failure;

/// Processes that a page may break before it is given up: PDFium may have broken one of them.
const TRIES: usize = 1;

/// The library looks for each page from the first, so it is shown this many at a time.
const PAGES_AT_A_TIME: usize = 64;

/// Reads the pages with a `wanted` index, from 0, one after the other; the others count as unreadable.
pub(super) fn read(
    bytes: &[u8],
    wanted: &dyn Fn(usize) -> bool,
    sink: &mut Sink<'_, '_>,
) -> Result<RawFacts, ReadError> {
    let broken = || ReadError::Damaged("the built-in reader finds no document in it".into());
    let passwords = &sink.to.options().passwords;
    let mut document = catch_unwind(|| open(bytes, passwords)).unwrap_or_else(|_| Err(broken()))?;
    let pages = catch_unwind(AssertUnwindSafe(|| document.get_pages())).map_err(|_| broken())?;
    let page_count = pages.len();
    let pages: Vec<ObjectId> = pages.into_values().take(MAX_PAGES).collect();
    let (count, mut index) = (pages.len(), 0);
    'reading: for some in pages.chunks(PAGES_AT_A_TIME) {
        show_only(&mut document, some).ok_or_else(broken)?;
        for (number, id) in (1..).zip(some) {
            let raw = match wanted(index).then(|| sink.begin(index, count, TRIES)) {
                None => RawPage::unreadable("it was not asked for"),
                Some(Next::PassOver(why)) => RawPage::unreadable(why),
                Some(Next::Stop) => return Err(ReadError::Over(Failure::Stopped)),
                Some(Next::Read) => catch_unwind(AssertUnwindSafe(|| read_page(&document, number, *id)))
                    .ok()
                    .flatten()
                    .unwrap_or_else(|| RawPage::unreadable("the built-in reader cannot read this page")),
            };
            index += 1;
            if !sink.push(raw) {
                break 'reading;
            }
        }
    }
    let facts = catch_unwind(AssertUnwindSafe(|| facts(&document)));
    Ok(RawFacts { page_count, ..facts.unwrap_or_default() })
}

/// The document, opened without a password or with the first that fits.
fn open(bytes: &[u8], passwords: &[String]) -> Result<Document, ReadError> {
    let broken = |_| ReadError::Damaged("the built-in reader finds no document in it".into());
    // Opened if the empty password does.
    let mut document = Document::load_mem(bytes).map_err(broken)?;
    if document.is_encrypted() {
        let password = passwords.iter().find(|password| fits(&document, password));
        let options = LoadOptions::with_password(password.ok_or(ReadError::Encrypted)?);
        document = Document::load_mem_with_options(bytes, options).map_err(broken)?;
    }
    spell_out_widths(&mut document);
    Ok(document)
}

/// Whether a password opens the document. Up to version 4 of the encryption the library takes the owner's password and
/// then a wrong key from it.
fn fits(document: &Document, password: &str) -> bool {
    let version =
        document.get_encrypted().and_then(|dictionary| dictionary.get(b"V")).and_then(Object::as_i64);
    document.authenticate_user_password(password).is_ok()
        || version.is_ok_and(|version| version >= 5) && document.authenticate_password(password).is_ok()
}

/// Makes the document's page tree a list of these pages. What a page inherits it still finds by way of its parents.
fn show_only(document: &mut Document, pages: &[ObjectId]) -> Option<()> {
    let root = document.catalog().ok()?.get(b"Pages").and_then(Object::as_reference).ok()?;
    let kids = pages.iter().map(|id| Object::Reference(*id)).collect();
    document.get_object_mut(root).and_then(Object::as_dict_mut).ok()?.set("Kids", Object::Array(kids));
    Some(())
}

/// Writes the widths of composite fonts one by one. PDF also allows `first last width` for a whole range
/// (ISO 32000-1, 9.7.4.3), which pdf-extract 0.12 misreads, so that the characters of such a font fall apart.
fn spell_out_widths(document: &mut Document) {
    let fonts: Vec<(ObjectId, Vec<Object>)> = document
        .objects
        .iter()
        .filter_map(|(id, object)| Some((*id, spelled_out(document, object.as_dict().ok()?)?)))
        .collect();
    for (id, widths) in fonts {
        if let Ok(font) = document.get_object_mut(id).and_then(Object::as_dict_mut) {
            font.set("W", Object::Array(widths));
        }
    }
}

fn spelled_out(document: &Document, font: &Dictionary) -> Option<Vec<Object>> {
    let is_composite =
        font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name.starts_with(b"CIDFontType"));
    if !is_composite {
        return None;
    }
    let widths = document.dereference(font.get(b"W").ok()?).ok()?.1.as_array().ok()?;
    let item = |i: usize| widths.get(i).and_then(|o| document.dereference(o).ok()).map(|(_, o)| o);
    let mut out = Vec::with_capacity(widths.len());
    let mut i = 0;
    while let Some(first) = item(i).and_then(|o| o.as_i64().ok()) {
        match item(i + 1)? {
            list @ Object::Array(_) => {
                out.extend([Object::Integer(first), list.clone()]);
                i += 2;
            }
            last => {
                let (last, width) = (last.as_i64().ok()?, item(i + 2)?);
                // A font has at most 65,536 characters.
                let count = usize::try_from(last.checked_sub(first)?.clamp(-1, 65_535) + 1).ok()?;
                out.extend([Object::Integer(first), Object::Array(vec![width.clone(); count])]);
                i += 3;
            }
        }
    }
    Some(out)
}

fn read_page(document: &Document, number: u32, id: ObjectId) -> Option<RawPage> {
    let media = inherited(document, id, b"MediaBox").and_then(|o| numbers(document, o));
    let crop = inherited(document, id, b"CropBox").and_then(|o| numbers(document, o));
    let rotation = inherited(document, id, b"Rotate").and_then(|o| o.as_i64().ok()).unwrap_or(0);
    let quarters = u8::try_from(rotation.rem_euclid(360) / 90).ok()?;
    let media = media?;
    let visible = crop.map_or(media, |crop| {
        [crop[0].max(media[0]), crop[1].max(media[1]), crop[2].min(media[2]), crop[3].min(media[3])]
    });
    let frame = Frame::new(visible, quarters).or_else(|| Frame::new(media, quarters))?;
    let mut output = Output { frame, glyphs: Vec::new(), pen: None };
    let content = match output_doc_page(document, &mut output, number) {
        Ok(()) => {
            let drawn =
                document.get_page_content(id).is_ok_and(|c| c.iter().any(|b| !b.is_ascii_whitespace()));
            RawContent::new(output.glyphs, drawn)
        }
        Err(_) => RawContent::Unreadable("the built-in reader cannot read this page".into()),
    };
    Some(RawPage { size: frame.size(), label: None, content, marks: Vec::new() })
}

/// A page's own entry, or that of the nearest node above it in the page tree.
fn inherited<'a>(document: &'a Document, page: ObjectId, key: &[u8]) -> Option<&'a Object> {
    let mut node = document.get_dictionary(page).ok()?;
    // A deeper tree is a loop.
    for _ in 0..64 {
        if let Ok(value) = node.get(key) {
            return document.dereference(value).ok().map(|(_, o)| o);
        }
        node = document.get_dictionary(node.get(b"Parent").and_then(Object::as_reference).ok()?).ok()?;
    }
    None
}

fn numbers(document: &Document, object: &Object) -> Option<[f32; 4]> {
    let number = |o: &Object| document.dereference(o).ok().and_then(|(_, o)| o.as_float().ok());
    let values: Vec<f32> = object.as_array().ok()?.iter().filter_map(number).collect();
    let [a, b, c, d] = values.try_into().ok()?;
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

fn facts(document: &Document) -> RawFacts {
    let info =
        document.trailer.get(b"Info").and_then(|o| document.dereference(o)).and_then(|(_, o)| o.as_dict());
    let entry = |key: &[u8]| {
        let value = info.as_ref().ok()?.get(key).and_then(|o| document.dereference(o)).ok()?.1;
        pdf_extract::decode_text_string(value).ok()
    };
    RawFacts { title: entry(b"Title"), author: entry(b"Author"), ..RawFacts::default() }
}

/// A gap wider than this, in font sizes, parts two words. Most typeset text has no spaces in it, only gaps, and tight
/// lines have narrow ones.
const WORD_GAP: f32 = 0.15;

struct Output {
    frame: Frame,
    glyphs: Vec<Glyph>,
    /// Where the last character ended and which way it ran, in the page's own coordinates.
    pen: Option<[f32; 4]>,
}

impl Output {
    /// Adds a space where the text leaves a gap and draws none.
    fn space_before(&mut self, x: f32, y: f32, size: f32) {
        let (Some([end_x, end_y, right_x, right_y]), Some(last)) = (self.pen, self.glyphs.last().copied())
        else {
            return;
        };
        let length = right_x.hypot(right_y);
        let along = ((x - end_x) * right_x + (y - end_y) * right_y) / length;
        if last.char != ' ' && along.is_finite() && along > size * WORD_GAP {
            self.glyphs.push(Glyph { char: ' ', ..last });
        }
    }
}

impl OutputDev for Output {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        at: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let (right, up) = (
            [at.m11, at.m12].map(|v| (v * font_size) as f32),
            [at.m21, at.m22].map(|v| (v * font_size) as f32),
        );
        let (x, y) = (at.m31 as f32, at.m32 as f32);
        let size = up[0].hypot(up[1]);
        let count = text.chars().count().max(1) as f32;
        let step = [right[0] * width as f32 / count, right[1] * width as f32 / count];
        self.space_before(x, y, size);
        self.pen = Some([x + step[0] * count, y + step[1] * count, right[0], right[1]]);
        for (i, char) in text.chars().enumerate() {
            let (x, y) = (x + step[0] * i as f32, y + step[1] * i as f32);
            // Most fonts reach from a quarter of their size below the baseline to three quarters above.
            let corner = |along: f32, above: f32| {
                [x + step[0] * along + up[0] * above, y + step[1] * along + up[1] * above]
            };
            let ([x0, y0], [x1, y1]) = (corner(0.0, -0.25), corner(1.0, 0.75));
            self.glyphs.push(Glyph {
                char,
                rect: self.frame.rect([x0, y0, x1, y1]),
                origin: self.frame.point([x, y]),
                size,
                bold: false,
                turn: self.frame.turn(right[0], right[1]),
                hidden: false,
            });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn stroke(&mut self, _: &Transform, _: &ColorSpace, _: &[f64], _: &Path) -> Result<(), OutputError> {
        Ok(())
    }

    fn fill(&mut self, _: &Transform, _: &ColorSpace, _: &[f64], _: &Path) -> Result<(), OutputError> {
        Ok(())
    }
}
