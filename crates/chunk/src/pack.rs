//! Atoms to chunks.

use citadel_core::{CharRange, Chunk, Document, Page, embedding_input};

use crate::atoms::{Atom, Boundary, Outline};
use crate::{ChunkError, Chunker, Piece};

/// A heading starts a new chunk once the chunk before it has this many tokens; smaller sections share a chunk.
/// Chosen by measurement: see `docs/chunking.md`.
const SMALL_SECTION: usize = 64;

/// A full chunk is cut at the best boundary behind this share of its budget, in percent.
const FILL_PERCENT: usize = 60;

/// Packs the atoms of a document into chunks, in order.
pub(crate) fn pack(
    chunker: &Chunker,
    document: &Document,
    outline: Outline<'_>,
) -> Result<Vec<Piece>, ChunkError> {
    let mut packer =
        Packer { chunker, document, sections: section_tokens(&outline.atoms), outline, pieces: Vec::new() };
    // The chunk starts at `start`; the atoms before `fresh` are repeated from the chunk before.
    let (mut start, mut fresh) = (0, 0);
    while fresh < packer.outline.atoms.len() {
        let end = packer.plan(start, fresh);
        match packer.emit(start, fresh, end)? {
            Emitted::To(end) => {
                (start, fresh) = (packer.overlap(start, end), end);
            }
            Emitted::WithoutOverlap => start = fresh,
            Emitted::Divide => packer.divide(fresh)?,
        }
    }
    Ok(packer.pieces)
}

/// For each atom that is a heading after a non-heading: the tokens up to the next such heading.
fn section_tokens(atoms: &[Atom]) -> Vec<usize> {
    let mut tokens = vec![0; atoms.len()];
    let mut sum = 0;
    for (index, atom) in atoms.iter().enumerate().rev() {
        sum += atom.tokens + atom.gap;
        let after_heading = index.checked_sub(1).and_then(|i| atoms.get(i)).is_some_and(Atom::is_heading);
        if atom.is_heading() && !after_heading {
            if let Some(slot) = tokens.get_mut(index) {
                *slot = sum;
            }
            sum = 0;
        }
    }
    tokens
}

/// What became of a planned chunk.
enum Emitted {
    /// It holds the atoms before this one.
    To(usize),
    /// It is over the limit while one new atom is in it: plan again without the repeated atoms.
    WithoutOverlap,
    /// It is over the limit with one atom: divide the atom.
    Divide,
}

struct Packer<'a> {
    chunker: &'a Chunker,
    document: &'a Document,
    outline: Outline<'a>,
    sections: Vec<usize>,
    pieces: Vec<Piece>,
}

