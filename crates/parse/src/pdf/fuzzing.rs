//! Pages of glyphs that no PDF has.

use citadel_core::Document;

use super::Pages;
use super::glyph::{Glyph, RawContent, RawPage, Turn};

/// Letters, and what is not one: signs at line ends, spaces, letters that run the other way or have no spaces between
/// them, marks that join the letter before, letters that are several.
const CHARS: [char; 32] = [
    'a', 'e', 'n', 't', 'A', '1', '2', '.', ',', '-', ' ', '|', '•', '\u{a0}', 'א', 'ب', 'ل', '漢', 'か',
    '\u{301}', 'ﬁ', 'ﷺ', '\u{2}', '\u{0}', '\u{ad}', '\u{200b}', '\u{fffe}', '\u{202e}', '\u{1100}',
    '\u{1161}', '(', '…',
];

/// Each six bytes are a glyph: its character, place, width and form; a first byte of 255 begins a new page.
pub(crate) fn document(bytes: &[u8]) -> Document {
    let mut pages = Pages::default();
    let mut glyphs = Vec::new();
    let mut end = |glyphs: &mut Vec<Glyph>| {
        let content = RawContent::new(std::mem::take(glyphs), true);
        pages.push(RawPage { size: [600.0, 800.0], label: None, content, marks: Vec::new() });
    };
    for glyph in bytes.as_chunks::<6>().0 {
        let [char, x, y, width, size, form] = *glyph;
        if char == 255 {
            end(&mut glyphs);
            continue;
        }
        // Some stand off the page.
        let far = if form & 0x80 == 0 { 1.0 } else { 1e6 };
        let [left, base] = [(f32::from(x) * 2.5 - 20.0) * far, f32::from(y) * 3.3 - 20.0];
        let size = f32::from(size) / 8.0;
        glyphs.push(Glyph {
            char: CHARS[usize::from(char) % CHARS.len()],
            rect: [left, base - 0.8 * size, left + f32::from(width) / 16.0, base + 0.2 * size],
            origin: [left, base],
            size,
            bold: form & 4 != 0,
            hidden: form & 8 != 0,
            turn: [Turn::Right, Turn::Down, Turn::Left, Turn::Up][usize::from(form & 3)],
        });
    }
    end(&mut glyphs);
    let mut document = pages.document();
    if document.title.is_empty() {
        document.title = "stem".to_owned();
    }
    document
}
