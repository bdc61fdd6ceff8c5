//! The smallest pieces that a chunk is made of: headings, sentences, table rows, and parts of what is too long.

use std::ops::Range;

use citadel_core::{BlockKind, Document, TextMap};
use tokenizers::Encoding;

use crate::context::{Context, Headings};
use crate::lines::LineBreaks;
use crate::{ChunkError, Chunker, sentences, tokenizer_failed};

/// Text outside blocks is page furniture (a running head, a page number) up to this many characters that are not
/// white space. Longer text is content that the parser gave no structure: it is cut like paragraphs.
const FURNITURE_CHARS: usize = 200;

/// Characters after which a run without white space may be cut.
const LONGEST_WORD: usize = 64;

/// Bytes of text that count as at least one token when a chunk is planned. WordPiece makes one `[UNK]` of a run of
/// more than 100 characters, whatever its length; without this a chunk of encoded data could be megabytes long.
const BYTES_PER_TOKEN: usize = 16;

/// How good a place before an atom is for a cut; later is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Boundary {
    /// Inside a sentence or a cell.
    Word,
    /// Between sentences, lines of code or cells.
    Sentence,
    /// Between two items of a list or rows of a table.
    Item,
    /// Between other blocks.
    Block,
    /// Before a heading.
    Heading,
}

/// A piece of text that goes into a chunk whole.
#[derive(Clone, Debug)]
pub(crate) struct Atom {
    /// Its bytes, without white space around them.
    pub bytes: Range<usize>,
    /// Planned tokens.
    pub tokens: usize,
    /// Tokens of the page furniture between the atom before and this one.
    pub gap: usize,
    /// What lies before it.
    pub boundary: Boundary,
    /// The section it belongs to, for [`Headings`].
    pub section: usize,
}

impl Atom {
    /// Whether this is a heading.
    pub fn is_heading(&self) -> bool {
        self.boundary == Boundary::Heading
    }
}

/// A document ready to be packed.
pub(crate) struct Outline<'a> {
    pub map: TextMap<'a>,
    pub atoms: Vec<Atom>,
    pub headings: Headings,
    /// For each section what stands in front of its chunks.
    pub contexts: Vec<Context>,
}

/// Reads the atoms and headings of a document, tokenising each block once.
pub(crate) fn read<'a>(chunker: &Chunker, document: &'a Document) -> Result<Outline<'a>, ChunkError> {
    let map = TextMap::new(&document.text);
    let mut reader = Reader { chunker, document, atoms: Vec::new(), headings: Headings::default() };
    let mut previous: Option<BlockKind> = None;
    for (kind, bytes) in parts(&map, document)? {
        if let BlockKind::Heading { level } = kind {
            reader.headings.push(level, &document.text, bytes.clone());
        }
        let boundary = match (previous, kind) {
            (_, BlockKind::Heading { .. }) => Boundary::Heading,
            (Some(before), _) if before == kind && kind != BlockKind::Paragraph => Boundary::Item,
            _ => Boundary::Block,
        };
        reader.add_part(kind, bytes, boundary)?;
        previous = Some(kind);
    }
    let Reader { atoms, headings, .. } = reader;
    let contexts = headings.contexts(chunker, document)?;
    Ok(Outline { map, atoms, headings, contexts })
}

/// The blocks of a document in bytes, with paragraphs made of longer text outside them.
fn parts(map: &TextMap<'_>, document: &Document) -> Result<Vec<(BlockKind, Range<usize>)>, ChunkError> {
    let mut parts = Vec::new();
    let mut end = 0;
    for (index, block) in document.blocks.iter().enumerate() {
        let bytes = map.byte_of(block.range.start).zip(map.byte_of(block.range.end));
        let Some((from, to)) = bytes.filter(|&(from, to)| end <= from && from <= to) else {
            return Err(ChunkError::BadStructure { document: document.title.clone(), block: index });
        };
        add_unstructured(&document.text, end..from, &mut parts);
        parts.push((block.kind, from..to));
        end = to;
    }
    if document.blocks.is_empty() {
        add_paragraphs(&document.text, 0..document.text.len(), &mut parts);
    } else {
        add_unstructured(&document.text, end..document.text.len(), &mut parts);
    }
    Ok(parts)
}

fn add_unstructured(text: &str, gap: Range<usize>, parts: &mut Vec<(BlockKind, Range<usize>)>) {
    let part = text.get(gap.clone()).unwrap_or_default();
    if part.chars().filter(|c| !c.is_whitespace()).nth(FURNITURE_CHARS).is_some() {
        add_paragraphs(text, gap, parts);
    }
}

