//! What a reader gives for one page, the same for both readers.

use super::marks::Mark;
use super::recognized::Recognized;

/// One character as it stands on a page. A space is a glyph too: it ends a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub char: char,
    /// `[left, top, right, bottom]` in points from the top left corner of the page as it is shown.
    pub rect: [f32; 4],
    /// Where the baseline starts, in the same frame.
    pub origin: [f32; 2],
    /// The size of the font as it is shown, in points.
    pub size: f32,
    pub bold: bool,
    pub turn: Turn,
    /// Whether no viewer shows it, as far as the reader can tell.
    pub hidden: bool,
}

/// Which way text runs on the page as it is shown. Text at an odd angle counts as the nearest of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Turn {
    Right,
    Down,
    Left,
    Up,
}

impl Turn {
    /// Of a direction in the shown frame, where y grows downwards.
    pub fn of(dx: f32, dy: f32) -> Self {
        match (dx.abs() >= dy.abs(), dx >= 0.0, dy >= 0.0) {
            (true, true, _) => Self::Right,
            (true, false, _) => Self::Left,
            (false, _, true) => Self::Down,
            (false, _, false) => Self::Up,
        }
    }

    /// A point of the shown frame in the frame in which this text runs to the right. `size` is the shown page's
    /// `[width, height]`.
    pub fn point(self, [x, y]: [f32; 2], [width, height]: [f32; 2]) -> [f32; 2] {
        match self {
            Self::Right => [x, y],
            Self::Down => [y, width - x],
            Self::Left => [width - x, height - y],
            Self::Up => [height - y, x],
        }
    }

    /// A rectangle, as [`Turn::point`].
    pub fn rect(self, [left, top, right, bottom]: [f32; 4], size: [f32; 2]) -> [f32; 4] {
        let [x0, y0] = self.point([left, top], size);
        let [x1, y1] = self.point([right, bottom], size);
        [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)]
    }
}

/// From a page's own coordinates (y upwards, before `/Rotate`) to the page as it is shown (y downwards from the top).
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// `[left, bottom, right, top]` of the visible part, in the page's own coordinates.
    visible: [f32; 4],
    /// Quarter turns clockwise, 0 to 3.
    quarters: u8,
}

impl Frame {
    /// `None` where the box is empty or not finite.
    pub fn new([left, bottom, right, top]: [f32; 4], quarters: u8) -> Option<Self> {
        let visible = [left.min(right), bottom.min(top), left.max(right), bottom.max(top)];
        let sound =
            visible.iter().all(|v| v.is_finite()) && visible[2] > visible[0] && visible[3] > visible[1];
        sound.then_some(Self { visible, quarters: quarters % 4 })
    }

    /// `[left, bottom, right, top]` of the visible part, in the page's own coordinates.
    pub fn visible(&self) -> [f32; 4] {
        self.visible
    }

    /// `[width, height]` of the page as it is shown, in points.
    pub fn size(&self) -> [f32; 2] {
        let [left, bottom, right, top] = self.visible;
        if self.quarters.is_multiple_of(2) {
            [right - left, top - bottom]
        } else {
            [top - bottom, right - left]
        }
    }

    pub fn point(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [left, bottom, right, top] = self.visible;
        let (width, height) = (right - left, top - bottom);
        let (u, v) = (x - left, top - y);
        match self.quarters {
            0 => [u, v],
            1 => [height - v, u],
            2 => [width - u, height - v],
            _ => [v, width - u],
        }
    }

