//! Which line breaks end a sentence.

use std::ops::Range;

/// What a single line break means. An empty line always ends a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineBreaks {
    /// A paragraph wrapped to a width: a line break is a space.
    Wrapped,
    /// Not known: told from the lines themselves.
    Guess,
}

/// Lines shorter than this are not taken as wrapped text: titles and addresses are short.
const SHORTEST_WRAPPED: usize = 40;

/// The parts of `text` (byte ranges without the line break at their end) within which a line break is a space.
pub(crate) fn runs(text: &str, breaks: LineBreaks) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut paragraph: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        if line.trim().is_empty() {
            close(text, &mut paragraph, breaks, &mut runs);
        } else {
            paragraph.push(range);
        }
    }
    close(text, &mut paragraph, breaks, &mut runs);
    runs
}

/// Joins the lines of one paragraph where they are wrapped, and adds the result to `runs`.
fn close(text: &str, paragraph: &mut Vec<Range<usize>>, breaks: LineBreaks, runs: &mut Vec<Range<usize>>) {
    let line = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default().trim();
    let longest = paragraph.iter().map(|r| line(r).chars().count()).max().unwrap_or(0);
    let mut previous: Option<Range<usize>> = None;
    for range in paragraph.drain(..) {
        let joins = previous.as_ref().is_some_and(|previous| {
            breaks == LineBreaks::Wrapped || wraps(line(previous), line(&range), longest)
        });
        match runs.last_mut() {
            Some(run) if joins => run.end = range.end,
            _ => runs.push(range.clone()),
        }
        previous = Some(range);
    }
}

/// Whether `next` goes on with the sentence of `line`. `longest` is the longest line of the paragraph in characters.
fn wraps(line: &str, next: &str, longest: usize) -> bool {
    if is_table_row(line) || is_table_row(next) || line.starts_with('#') || starts_item(next) {
        return false;
    }
    if line.ends_with([':', ';']) {
        return false;
    }
    if line.ends_with([',', '-', '–', '(']) || next.starts_with(|c: char| c.is_lowercase()) {
        return true;
    }
    let length = line.chars().count();
    length >= SHORTEST_WRAPPED && length * 4 >= longest * 3
}

/// Whether a line is a table row as the parsers write it: cells joined by ` | `.
pub(crate) fn is_table_row(line: &str) -> bool {
    line.contains(" | ")
}

/// Whether a line begins like a list item, a numbered clause or a heading.
fn starts_item(line: &str) -> bool {
    let Some(first) = line.split_whitespace().next() else { return false };
    if line.len() == first.len() {
        return false;
    }
    if first
        .chars()
        .all(|c| matches!(c, '-' | '*' | '+' | '•' | '–' | '—' | '·' | '▪' | '◦' | '‣' | '●' | '○' | '#'))
    {
        return true;
    }
    is_number_mark(first)
}

/// Whether a word numbers what follows: `1.`, `12)`, `(a)`, `iv.`, `3.2`, `3.2.1.`; not `2024` and not `a`.
pub(crate) fn is_number_mark(word: &str) -> bool {
    let core = word.trim_start_matches('(').trim_end_matches(['.', ')', ':']);
    let closed = core.len() < word.len() && !word.ends_with(|c: char| c.is_alphanumeric());
    if core.is_empty() || core.len() > 12 {
        return false;
    }
    let mut parts = 0;
    let dotted = core.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.len() <= 3 && part.chars().all(|c| c.is_ascii_digit())
    });
    if dotted {
        return closed || parts > 1;
    }
    let letter = core.chars().count() == 1 && core.chars().all(char::is_alphabetic);
    closed && (letter || is_roman(core))
}

/// Whether a word is a Roman numeral written in one case.
pub(crate) fn is_roman(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 6
        && (word.chars().all(|c| "ivxlc".contains(c)) || word.chars().all(|c| "IVXLC".contains(c)))
}
