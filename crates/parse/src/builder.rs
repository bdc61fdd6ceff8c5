//! The one way in which extracted text is put together.

use std::collections::{BTreeMap, HashMap};

use citadel_core::{Block, BlockKind, CharRange, Document, Format, TextMap};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Stand around text that a viewer of the source does not show, on its way into a block: see [`hidden`].
const HIDDEN_START: char = '\u{fdd0}';
const HIDDEN_END: char = '\u{fdd1}';

/// `text` marked as not shown by a viewer of the source: where it stands in a block, its characters are among those of
/// [`Document::hidden`].
pub(crate) fn hidden(text: &str) -> String {
    let words = visible(text).replace([HIDDEN_START, HIDDEN_END], "");
    let (inner, lead) = (words.trim(), words.len() - words.trim_start().len());
    if inner.is_empty() {
        return words;
    }
    // The marks cling to words, or they would be words of their own where white space is counted.
    let (before, after) = (words.get(..lead), words.get(lead + inner.len()..));
    format!("{}{HIDDEN_START}{inner}{HIDDEN_END}{}", before.unwrap_or_default(), after.unwrap_or_default())
}

/// Appends blocks and keeps count of characters.
///
/// Blocks stand `"\n\n"` apart; items of one list and rows of one table `"\n"`. Text is NFC, without control and
/// invisible characters, white space runs are one space, lines have no space at their ends. Code keeps its spaces.
#[derive(Debug, Default)]
pub(crate) struct TextBuilder {
    text: String,
    chars: usize,
    blocks: Vec<Block>,
    first_heading: Option<String>,
    hidden: Vec<CharRange>,
}

impl TextBuilder {
    /// Appends one block. A line break in `raw` is kept in paragraphs, list items and code, and a space elsewhere.
    /// A block without visible text is left out.
    pub fn push(&mut self, kind: BlockKind, raw: &str) {
        let clean = match kind {
            BlockKind::Code => code(raw),
            BlockKind::Heading { .. } | BlockKind::TableRow => one_line(raw),
            BlockKind::Paragraph | BlockKind::ListItem => lines(raw),
        };
        if clean.trim_matches([HIDDEN_START, HIDDEN_END]).is_empty() {
            return;
        }
        if let Some(last) = self.blocks.last() {
            let together = last.kind == kind && matches!(kind, BlockKind::ListItem | BlockKind::TableRow);
            let gap = if together { "\n" } else { "\n\n" };
            self.text.push_str(gap);
            self.chars += gap.len();
        }
        let start = self.chars;
        let clean = self.without_marks(clean);
        self.chars += clean.chars().count();
        self.text.push_str(&clean);
        self.blocks.push(Block { kind, range: CharRange::new(start, self.chars) });
        if self.first_heading.is_none() && matches!(kind, BlockKind::Heading { .. }) {
            self.first_heading = Some(clean);
        }
    }

    /// Notes what stands between marks of hidden text, which will begin at `self.chars`, and takes the marks off.
    fn without_marks(&mut self, marked: String) -> String {
        if !marked.contains([HIDDEN_START, HIDDEN_END]) {
            return marked;
        }
        let mut clean = String::with_capacity(marked.len());
        let (mut at, mut since) = (self.chars, None);
        for c in marked.chars() {
            match c {
                HIDDEN_START => since = since.or(Some(at)),
                HIDDEN_END => self.note_hidden(since.take(), at),
                c => {
                    clean.push(c);
                    at += 1;
                }
            }
        }
        self.note_hidden(since, at);
        // A mark may part a letter from its accent; then the block as a whole is doubtful.
        if is_nfc_quick(clean.chars()) != IsNormalized::Yes {
            clean = clean.nfc().collect();
            self.hidden.retain(|range| range.end <= self.chars);
            self.note_hidden(Some(self.chars), self.chars + clean.chars().count());
        }
        clean
    }

    fn note_hidden(&mut self, since: Option<usize>, end: usize) {
        let Some(start) = since.filter(|start| *start < end) else { return };
        match self.hidden.last_mut().filter(|last| last.end == start) {
            Some(last) => last.end = end,
            None => self.hidden.push(CharRange::new(start, end)),
        }
    }