/// Cuts a stretch of text at its empty lines.
fn add_paragraphs(text: &str, range: Range<usize>, parts: &mut Vec<(BlockKind, Range<usize>)>) {
    let mut paragraph: Option<Range<usize>> = None;
    let mut position = range.start;
    for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
        let end = position + line.len();
        if line.trim().is_empty() {
            parts.extend(paragraph.take().map(|p| (BlockKind::Paragraph, p)));
        } else {
            paragraph = Some(paragraph.map_or(position, |p| p.start)..end);
        }
        position = end;
    }
    parts.extend(paragraph.map(|p| (BlockKind::Paragraph, p)));
}

struct Reader<'a> {
    chunker: &'a Chunker,
    document: &'a Document,
    atoms: Vec<Atom>,
    headings: Headings,
}

impl Reader<'_> {
    fn add_part(
        &mut self,
        kind: BlockKind,
        bytes: Range<usize>,
        boundary: Boundary,
    ) -> Result<(), ChunkError> {
        let text = self.document.text.get(bytes.clone()).unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(());
        }
        let tokens = TokenStarts::new(&self.encode(text)?);
        let spans = match kind {
            BlockKind::Heading { .. } | BlockKind::TableRow => std::iter::once(0..text.len()).collect(),
            BlockKind::Code => split_after(text, 0..text.len(), "\n"),
            BlockKind::Paragraph | BlockKind::ListItem if self.document.blocks.is_empty() => {
                sentences::spans(text, LineBreaks::Guess)
            }
            BlockKind::Paragraph | BlockKind::ListItem => sentences::spans(text, LineBreaks::Wrapped),
        };
        let mut gap = self.gap_tokens(bytes.start)?;
        let mut boundary = boundary;
        for span in spans {
            for (part, inner) in divide(text, span, &tokens, self.chunker.text_budget()) {
                let part = trimmed(text, part);
                if part.is_empty() {
                    continue;
                }
                self.atoms.push(Atom {
                    bytes: bytes.start + part.start..bytes.start + part.end,
                    tokens: tokens.planned(&part),
                    gap: std::mem::take(&mut gap),
                    boundary: if inner == Boundary::Word { inner } else { boundary },
                    section: self.headings.section(),
                });
                boundary = Boundary::Sentence;
            }
        }
        Ok(())
    }

    /// Tokens of the furniture between the last atom and `start`.
    fn gap_tokens(&self, start: usize) -> Result<usize, ChunkError> {
        let end = self.atoms.last().map_or(start, |a| a.bytes.end);
        match self.document.text.get(end..start).map(str::trim) {
            None | Some("") => Ok(0),
            Some(furniture) => Ok(self.encode(furniture)?.len()),
        }
    }

    fn encode(&self, text: &str) -> Result<Encoding, ChunkError> {
        self.chunker.tokenizer.encode(text, false).map_err(|e| tokenizer_failed(self.document, &e))
    }
}

/// Where the tokens of one block start, in bytes from the start of the block.
struct TokenStarts(Vec<usize>);

impl TokenStarts {
    fn new(encoding: &Encoding) -> Self {
        Self(encoding.get_offsets().iter().map(|&(start, _)| start).collect())
    }

    /// Tokens that `range` counts for while planning.
    fn planned(&self, range: &Range<usize>) -> usize {
        let before = |position: usize| self.0.partition_point(|&start| start < position);
        (before(range.end) - before(range.start)).max(range.len() / BYTES_PER_TOKEN).max(1)
    }
}

/// Cuts a sentence or row that has more than `limit` tokens: at cells, and cells at words. The boundary is the one
/// before the part: [`Boundary::Word`] inside a sentence or cell, [`Boundary::Sentence`] otherwise.
fn divide(
    text: &str,
    span: Range<usize>,
    tokens: &TokenStarts,
    limit: usize,
) -> Vec<(Range<usize>, Boundary)> {
    if tokens.planned(&span) <= limit {
        return vec![(span, Boundary::Sentence)];
    }
    let mut parts = Vec::new();
    for cell in split_after(text, span, " | ") {
        if tokens.planned(&cell) <= limit {
            parts.push((cell, Boundary::Sentence));
            continue;
        }
        for (index, word) in words(text, cell).into_iter().enumerate() {
            parts.push((word, if index == 0 { Boundary::Sentence } else { Boundary::Word }));
        }
    }
    parts
}

/// The parts of `range` that end with `separator`, and the rest.
fn split_after(text: &str, range: Range<usize>, separator: &str) -> Vec<Range<usize>> {
    let mut start = range.start;
    let mut parts = Vec::new();
    for part in text.get(range).unwrap_or_default().split_inclusive(separator) {
        parts.push(start..start + part.len());
        start += part.len();
    }
    parts
}

/// The words of `range` with the white space behind them, none longer than [`LONGEST_WORD`] characters.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let (mut start, mut length, mut blank) = (range.start, 0, false);
    for (offset, c) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let position = range.start + offset;
        if (blank && !c.is_whitespace()) || length == LONGEST_WORD {
            words.push(start..position);
            (start, length) = (position, 0);
        }
        blank = c.is_whitespace();
        length += 1;
    }
    words.push(start..range.end);
    words
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}
