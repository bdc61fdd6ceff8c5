//! Sentence boundaries: UAX #29, corrected where it takes an abbreviation, a number or a note mark for an end.

use std::ops::Range;

use citadel_core::CharRange;
use icu_segmenter::SentenceSegmenter;
use icu_segmenter::options::SentenceBreakInvariantOptions;

use crate::lines::{self, LineBreaks, is_number_mark, is_roman, is_table_row};

/// The sentences of `text` as ascending ranges of its characters, without the white space around them.
///
/// Every character that is not white space is in exactly one sentence. An empty line ends a sentence, and so does a
/// line break that is not mere wrapping; a table row (cells joined by ` | `) is one sentence; a number or letter that
/// marks a list item or a clause stays with the words that follow it.
pub fn sentences(text: &str) -> Vec<CharRange> {
    let mut ranges = Vec::new();
    let (mut byte, mut chars) = (0, 0);
    let mut chars_at = |position: usize| {
        chars += text.get(byte..position).map_or(0, |s| s.chars().count());
        byte = position;
        chars
    };
    for span in spans(text, LineBreaks::Guess) {
        let start = chars_at(span.start);
        ranges.push(CharRange::new(start, chars_at(span.end)));
    }
    ranges
}

/// The sentences of `text` as byte ranges, trimmed and in order.
pub(crate) fn spans(text: &str, breaks: LineBreaks) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for run in lines::runs(text, breaks) {
        let part = text.get(run.clone()).unwrap_or_default();
        let first = spans.len();
        if is_table_row(part) && breaks == LineBreaks::Guess {
            push_trimmed(&mut spans, text, run);
            continue;
        }
        split_run(text, run, first, &mut spans);
    }
    spans
}

/// Adds the sentences of one run of lines; those from `first` on belong to it.
fn split_run(text: &str, run: Range<usize>, first: usize, spans: &mut Vec<Range<usize>>) {
    let part = text.get(run.clone()).unwrap_or_default();
    let flat = flatten(part);
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut boundaries: Vec<usize> = segmenter.segment_str(&flat).chain(missed(&flat)).collect();
    boundaries.sort_unstable();
    let mut start = 0;
    for boundary in boundaries {
        if boundary <= start {
            continue;
        }
        let boundary = after_note_marks(&flat, boundary);
        let (Some(before), Some(after)) = (flat.get(start..boundary), flat.get(boundary..)) else { continue };
        if after.trim().is_empty() {
            break;
        }
        if before.trim().is_empty() || goes_on(before.trim(), after.trim_start()) {
            continue;
        }
        push_trimmed(spans, text, run.start + start..run.start + boundary);
        start = boundary;
    }
    let rest = run.start + start..run.end;
    let has_words = text.get(rest.clone()).is_some_and(|s| s.chars().any(char::is_alphanumeric));
    match spans.get_mut(first..).and_then(<[_]>::last_mut) {
        // Only a stray closing mark is left.
        Some(last) if !has_words => last.end = trim(text, rest).end.max(last.end),
        _ => push_trimmed(spans, text, rest),
    }
}

/// Boundaries that UAX #29 does not see: it goes on after a full stop where the next letter is a small one, whatever
/// stands between (`left. 12 people`, `signed. (b) the notice`, `end.[note 4] Next`).
fn missed(text: &str) -> Vec<usize> {
    let mut boundaries = Vec::new();
    for (stop, _) in text.match_indices('.') {
        let (Some(before), Some(after)) = (text.get(..stop), text.get(stop + 1..)) else { continue };
        if after.starts_with('[') {
            boundaries.push(stop + 2);
            continue;
        }
        let next = after.trim_start_matches([')', ']', '”', '"', '’', '\'']).trim_start();
        // A short word may be an abbreviation that no list names.
        let ends_word = before.ends_with([')', ']', '%', '”'])
            || before.ends_with(|c: char| c.is_ascii_digit())
            || before.chars().rev().take(4).filter(|c| c.is_alphabetic()).count() == 4;
        let opens =
            next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '“' | '"' | '§' | '•'));
        let position = text.len() - next.len();
        if ends_word && opens && text.get(..position).is_some_and(|s| s.ends_with(char::is_whitespace)) {
            boundaries.push(position);
        }
    }
    boundaries
}

/// `part` with every line break as spaces of the same byte length, so that positions stay valid.
fn flatten(part: &str) -> String {
    let mut flat = String::with_capacity(part.len());
    for c in part.chars() {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                flat.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
            _ => flat.push(c),
        }
    }
    flat
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

fn push_trimmed(spans: &mut Vec<Range<usize>>, text: &str, range: Range<usize>) {
    let range = trim(text, range);
    if !range.is_empty() {
        spans.push(range);
    }
}

/// UAX #29 breaks `end.[12] Next` and `end.(See` behind the bracket. Moves such a boundary before the bracket, or
/// behind it where it encloses a note mark.
fn after_note_marks(text: &str, boundary: usize) -> usize {
    let Some(before) = text.get(..boundary) else { return boundary };
    let Some(open) = before.chars().next_back().filter(|c| matches!(c, '(' | '[' | '{' | '“' | '«' | '‘'))
    else {
        return boundary;
    };
    let mut position = boundary - open.len_utf8();
    while let Some(rest) = text.get(position..).and_then(|s| s.strip_prefix('[')) {
        let Some(close) = rest.find(']').filter(|&c| c > 0 && c <= 8) else { break };
        position += close + 2;
    }
    position
}

