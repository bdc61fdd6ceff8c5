//! What stands on paper, for the formats that have pages: the same words in DOCX and PDF, cleaned of what a page cannot
//! show.

use std::collections::{BTreeMap, BTreeSet};

use citadel_core::{Answer, Citation, Outcome, Passage, Sentence, Verdict};
use serde::Serialize;

use crate::words::{self, Part};
use crate::{SourceFacts, Sources};

/// Answers as they are laid out.
#[derive(Serialize)]
pub(crate) struct Sheet {
    /// Above the first heading.
    pub kicker: String,
    /// The title of the file.
    pub title: String,
    /// At the foot of each page, beside its number.
    pub footer: String,
    /// The answers in order.
    pub answers: Vec<Entry>,
    /// How a reader can check a quote.
    pub verify: &'static str,
    /// What the page could not show, where there is such.
    pub missing: Option<String>,
}

/// One answer.
#[derive(Serialize)]
pub(crate) struct Entry {
    pub id: String,
    pub question: String,
    pub summary: String,
    pub found: bool,
    pub created_at: String,
    pub paragraphs: Vec<Vec<Piece>>,
    pub sources: Vec<Source>,
    pub checks: Vec<Check>,
    pub passages_title: &'static str,
    pub passages: Vec<Shown>,
    pub record: Vec<(&'static str, String)>,
}

/// A piece of an answer's paragraph.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Piece {
    /// Words.
    Text {
        /// They.
        text: String,
    },
    /// A verified quote.
    Note(Note),
    /// A mark of a quote that is not verified, or that a sentence is not: words in brackets.
    Unverified {
        /// They, without the brackets.
        text: String,
    },
}

/// A footnote.
#[derive(Serialize)]
pub(crate) struct Note {
    /// Counted through the file, from 1.
    pub number: usize,
    /// The quote by lines; empty where an earlier note has it.
    pub quote: Vec<String>,
    /// Where it stands, in one line.
    pub place: String,
}

/// A numbered source.
#[derive(Serialize)]
pub(crate) struct Source {
    pub number: usize,
    pub title: String,
    pub place: String,
    /// Said of a quote that is not verified.
    pub unverified: Option<&'static str>,
    /// The quote by lines, where no footnote has it.
    pub quote: Vec<String>,
    /// Characters, version and the notes that quote it.
    pub slice: String,
    pub facts: Vec<(&'static str, String)>,
}

/// A sentence with what the self-check said.
#[derive(Serialize)]
pub(crate) struct Check {
    pub tag: String,
    pub text: String,
    pub removed: bool,
    pub supported: bool,
    pub marks: String,
    pub stages: String,
}

/// A passage that was shown to the model, or the nearest where nothing was found.
#[derive(Serialize)]
pub(crate) struct Shown {
    pub rank: usize,
    pub title: String,
    /// Beside the title: below an answer, whether it is cited, and its characters.
    pub told: String,
    pub place: String,
    /// By lines; empty below an answer, where it is background.
    pub text: Vec<String>,
    /// Its characters and document; empty below an answer.
    pub slice: String,
}

impl Sheet {
    pub(crate) fn new(answers: &[Answer], sources: &Sources) -> Self {
        let mut notes = 0;
        let (kicker, title) = match answers {
            [answer] => ("answer with sources".to_owned(), line(&answer.question)),
            _ => (words::conversation(answers).to_lowercase(), words::conversation(answers)),
        };
        Self {
            kicker: format!("Citadel · {kicker}"),
            footer: shortened(&title),
            title,
            answers: answers.iter().map(|answer| entry(answer, sources, &mut notes)).collect(),
            verify: words::VERIFY,
            missing: None,
        }
    }