    /// Appends a table row; empty cells keep their place, a row of nothing but empty cells is left out.
    pub fn push_row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells: Vec<String> = cells.iter().map(|cell| one_line(cell.as_ref())).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            self.push(BlockKind::TableRow, &cells.join(" | "));
        }
    }

    /// The number of characters so far.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// The number of blocks so far.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// What was appended after the first `blocks` blocks.
    pub fn range_after(&self, blocks: usize) -> CharRange {
        let start = self.blocks.get(blocks).map_or(self.chars, |block| block.range.start);
        CharRange::new(start, self.chars)
    }

    /// Gives each heading the level that one of the same words has in `other`.
    pub fn take_levels(&mut self, other: &Self) {
        let map = TextMap::new(&other.text);
        let words = |block: &&Block| map.slice(block.range);
        let known: HashMap<&str, BlockKind> =
            other.headings().rev().filter_map(|block| Some((words(&block)?, block.kind))).collect();
        let map = TextMap::new(&self.text);
        for block in self.blocks.iter_mut().filter(|block| matches!(block.kind, BlockKind::Heading { .. })) {
            if let Some(kind) = map.slice(block.range).and_then(|words| known.get(words)) {
                block.kind = *kind;
            }
        }
    }

    fn headings(&self) -> impl DoubleEndedIterator<Item = &Block> {
        self.blocks.iter().filter(|block| matches!(block.kind, BlockKind::Heading { .. }))
    }

    /// Puts a heading with the names of what lies above the document, outermost first, in front of everything; the other
    /// headings go down by one level. Nothing is done where either is empty.
    ///
    /// A chunk's context is made of its document's title and the headings above it. One heading makes that
    /// `Page > Space > Parent > Section`, and is the first thing to go where that is too long.
    pub fn under(self, names: &[String]) -> Self {
        let mut above = Self::default();
        above.push(BlockKind::Heading { level: 1 }, &names.join(" > "));
        if above.blocks.is_empty() || self.blocks.is_empty() {
            return self;
        }
        above.text.push_str("\n\n");
        let by = above.chars + 2;
        let moved = |range: CharRange| CharRange::new(range.start + by, range.end + by);
        above.text.push_str(&self.text);
        above.blocks.extend(self.blocks.into_iter().map(|Block { kind, range }| {
            let kind = match kind {
                BlockKind::Heading { level } => BlockKind::Heading { level: (level + 1).min(6) },
                kind => kind,
            };
            Block { kind, range: moved(range) }
        }));
        above.chars = self.chars + by;
        above.hidden = self.hidden.into_iter().map(moved).collect();
        above.first_heading = self.first_heading;
        above
    }

    /// The document; its title is the first of `titles` with visible text, else the first heading, else `stem`.
    pub fn finish(self, format: Format, titles: &[Option<&str>], stem: &str) -> Document {
        let title = titles.iter().flatten().map(|title| one_line(title)).find(|title| !title.is_empty());
        let title = title.or(self.first_heading).unwrap_or_else(|| stem.to_owned());
        Document {
            part: None,
            title,
            format,
            text: self.text,
            blocks: self.blocks,
            pages: Vec::new(),
            metadata: BTreeMap::new(),
            warnings: Vec::new(),
            hidden: self.hidden,
        }
    }
}

/// NFC without characters that show nothing. Tag characters and direction overrides are dropped too: they can hide
/// words from a reader that a model would see.
fn visible(raw: &str) -> String {
    let kept = raw.chars().filter_map(|c| match c {
        '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => Some('\n'),
        '\n' | '\t' => Some(c),
        '\u{ad}'
        | '\u{200b}'
        | '\u{2060}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => None,
        '\u{e0000}'..='\u{e007f}' | '\u{fff9}'..='\u{fffb}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    let kept: String = kept.collect();
    match is_nfc_quick(kept.chars()) {
        IsNormalized::Yes => kept,
        _ => kept.nfc().collect(),
    }
}

/// One line; every run of white space is one space.
pub(crate) fn one_line(raw: &str) -> String {
    join(visible(raw).split_whitespace(), ' ')
}

/// Lines without empty ones; within a line every run of white space is one space.
fn lines(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    for line in visible(raw).split('\n') {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_some() && !clean.is_empty() {
            clean.push('\n');
        }
        let mut first = true;
        for word in words {
            if !std::mem::take(&mut first) {
                clean.push(' ');
            }
            clean.push_str(word);
        }
    }
    clean
}

/// Lines as they are, but for white space at line ends and empty lines around.
fn code(raw: &str) -> String {
    let raw = visible(&raw.replace("\r\n", "\n"));
    let text = join(raw.split('\n').map(str::trim_end), '\n');
    text.trim_start_matches('\n').trim_end().to_owned()
}

fn join<'a>(parts: impl Iterator<Item = &'a str>, gap: char) -> String {
    let mut joined = String::new();
    for (at, part) in parts.enumerate() {
        if at > 0 {
            joined.push(gap);
        }
        joined.push_str(part);
    }
    joined
}

#[cfg(test)]
mod tests;
