//! The one way in which extracted text is put together.

use std::collections::{BTreeMap, HashMap};

use citadel_core::{Block, BlockKind, CharRange, Document, Format, TextMap};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

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
        if clean.is_empty() {
            return;
        }
        if let Some(last) = self.blocks.last() {
            let together = last.kind == kind && matches!(kind, BlockKind::ListItem | BlockKind::TableRow);
            let gap = if together { "\n" } else { "\n\n" };
            self.text.push_str(gap);
            self.chars += gap.len();
        }
        let start = self.chars;
        self.chars += clean.chars().count();
        self.text.push_str(&clean);
        self.blocks.push(Block { kind, range: CharRange::new(start, self.chars) });
        if self.first_heading.is_none() && matches!(kind, BlockKind::Heading { .. }) {
            self.first_heading = Some(clean);
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
            hidden: Vec::new(),
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