    /// Every string of others, to be changed in place.
    pub(crate) fn each_text(&mut self, change: &mut impl FnMut(&mut String)) {
        change(&mut self.title);
        change(&mut self.footer);
        for entry in &mut self.answers {
            let Entry { id, question, summary, created_at, .. } = entry;
            [id, question, summary, created_at].into_iter().for_each(&mut *change);
            for piece in entry.paragraphs.iter_mut().flatten() {
                match piece {
                    Piece::Text { text } | Piece::Unverified { text } => change(text),
                    Piece::Note(note) => {
                        note.quote.iter_mut().for_each(&mut *change);
                        change(&mut note.place);
                    }
                }
            }
            for source in &mut entry.sources {
                let Source { title, place, slice, .. } = source;
                [title, place, slice].into_iter().for_each(&mut *change);
                source.quote.iter_mut().for_each(&mut *change);
                source.facts.iter_mut().for_each(|(_, value)| change(value));
            }
            for check in &mut entry.checks {
                let Check { text, stages, .. } = check;
                [text, stages].into_iter().for_each(&mut *change);
            }
            for passage in &mut entry.passages {
                let Shown { title, place, slice, .. } = passage;
                [title, place, slice].into_iter().for_each(&mut *change);
                passage.text.iter_mut().for_each(&mut *change);
            }
            entry.record.iter_mut().for_each(|(_, value)| change(value));
        }
    }
}

/// Enough of a title to know it by.
fn shortened(title: &str) -> String {
    match title.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", title.get(..end).unwrap_or_default().trim_end()),
        None => title.to_owned(),
    }
}

fn entry(answer: &Answer, facts: &Sources, notes: &mut usize) -> Entry {
    let verified = words::verified(answer);
    // By citation, the notes that quote it.
    let mut quoted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let paragraphs = marked(answer)
        .lines()
        .map(|row| words::one_line_with(row, DOUBT))
        .filter(|row| !row.is_empty())
        .map(|row| paragraph(answer, &row, &verified, &mut quoted, notes))
        .collect();
    let found = answer.outcome == Outcome::Answered;
    let source = |citation: &Citation| {
        let known = facts.get(&(citation.document_id.clone(), citation.version_id));
        let notes = quoted.get(&citation.number).map(Vec::as_slice).unwrap_or_default();
        source(citation, verified.contains(&citation.number), notes, known)
    };
    Entry {
        id: line(&answer.id),
        question: line(&answer.question),
        summary: line(&words::summary(answer)),
        found,
        created_at: line(&answer.created_at),
        paragraphs,
        sources: answer.citations.iter().map(source).collect(),
        checks: answer.sentences.iter().map(check).collect(),
        passages_title: if found { "Passages shown to the model" } else { "Nearest passages" },
        passages: answer.passages.iter().map(|p| shown(p, found)).collect(),
        record: words::record(answer).into_iter().map(|(name, value)| (name, line(&value))).collect(),
    }
}

/// Behind a sentence of the text that is not supported. No text of others has it: it is a control character.
const DOUBT: char = '\u{1}';

/// The text, with [`DOUBT`] behind each sentence of it that is not supported.
fn marked(answer: &Answer) -> String {
    let mut text = answer.text.replace(DOUBT, " ");
    for sentence in answer.sentences.iter().filter(|s| s.verdict == Verdict::Unsupported) {
        // Marks stand before the full stop or behind it.
        let whole = sentence.text.trim();
        let stem = whole.trim_end_matches(['.', '!', '?']);
        if let Some(found) = [whole, stem].into_iter().find(|s| !s.is_empty() && text.contains(s)) {
            text = text.replacen(found, &format!("{found}{DOUBT}"), 1);
        }
    }
    text
}

fn paragraph(
    answer: &Answer,
    row: &str,
    verified: &BTreeSet<usize>,
    quoted: &mut BTreeMap<usize, Vec<usize>>,
    notes: &mut usize,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in words::parts(row, &answer.citations) {
        let number = match part {
            Part::Mark(number) => number,
            Part::Text(text) => {
                for (at, text) in text.split(DOUBT).enumerate() {
                    if at > 0 {
                        pieces.push(Piece::Unverified { text: "not supported".to_owned() });
                    }
                    if !text.is_empty() {
                        pieces.push(Piece::Text { text: clean(text) });
                    }
                }
                continue;
            }
        };
        match answer.citations.iter().find(|c| c.number == number) {
            Some(citation) if verified.contains(&number) => {
                *notes += 1;
                let earlier = quoted.entry(number).or_default();
                pieces.push(Piece::Note(note(citation, *notes, earlier.first().copied())));
                earlier.push(*notes);
            }
            _ => pieces.push(Piece::Unverified { text: format!("{number}, unverified") }),
        }
    }
    pieces
}

