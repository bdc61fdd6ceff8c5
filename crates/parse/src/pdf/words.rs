//! From glyphs to words, and from words to pieces: words that the page draws one after the other on one line.

use super::glyph::{Glyph, SOFT_HYPHEN, Turn, resolve};

/// A gap wider than this, in font sizes, ends a word even where the page draws no space.
const WORD_GAP: f32 = 0.25;
/// A gap wider than this, in font sizes, ends a piece.
const PIECE_GAP: f32 = 0.9;
/// A baseline that moves by more than this, in font sizes, ends a word: less is a raised or lowered sign.
const BASELINE_SHIFT: f32 = 0.5;

/// Letters smaller than this, in points, cannot be seen.
const LEAST_SIZE: f32 = 1.0;

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub text: String,
    /// On the page as shown.
    pub shown: [f32; 4],
    /// In the frame in which the text runs to the right.
    pub rect: [f32; 4],
    /// In the same frame.
    pub baseline: f32,
    /// The font's size in points: the largest in the word.
    pub size: f32,
    pub bold: bool,
    /// Whether white space stands before it. Not between the characters of Chinese and Japanese text, each of which
    /// is a word here, so that a highlight can be exact.
    pub spaced: bool,
    /// Whether no viewer shows any of it.
    pub hidden: bool,
}

impl Word {
    fn new(glyph: &Glyph, page: [f32; 2], spaced: bool) -> Self {
        Self {
            text: String::new(),
            shown: clamped(glyph.rect, page),
            rect: glyph.turn.rect(glyph.rect, page),
            baseline: glyph.turn.point(glyph.origin, page)[1],
            size: glyph.size,
            bold: glyph.bold,
            spaced,
            hidden: glyph.hidden,
        }
    }

    /// Whether it is written from right to left.
    pub fn rtl(&self) -> bool {
        self.text.chars().any(is_rtl)
    }
}

/// The words of a row once they are in order: one text, and what else is still needed of them. Long documents have
/// millions, and all are kept until the last page is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    text: Box<str>,
    places: Box<[Place]>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where it ends in the text, in bytes; it starts where the one before it ends.
    end: u32,
    shown: [f32; 4],
    spaced: bool,
    hidden: bool,
}

/// One of [`Words`]; its fields are those of [`Word`].
#[derive(Clone, Copy, Debug)]
pub(super) struct WordRef<'a> {
    pub text: &'a str,
    pub shown: [f32; 4],
    pub spaced: bool,
    pub hidden: bool,
}

impl Words {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn get(&self, at: usize) -> Option<WordRef<'_>> {
        let place = self.places.get(at)?;
        let start =
            at.checked_sub(1).and_then(|before| self.places.get(before)).map_or(0, |p| p.end as usize);
        let text = self.text.get(start..place.end as usize)?;
        Some(WordRef { text, shown: place.shown, spaced: place.spaced, hidden: place.hidden })
    }

    pub fn first(&self) -> Option<WordRef<'_>> {
        self.get(0)
    }

    pub fn last(&self) -> Option<WordRef<'_>> {
        self.get(self.len().checked_sub(1)?)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = WordRef<'_>> + Clone {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

impl FromIterator<Word> for Words {
    fn from_iter<T: IntoIterator<Item = Word>>(words: T) -> Self {
        let (mut text, mut places) = (String::new(), Vec::new());
        for word in words {
            // A row of 4 GiB does not come from a page that fits in memory.
            let Ok(end) = u32::try_from(text.len() + word.text.len()) else { break };
            text.push_str(&word.text);
            places.push(Place { end, shown: word.shown, spaced: word.spaced, hidden: word.hidden });
        }
        Self { text: text.into(), places: places.into() }
    }
}