    /// The corners `[x0, y0]` and `[x1, y1]` of the page's own frame as a shown rectangle.
    pub fn rect(&self, [x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
        let [a, b] = self.point([x0, y0]);
        let [c, d] = self.point([x1, y1]);
        [a.min(c), b.min(d), a.max(c), b.max(d)]
    }

    /// The shown direction of the page's own direction `(dx, dy)`.
    pub fn turn(&self, dx: f32, dy: f32) -> Turn {
        match self.quarters {
            0 => Turn::of(dx, -dy),
            1 => Turn::of(dy, dx),
            2 => Turn::of(-dx, dy),
            _ => Turn::of(-dy, -dx),
        }
    }
}

/// One page as a reader gives it.
#[derive(Debug)]
pub(super) struct RawPage {
    /// `[width, height]` as shown, in points.
    pub size: [f32; 2],
    pub label: Option<String>,
    pub content: RawContent,
    /// Values of form fields, and notes.
    pub marks: Vec<Mark>,
}

impl RawPage {
    /// A page that could not be read; the reason comes from a closed set of own words.
    pub fn unreadable(reason: &str) -> Self {
        let content = RawContent::Unreadable(reason.into());
        Self { size: [0.0, 0.0], label: None, content, marks: Vec::new() }
    }
}

#[derive(Debug)]
pub(super) enum RawContent {
    /// In the order of the content stream; never without a visible character.
    Glyphs(Vec<Glyph>),
    /// Lines that were recognised on a picture of the page; never none.
    Recognized(Recognized),
    /// Images or drawings, but no text.
    NoText,
    Blank,
    /// The reason, from a closed set of own words.
    Unreadable(String),
}

impl RawContent {
    /// `drawn` tells whether the page shows anything at all.
    pub fn new(glyphs: Vec<Glyph>, drawn: bool) -> Self {
        if glyphs.iter().any(|glyph| !glyph.char.is_whitespace()) {
            Self::Glyphs(glyphs)
        } else if drawn {
            Self::NoText
        } else {
            Self::Blank
        }
    }
}

/// One entry of the document's outline.
#[derive(Clone, Debug)]
pub(super) struct OutlineEntry {
    pub title: String,
    /// 1 for the highest.
    pub depth: u8,
    /// 0-based page.
    pub page: usize,
}

/// Facts about the document as a whole.
#[derive(Debug, Default)]
pub(super) struct RawFacts {
    pub title: Option<String>,
    pub author: Option<String>,
    pub outline: Vec<OutlineEntry>,
    /// How many pages there are, of which no more than [`super::text::MAX_PAGES`] are read.
    pub page_count: usize,
    /// How many files are attached.
    pub attachments: usize,
}

/// Where a word may be parted; shown only at the end of a line.
pub(super) const SOFT_HYPHEN: char = '\u{ad}';

/// The characters that stand for `char` in the text: ligatures and Arabic letter forms are taken apart, since nobody
/// searches for them; control characters vanish; any space is a space. A soft hyphen stays, for at the end of a line it
/// tells that the word goes on.
pub(super) fn resolve(char: char, mut push: impl FnMut(char)) {
    use unicode_normalization::UnicodeNormalization;
    match char {
        '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' => std::iter::once(char).nfkc().for_each(push),
        // Symbol fonts without a table to Unicode: the bullets that office programs write.
        '\u{f0b7}' | '\u{f0a7}' => push('•'),
        // PDFium's mark for a hyphen at the end of a line.
        '\u{2}' => push('-'),
        '\u{ad}' => push(SOFT_HYPHEN),
        '\u{200b}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {}
        c if c.is_whitespace() => push(' '),
        c if c.is_control() => {}
        c => push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_page_puts_its_corner_where_it_is_shown() {
        // The lower left corner of a portrait page.
        let check = |quarters, expected: [f32; 2]| {
            let frame =
                Frame::new([10.0, 20.0, 110.0, 220.0], quarters).map(|f| (f.point([10.0, 20.0]), f.size()));
            let size = if quarters % 2 == 0 { [100.0, 200.0] } else { [200.0, 100.0] };
            assert_eq!(frame, Some((expected, size)), "{quarters} quarter turns");
        };
        check(0, [0.0, 200.0]);
        check(1, [0.0, 0.0]);
        check(2, [100.0, 0.0]);
        check(3, [200.0, 100.0]);
    }

    #[test]
    fn directions_turn_with_the_page() {
        let check = |quarters, expected| {
            let frame = Frame::new([0.0, 0.0, 100.0, 200.0], quarters);
            assert_eq!(frame.map(|f| f.turn(1.0, 0.0)), Some(expected), "{quarters} quarter turns");
        };
        check(0, Turn::Right);
        check(1, Turn::Down);
        check(2, Turn::Left);
        check(3, Turn::Up);
    }

    #[test]
    fn ligatures_are_taken_apart_and_controls_vanish() {
        let check = |input: &str, expected: &str| {
            let mut out = String::new();
            input.chars().for_each(|c| resolve(c, |c| out.push(c)));
            assert_eq!(out, expected);
        };
        check("e\u{fb03}cient", "efficient");
        check("co\u{ad}op\u{200b}erate", "co\u{ad}operate");
        check("a\u{a0}b\u{0}", "a b");
        check("x²", "x²");
    }
}