fn note(citation: &Citation, number: usize, earlier: Option<usize>) -> Note {
    let title = line(&citation.title);
    let page = clean(&words::page(citation.page, citation.page_label.as_deref()));
    let mut place = if page.is_empty() { title } else { format!("{title}, {page}") };
    place += &format!(" · source {}", citation.number);
    match earlier {
        Some(earlier) => Note { number, quote: Vec::new(), place: format!("As note {earlier}: {place}") },
        None => Note { number, quote: lines(&citation.quote), place },
    }
}

fn source(citation: &Citation, verified: bool, notes: &[usize], facts: Option<&SourceFacts>) -> Source {
    let mut slice = slice(citation.start, citation.end, &citation.document_id.0, citation.version_id);
    match notes {
        [] => {}
        [one] => slice += &format!(" · quoted in note {one}"),
        many => {
            let many: Vec<String> = many.iter().map(usize::to_string).collect();
            slice += &format!(" · quoted in notes {}", many.join(", "));
        }
    }
    Source {
        number: citation.number,
        title: line(&citation.title),
        place: place(&citation.path, citation.page, citation.page_label.as_deref(), &citation.heading),
        unverified: (!verified).then_some(words::UNVERIFIED),
        quote: if notes.is_empty() { lines(&citation.quote) } else { Vec::new() },
        slice,
        facts: words::facts(facts).into_iter().map(|(name, value)| (name, clean(&value))).collect(),
    }
}

fn check(sentence: &Sentence) -> Check {
    let removed = sentence.verdict == Verdict::Removed;
    let marks: Vec<String> = sentence.citations.iter().map(|n| format!("[{n}]")).collect();
    Check {
        tag: format!("{}, {}", words::verdict(sentence.verdict), words::percent(sentence.score)),
        text: line(&sentence.text),
        removed,
        supported: sentence.verdict == Verdict::Supported,
        marks: if removed { String::new() } else { marks.join(" ") },
        stages: sentence.checks.as_ref().map(|c| line(&c.to_string())).unwrap_or_default(),
    }
}

fn shown(passage: &Passage, found: bool) -> Shown {
    let (start, end, version) = (passage.start, passage.end, passage.version_id);
    // Background is kept short.
    let used = match passage.used.filter(|_| found) {
        Some(true) => "cited · ",
        Some(false) => "not cited · ",
        None => "",
    };
    Shown {
        rank: passage.rank,
        title: line(&passage.title),
        told: if found {
            format!("{used}characters {start} to {end}, version {version}")
        } else {
            String::new()
        },
        place: place(&passage.path, passage.page, passage.page_label.as_deref(), &passage.heading),
        text: if found { Vec::new() } else { lines(&passage.text) },
        slice: if found { String::new() } else { slice(start, end, &passage.document_id.0, version) },
    }
}

fn place(path: &str, page: Option<u32>, label: Option<&str>, heading: &[String]) -> String {
    let parts = [words::one_line(path), words::page(page, label), words::heading(heading)];
    clean(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · "))
}

fn slice(start: usize, end: usize, document: &str, version: i64) -> String {
    format!("Characters {start} to {end} of document {}, version {version}", line(document))
}

/// `text` on one line, cleaned.
fn line(text: &str) -> String {
    clean(&words::one_line(text))
}

/// The lines of a quote, cleaned; empty ones between them stay.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(|row| clean(row.trim_end())).collect();
    lines.truncate(lines.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1));
    lines
}

/// `text` with U+FFFD for what is no text: control characters, those that turn the direction of what follows around, and
/// those that XML forbids. A tab is four spaces.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out += "    ",
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}')
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
