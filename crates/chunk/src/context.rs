//! The headings above each piece of text, and what of them stands in front of a chunk.

use std::ops::Range;

use citadel_core::Document;

use crate::{ChunkError, Chunker, tokenizer_failed};

/// Most characters of a title or heading that are kept. A paragraph that a parser took for a heading must not be
/// carried along by every chunk below it.
const LONGEST_HEADING: usize = 200;

/// A title or heading on one line, its beginning where it is too long.
fn shown(text: &str) -> String {
    // Cut before the white space is made single: the cost is bounded however long the text is.
    let start: String = text.trim_start().chars().take(LONGEST_HEADING).collect();
    start.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One heading of a document.
struct Heading {
    level: u8,
    text: String,
    /// Where it starts, in bytes.
    start: usize,
}

/// The headings of a document and its sections. A section is the text below one heading; section 0 is the text
/// above the first heading.
pub(crate) struct Headings {
    headings: Vec<Heading>,
    /// For each section the positions of the headings above it, outermost first.
    paths: Vec<Vec<usize>>,
}

impl Default for Headings {
    fn default() -> Self {
        Self { headings: Vec::new(), paths: vec![Vec::new()] }
    }
}

/// What may stand in front of a chunk of one section.
pub(crate) struct Context {
    /// Planned tokens, the separators counted.
    pub tokens: usize,
}

impl Headings {
    /// Opens the section of a heading.
    pub fn push(&mut self, level: u8, text: &str, bytes: Range<usize>) {
        let words = shown(text.get(bytes.clone()).unwrap_or_default());
        if words.is_empty() {
            return;
        }
        let mut path = self.paths.last().cloned().unwrap_or_default();
        while path.last().and_then(|&h| self.headings.get(h)).is_some_and(|h| h.level >= level) {
            path.pop();
        }
        path.push(self.headings.len());
        self.headings.push(Heading { level, text: words, start: bytes.start });
        self.paths.push(path);
    }

    /// The section that is open now.
    pub fn section(&self) -> usize {
        self.paths.len() - 1
    }

    /// The path that all of `sections` share.
    pub fn shared_path(&self, mut sections: impl Iterator<Item = usize>) -> &[usize] {
        let path = |section: usize| self.paths.get(section).map_or(&[][..], Vec::as_slice);
        let first = sections.next().map_or(&[][..], path);
        sections.fold(first, |shared, section| {
            let same = shared.iter().zip(path(section)).take_while(|(a, b)| a == b).count();
            shared.get(..same).unwrap_or_default()
        })
    }

    /// The words of the headings of a path.
    pub fn texts(&self, path: &[usize]) -> Vec<String> {
        path.iter().filter_map(|&h| self.headings.get(h)).map(|h| h.text.clone()).collect()
    }

    /// Title and headings for a chunk that starts at byte `start`: those that its own text does not hold, shortened
    /// to the chunker's budget.
    pub fn context(
        &self,
        chunker: &Chunker,
        document: &Document,
        path: &[usize],
        start: usize,
    ) -> Result<Vec<String>, ChunkError> {
        let above = path.iter().filter_map(|&h| self.headings.get(h));
        let mut context: Vec<String> =
            above.clone().filter(|h| h.start < start).map(|h| h.text.clone()).collect();
        let title = shown(&document.title);
        let repeats = above.clone().next().is_some_and(|h| h.text.eq_ignore_ascii_case(&title));
        if !repeats && !title.is_empty() {
            context.insert(0, title);
        }
        shorten(chunker, document, context)
    }

    /// For each section the tokens of its longest context.
    pub fn contexts(&self, chunker: &Chunker, document: &Document) -> Result<Vec<Context>, ChunkError> {
        let tokens = |path: &Vec<usize>| {
            let context = self.context(chunker, document, path, usize::MAX)?;
            if context.is_empty() {
                return Ok(Context { tokens: 0 });
            }
            let line = citadel_core::embedding_input(&context, "");
            Ok(Context { tokens: chunker.count(document, &line)?.saturating_sub(chunker.special_tokens) })
        };
        self.paths.iter().map(tokens).collect()
    }
}

/// Shortens a context to the chunker's budget. The outermost (the title) and the innermost heading say most: what
/// lies between goes first, then both are cut behind a word.
fn shorten(
    chunker: &Chunker,
    document: &Document,
    mut context: Vec<String>,
) -> Result<Vec<String>, ChunkError> {
    let budget = chunker.context_budget();
    loop {
        if context.is_empty() {
            return Ok(context);
        }
        let line = citadel_core::embedding_input(&context, "");
        if chunker.count(document, &line)?.saturating_sub(chunker.special_tokens) <= budget {
            return Ok(context);
        }
        if context.len() > 2 {
            context.remove(1);
            continue;
        }
        // One token of each share is for the separator.
        let share = (budget / context.len()).saturating_sub(1);
        let mut cut = Vec::new();
        for text in &context {
            cut.extend(Some(cut_to(chunker, document, text, share)?).filter(|t| !t.is_empty()));
        }
        if cut == context {
            // The tokenizer does not add up over the separator: do without.
            cut.pop();
        }
        context = cut;
    }
}

/// The beginning of `text` that has at most `limit` tokens, cut behind a word where there is one.
fn cut_to(chunker: &Chunker, document: &Document, text: &str, limit: usize) -> Result<String, ChunkError> {
    let encoding = chunker.tokenizer.encode(text, false).map_err(|e| tokenizer_failed(document, &e))?;
    let Some(&(next, _)) = encoding.get_offsets().get(limit) else { return Ok(text.to_owned()) };
    let start = text.get(..next).unwrap_or_default();
    let inside_word = !start.ends_with(char::is_whitespace);
    let end = if inside_word { start.rfind(char::is_whitespace).unwrap_or(next) } else { next };
    Ok(text.get(..end).unwrap_or_default().trim_end().to_owned())
}