/// The smallest rectangle around both.
pub(super) fn union(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Letters of the scripts that run from right to left, after [`resolve`].
pub(super) fn is_rtl(char: char) -> bool {
    matches!(char, '\u{590}'..='\u{8ff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Characters of scripts that put no spaces between words.
pub(super) fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{2e80}'..='\u{2fff}' | '\u{3001}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// Words drawn one after the other on one line, without a wide gap.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub words: Vec<Word>,
    pub rect: [f32; 4],
    pub baseline: f32,
    /// The largest font in it, in points.
    pub size: f32,
}

impl Piece {
    fn new(word: Word) -> Self {
        Self { rect: word.rect, baseline: word.baseline, size: word.size, words: vec![word] }
    }

    fn push(&mut self, word: Word) {
        self.rect = union(self.rect, word.rect);
        if word.size > self.size {
            (self.size, self.baseline) = (word.size, word.baseline);
        }
        self.words.push(word);
    }
}

/// The part of the rectangle on the page, or the edge next to it where there is none.
pub(super) fn clamped(rect: [f32; 4], page: [f32; 2]) -> [f32; 4] {
    if rect[2] >= 0.0 && rect[3] >= 0.0 && rect[0] <= page[0] && rect[1] <= page[1] {
        return rect;
    }
    within(rect, page)
}

/// What of a rectangle is on the page; the edge next to it where nothing is.
pub(super) fn within([left, top, right, bottom]: [f32; 4], [width, height]: [f32; 2]) -> [f32; 4] {
    let (x, y) = (|v: f32| v.clamp(0.0, width.max(0.0)), |v: f32| v.clamp(0.0, height.max(0.0)));
    [x(left), y(top), x(right), y(bottom)]
}

/// The space between two intervals; negative where they overlap.
pub(super) fn gap(a: [f32; 4], b: [f32; 4]) -> f32 {
    (b[0] - a[2]).max(a[0] - b[2])
}

/// The pieces of a page that run in one direction.
#[derive(Debug)]
pub(super) struct Group {
    pub turn: Turn,
    pub pieces: Vec<Piece>,
    /// Whether they stand outside the page, where a printer's marks are.
    pub outside: bool,
}

/// The pieces of a page for each direction of writing, the direction with the most text first, and what stands outside
/// the page last.
pub(super) fn pieces(glyphs: &[Glyph], page: [f32; 2]) -> Vec<Group> {
    joined(words(glyphs, page).into_iter().map(|Open { turn, word, outside, .. }| (turn, word, outside)))
}

/// The same of words, which come in the order in which a line reads, each with whether it stands outside the page.
pub(super) fn joined(words: impl IntoIterator<Item = (Turn, Word, bool)>) -> Vec<Group> {
    let mut groups: Vec<(usize, Group)> = Vec::new();
    for (turn, word, outside) in words {
        let slot = match groups.iter().position(|(_, of)| of.turn == turn && of.outside == outside) {
            Some(slot) => slot,
            None => {
                groups.push((0, Group { turn, pieces: Vec::new(), outside }));
                groups.len() - 1
            }
        };
        let Some((weight, Group { pieces, .. })) = groups.get_mut(slot) else { continue };
        *weight += word.text.len();
        match pieces.last_mut() {
            Some(piece) if joins(piece, &word) => piece.push(word),
            _ => pieces.push(Piece::new(word)),
        }
    }
    groups.sort_by_key(|(weight, group)| (group.outside, std::cmp::Reverse(*weight)));
    groups.into_iter().map(|(_, group)| group).collect()
}

fn joins(piece: &Piece, word: &Word) -> bool {
    let size = piece.size.max(word.size);
    let Some(last) = piece.words.last() else { return false };
    (piece.baseline - word.baseline).abs() <= size * BASELINE_SHIFT
        && gap(last.rect, word.rect) <= size * PIECE_GAP
        // A line that starts over beneath itself is another line, however close.
        && (word.rtl() || last.rtl() || word.rect[0] >= last.rect[0] - size * PIECE_GAP)
}

/// A word that the next glyph may still belong to.
struct Open {
    turn: Turn,
    word: Word,
    outside: bool,
    /// Where its last glyph stands, in the frame in which the text runs to the right.
    last: [f32; 4],
}

fn words(glyphs: &[Glyph], page: [f32; 2]) -> Vec<Open> {
    let mut words: Vec<Open> = Vec::new();
    let mut open: Option<Open> = None;
    let mut spaced = true;
    for glyph in glyphs {
        let (glyph, outside) = on_page(glyph, page);
        let mut chars = Vec::new();
        resolve(glyph.char, |char| chars.push(char));
        for char in chars {
            if char == ' ' {
                words.extend(open.take());
                spaced = true;
                continue;
            }
            if char == SOFT_HYPHEN && open.is_none() {
                continue;
            }
            let next = Word::new(&glyph, page, spaced);
            if let Some(Open { turn, word, outside: out, last }) = &mut open {
                let size = word.size.max(next.size).max(1.0);
                let apart = *turn != glyph.turn
                    || *out != outside
                    || (word.baseline - next.baseline).abs() > size * BASELINE_SHIFT
                    || gap(*last, next.rect) > size * WORD_GAP;
                let unspaced = is_unspaced(char) || word.text.chars().next_back().is_some_and(is_unspaced);
                if !apart && !unspaced {
                    word.text.push(char);
                    word.shown = union(word.shown, clamped(glyph.rect, page));
                    word.rect = union(word.rect, next.rect);
                    word.hidden &= next.hidden;
                    if next.size > word.size {
                        (word.size, word.baseline) = (next.size, next.baseline);
                    }
                    *last = next.rect;
                    continue;
                }
                spaced = apart;
                words.extend(open.take());
            }
            let mut word = Word { spaced, ..next };
            word.text.push(char);
            let last = word.rect;
            open = Some(Open { turn: glyph.turn, word, outside, last });
            spaced = false;
        }
    }
    words.extend(open);
    words
}

/// The glyph, and whether it stands outside the page: then it is hidden, and its place is the edge next to it. So is one
/// that is too small to see.
fn on_page(glyph: &Glyph, page: [f32; 2]) -> (Glyph, bool) {
    /// Farther away than any page is wide, so that what is left of the order is kept.
    const FAR: f32 = 100_000.0;
    let mut glyph = *glyph;
    let [left, top, right, bottom] = glyph.rect;
    let visible = right >= 0.0 && bottom >= 0.0 && left <= page[0] && top <= page[1];
    let is_sound = glyph.rect.iter().chain(&glyph.origin).chain([&glyph.size]).all(|v| v.is_finite());
    let outside = !visible || !is_sound;
    if outside {
        let tame = |v: f32| if v.is_finite() { v.clamp(-FAR, FAR) } else { 0.0 };
        glyph.rect = glyph.rect.map(tame);
        glyph.origin = glyph.origin.map(tame);
        glyph.size = tame(glyph.size);
    }
    let small = glyph.size < LEAST_SIZE && (right - left).max(bottom - top) < LEAST_SIZE;
    glyph.hidden |= outside || small;
    (glyph, outside)
}
