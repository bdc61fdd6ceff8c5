//! From glyphs to words, and from words to pieces: words that the page draws one after the other on one line.

use super::glyph::{Glyph, Turn, resolve};

/// A gap wider than this, in font sizes, ends a word even where the page draws no space.
const WORD_GAP: f32 = 0.25;
/// A gap wider than this, in font sizes, ends a piece.
const PIECE_GAP: f32 = 0.9;
/// A baseline that moves by more than this, in font sizes, ends a word: less is a raised or lowered sign.
const BASELINE_SHIFT: f32 = 0.5;

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
}

impl Word {
    fn new(glyph: &Glyph, page: [f32; 2], spaced: bool) -> Self {
        Self {
            text: String::new(),
            shown: glyph.rect,
            rect: glyph.turn.rect(glyph.rect, page),
            baseline: glyph.turn.point(glyph.origin, page)[1],
            size: glyph.size,
            bold: glyph.bold,
            spaced,
        }
    }

    /// Whether it is written from right to left.
    pub fn rtl(&self) -> bool {
        self.text.chars().any(is_rtl)
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

/// The space between two intervals; negative where they overlap.
pub(super) fn gap(a: [f32; 4], b: [f32; 4]) -> f32 {
    (b[0] - a[2]).max(a[0] - b[2])
}

/// The pieces of a page for each direction of writing, the direction with the most text first.
pub(super) fn pieces(glyphs: &[Glyph], page: [f32; 2]) -> Vec<(Turn, Vec<Piece>)> {
    joined(words(glyphs, page))
}

/// The pieces of `words`, which come in the order in which a line reads.
pub(super) fn joined(words: Vec<(Turn, Word)>) -> Vec<(Turn, Vec<Piece>)> {
    let mut groups: Vec<(Turn, usize, Vec<Piece>)> = Vec::new();
    for (turn, word) in words {
        let slot = match groups.iter().position(|(of, ..)| *of == turn) {
            Some(slot) => slot,
            None => {
                groups.push((turn, 0, Vec::new()));
                groups.len() - 1
            }
        };
        let Some((_, weight, pieces)) = groups.get_mut(slot) else { continue };
        *weight += word.text.len();
        match pieces.last_mut() {
            Some(piece) if joins(piece, &word) => piece.push(word),
            _ => pieces.push(Piece::new(word)),
        }
    }
    groups.sort_by_key(|(_, weight, _)| std::cmp::Reverse(*weight));
    groups.into_iter().map(|(turn, _, pieces)| (turn, pieces)).collect()
}

fn joins(piece: &Piece, word: &Word) -> bool {
    let size = piece.size.max(word.size);
    let Some(last) = piece.words.last() else { return false };
    (piece.baseline - word.baseline).abs() <= size * BASELINE_SHIFT
        && gap(last.rect, word.rect) <= size * PIECE_GAP
        // A line that starts over beneath itself is another line, however close.
        && (word.rtl() || last.rtl() || word.rect[0] >= last.rect[0] - size * PIECE_GAP)
}

fn words(glyphs: &[Glyph], page: [f32; 2]) -> Vec<(Turn, Word)> {
    let mut words: Vec<(Turn, Word)> = Vec::new();
    let mut open: Option<(Turn, Word, [f32; 4])> = None;
    let mut spaced = true;
    for glyph in glyphs {
        let visible = glyph.rect[2] >= 0.0
            && glyph.rect[3] >= 0.0
            && glyph.rect[0] <= page[0]
            && glyph.rect[1] <= page[1];
        if !visible || !glyph.rect.iter().all(|v| v.is_finite()) {
            continue;
        }
        let mut chars = Vec::new();
        resolve(glyph.char, |char| chars.push(char));
        for char in chars {
            if char == ' ' {
                words.extend(open.take().map(|(turn, word, _)| (turn, word)));
                spaced = true;
                continue;
            }
            let next = Word::new(glyph, page, spaced);
            if let Some((turn, word, last)) = &mut open {
                let size = word.size.max(next.size).max(1.0);
                let apart = *turn != glyph.turn
                    || (word.baseline - next.baseline).abs() > size * BASELINE_SHIFT
                    || gap(*last, next.rect) > size * WORD_GAP;
                let unspaced = is_unspaced(char) || word.text.chars().next_back().is_some_and(is_unspaced);
                if !apart && !unspaced {
                    word.text.push(char);
                    word.shown = union(word.shown, glyph.rect);
                    word.rect = union(word.rect, next.rect);
                    if next.size > word.size {
                        (word.size, word.baseline) = (next.size, next.baseline);
                    }
                    *last = next.rect;
                    continue;
                }
                spaced = apart;
                words.extend(open.take().map(|(turn, word, _)| (turn, word)));
            }
            let mut word = Word { spaced, ..next };
            word.text.push(char);
            let rect = word.rect;
            open = Some((glyph.turn, word, rect));
            spaced = false;
        }
    }
    words.extend(open.map(|(turn, word, _)| (turn, word)));
    words
}