/// Whether the sentence `before` goes on with `after`, although UAX #29 ends it there.
fn goes_on(before: &str, after: &str) -> bool {
    if is_only_a_mark(before) {
        return true;
    }
    let Some(stripped) = before.strip_suffix('.') else { return false };
    let word = stripped.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() {
        return false;
    }
    let lower = word.to_lowercase();
    let next = after.split(|c: char| c.is_whitespace() || ".,;:)".contains(c)).next().unwrap_or_default();
    let numbered = next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '§' | '[' | '#'))
        || is_roman(next)
        || next.chars().count() == 1 && next != "A" && next != "I";
    if TITLES.contains(&lower.as_str()) {
        return true;
    }
    if REFERENCES.contains(&lower.as_str()) {
        return numbered;
    }
    if QUANTITIES.contains(&lower.as_str()) {
        return next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '$' | '€' | '£'));
    }
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    if initial {
        let named = stripped.rsplit(char::is_whitespace).nth(1).unwrap_or_default().to_lowercase();
        return !LETTERED.contains(&named.as_str()) && !starts_a_sentence(next);
    }
    let dotted = word.contains('.')
        && word.split('.').all(|part| part.chars().count() <= 2 && part.chars().all(char::is_alphabetic));
    (dotted || COMPANIES.contains(&lower.as_str())) && !starts_a_sentence(next)
}

/// Whether `text` is no sentence but a bullet, a number or a clause mark: `•`, `1.`, `(a)`, `Section 4.`, `§ 4.`.
fn is_only_a_mark(text: &str) -> bool {
    let mut words = text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric));
    match (words.next(), words.next(), words.next()) {
        (None, _, _) => true,
        (Some(mark), None, _) => is_number_mark(mark.trim_start_matches(['§', '#'])),
        (Some(name), Some(mark), None) => {
            let name = name.trim_end_matches('.').to_lowercase();
            CLAUSES.contains(&name.as_str()) && (is_number_mark(mark) || is_roman(mark.trim_end_matches('.')))
        }
        _ => false,
    }
}

fn starts_a_sentence(word: &str) -> bool {
    let word = word.trim_start_matches(['“', '"', '\'', '‘', '(']);
    word.starts_with(char::is_uppercase) && STARTERS.contains(&word.to_lowercase().as_str())
}

/// Never the last word of a sentence.
const TITLES: &[&str] = &[
    "dr", "mr", "mrs", "ms", "messrs", "prof", "hon", "rev", "gen", "col", "capt", "lt", "sgt", "gov", "sen",
    "rep", "pres", "e.g", "i.e", "eg", "ie", "cf", "viz", "vs", "v", "d.h", "z.b",
];

/// Go on where a number follows: `No. 5`, `Fig. 2`, `Art. IV`.
const REFERENCES: &[&str] = &[
    "no", "nos", "nr", "art", "arts", "sec", "secs", "sect", "fig", "figs", "eq", "eqs", "ch", "chap", "vol",
    "vols", "pp", "p", "pg", "cl", "para", "paras", "app", "tab", "ref", "refs", "reg", "regs", "sched",
    "ex", "exh", "abs", "ziff", "pt", "ed", "eds", "al", "op", "ver", "std", "ss", "rs", "lit", "nrs", "ser",
];

/// Go on where a figure follows: `approx. 5`, `Jan. 3`.
const QUANTITIES: &[&str] = &[
    "approx", "est", "ca", "c", "max", "min", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept",
    "oct", "nov", "dec", "tel", "ext", "a.m", "p.m", "etc",
];

/// May end a sentence: decided by the word that follows.
const COMPANIES: &[&str] =
    &["inc", "ltd", "co", "corp", "bros", "dept", "jr", "sr", "univ", "assn", "st", "mt", "ft"];

/// A single capital letter behind these is a label and not a first name.
const LETTERED: &[&str] = &[
    "plan",
    "appendix",
    "schedule",
    "annex",
    "vitamin",
    "class",
    "type",
    "grade",
    "level",
    "category",
    "exhibit",
    "section",
    "hepatitis",
    "group",
    "option",
    "part",
    "table",
    "figure",
    "party",
    "series",
    "zone",
    "band",
    "tier",
    "and",
    "or",
];

/// Words in front of a clause number.
const CLAUSES: &[&str] = &[
    "section", "sec", "article", "art", "clause", "chapter", "appendix", "schedule", "annex", "step", "part",
    "§", "exhibit", "item", "rule", "note",
];

/// Words that, written with a capital, begin a sentence rather than go on with a name.
const STARTERS: &[&str] = &[
    "the", "a", "an", "in", "it", "its", "this", "that", "these", "those", "he", "she", "they", "we", "you",
    "if", "when", "where", "while", "however", "but", "and", "or", "for", "at", "on", "as", "to", "all",
    "no", "each", "any", "there", "after", "before", "by", "from", "under", "our", "your", "his", "her",
    "their", "since", "although", "because", "with", "during", "once", "only", "some", "such", "both", "who",
    "what", "how", "why", "not", "every",
];

#[cfg(test)]
mod tests;