impl Packer<'_> {
    /// The atom before which the chunk from `start` should end; after `fresh`.
    fn plan(&self, start: usize, fresh: usize) -> usize {
        let atoms = &self.outline.atoms;
        let budget = self.budget(start);
        let (mut sum, mut has_body) = (0, false);
        let mut best: Option<(Boundary, usize)> = None;
        for (index, atom) in atoms.iter().enumerate().skip(start) {
            let cost = atom.tokens + if index > start { atom.gap } else { 0 };
            // A heading goes with the text below it.
            let after_body = index > fresh && atoms.get(index - 1).is_some_and(|a| !a.is_heading());
            if after_body && atom.is_heading() && has_body {
                let section = self.sections.get(index).copied().unwrap_or(0);
                if sum >= SMALL_SECTION.min(budget / 2) || sum + section > budget {
                    return index;
                }
            }
            if after_body && sum * 100 >= budget * FILL_PERCENT {
                best = best.max(Some((atom.boundary, index)));
            }
            if index > fresh && sum + cost > budget {
                return best.map_or(index, |(_, cut)| cut);
            }
            sum += cost;
            has_body |= !atom.is_heading();
        }
        atoms.len()
    }

    /// Planned tokens for the text of a chunk that starts at atom `start`.
    fn budget(&self, start: usize) -> usize {
        let context = self
            .outline
            .atoms
            .get(start)
            .and_then(|a| self.outline.contexts.get(a.section))
            .map_or(0, |c| c.tokens);
        self.chunker.max_tokens.saturating_sub(self.chunker.special_tokens + context)
    }

    /// The first atom of the chunk after the one that holds `start..end`: as many whole atoms before `end` as may
    /// be repeated and leave room for the next.
    fn overlap(&self, start: usize, end: usize) -> usize {
        let atoms = &self.outline.atoms;
        let Some(next) = atoms.get(end).filter(|a| !a.is_heading()) else { return end };
        let room = self.chunker.text_budget().saturating_sub(next.tokens + next.gap);
        let limit = self.chunker.overlap_tokens.min(room);
        let (mut first, mut sum) = (end, 0);
        for (index, atom) in atoms.iter().enumerate().take(end).skip(start + 1).rev() {
            sum += atom.tokens + atom.gap;
            if atom.is_heading() || sum > limit {
                break;
            }
            first = index;
        }
        first
    }

    /// Makes a chunk of the atoms `start..end`, or of fewer where the exact count is over the limit.
    fn emit(&mut self, start: usize, fresh: usize, mut end: usize) -> Result<Emitted, ChunkError> {
        loop {
            let piece = self.piece(start, end)?;
            let tokens = piece.chunk.tokens as usize;
            if tokens <= self.chunker.max_tokens {
                self.pieces.push(piece);
                return Ok(Emitted::To(end));
            }
            if end > fresh + 1 {
                // Fewer by the share that is too much, at least by one.
                let keep = (end - start) * self.chunker.max_tokens / tokens;
                end = (start + keep).clamp(fresh + 1, end - 1);
            } else if fresh > start {
                return Ok(Emitted::WithoutOverlap);
            } else {
                return Ok(Emitted::Divide);
            }
        }
    }

    fn piece(&self, start: usize, end: usize) -> Result<Piece, ChunkError> {
        let Outline { map, atoms, headings, .. } = &self.outline;
        let atoms = atoms.get(start..end).unwrap_or_default();
        let bytes = atoms.first().map_or(0, |a| a.bytes.start)..atoms.last().map_or(0, |a| a.bytes.end);
        let body = || atoms.iter().filter(|a| !a.is_heading()).map(|a| a.section);
        let path = if body().next().is_some() {
            headings.shared_path(body())
        } else {
            headings.shared_path(atoms.iter().map(|a| a.section).take(1))
        };
        let context = headings.context(self.chunker, self.document, path, bytes.start)?;
        let text = map.text().get(bytes.clone()).unwrap_or_default();
        let tokens = self.chunker.count(self.document, &embedding_input(&context, text))?;
        let range = map.char_range(bytes).unwrap_or_default();
        let (first_page, last_page) = pages(&self.document.pages, range);
        Ok(Piece {
            chunk: Chunk {
                ordinal: u32::try_from(self.pieces.len()).unwrap_or(u32::MAX),
                range,
                heading: headings.texts(path),
                first_page,
                last_page,
                tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
            },
            context,
        })
    }

    /// Replaces atom `index` by its halves. Happens only where the tokenizer's count of a part is far above its
    /// share of the whole, such as a piece of a run that was one unknown token.
    fn divide(&mut self, index: usize) -> Result<(), ChunkError> {
        let text = self.outline.map.text();
        let Some(atom) = self.outline.atoms.get(index).cloned() else { return Ok(()) };
        let part = text.get(atom.bytes.clone()).unwrap_or_default();
        let middle = part.char_indices().map(|(i, _)| i).find(|&i| i >= part.len() / 2 && i > 0);
        let Some(middle) = middle else {
            let position = self.outline.map.char_of(atom.bytes.start).unwrap_or(0);
            return Err(ChunkError::Indivisible { document: self.document.title.clone(), position });
        };
        let half = |bytes: std::ops::Range<usize>, gap, boundary| {
            let raw = text.get(bytes.clone()).unwrap_or_default();
            let start = bytes.start + (raw.len() - raw.trim_start().len());
            Atom {
                bytes: start..start + raw.trim().len(),
                gap,
                boundary,
                tokens: atom.tokens.div_ceil(2),
                section: atom.section,
            }
        };
        let cut = atom.bytes.start + middle;
        let halves = [
            half(atom.bytes.start..cut, atom.gap, atom.boundary),
            half(cut..atom.bytes.end, 0, Boundary::Word),
        ];
        self.outline.atoms.splice(index..=index, halves);
        self.sections = section_tokens(&self.outline.atoms);
        Ok(())
    }
}

/// The physical pages on which a range starts and ends.
fn pages(pages: &[Page], range: CharRange) -> (Option<u32>, Option<u32>) {
    let page_of = |position: usize| {
        let after = pages.partition_point(|p| p.range.start <= position);
        pages.get(after.saturating_sub(1)).map(|p| p.number)
    };
    (page_of(range.start), page_of(range.end.saturating_sub(1)))
}
