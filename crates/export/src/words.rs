//! What the formats share: marks in the text, and the words for pages, verdicts and reasons.

use std::collections::BTreeSet;

use citadel_core::{Answer, Citation, NearestReason, Outcome, Verdict};

use crate::SourceFacts;

/// A part of an answer's text.
pub(crate) enum Part<'a> {
    /// Words.
    Text(&'a str),
    /// A mark that points at a citation of this number.
    Mark(usize),
}

/// The text of an answer with its marks found. `[7]` is a mark only where citation 7 exists; the white space before a
/// mark is left out.
pub(crate) fn parts<'a>(text: &'a str, citations: &[Citation]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(open) = rest.get(from..).and_then(|s| s.find('[')).map(|i| i + from) {
        let mark = rest.get(open + 1..).and_then(|s| s.split_once(']')).and_then(|(number, after)| {
            let number: usize = number.parse().ok()?;
            citations.iter().any(|c| c.number == number).then_some((number, after))
        });
        match mark {
            Some((number, after)) => {
                let before = rest.get(..open).unwrap_or_default().trim_end_matches(' ');
                if !before.is_empty() {
                    parts.push(Part::Text(before));
                }
                parts.push(Part::Mark(number));
                (rest, from) = (after, 0);
            }
            None => from = open + 1,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// `text` on one line, its control characters taken out.
pub(crate) fn one_line(text: &str) -> String {
    one_line_with(text, ' ')
}

/// As [`one_line`], but `kept` stays where it is.
pub(crate) fn one_line_with(text: &str, kept: char) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() && c != kept { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `page 12 (labelled xii)`; empty where the format has no pages.
pub(crate) fn page(page: Option<u32>, label: Option<&str>) -> String {
    match (page, label.map(one_line)) {
        (Some(page), Some(label)) if label != page.to_string() => format!("page {page} (labelled {label})"),
        (Some(page), _) => format!("page {page}"),
        (None, _) => String::new(),
    }
}

/// The headings above a place, outermost first.
pub(crate) fn heading(path: &[String]) -> String {
    path.iter().map(|h| one_line(h)).collect::<Vec<_>>().join(" › ")
}

pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Unsupported => "not supported",
        Verdict::Removed => "removed",
    }
}

/// Why nothing was found.
pub(crate) fn reason(reason: NearestReason) -> &'static str {
    match reason {
        NearestReason::NoDocuments => "There was no document to search.",
        NearestReason::WeakEvidence => "No passage comes near the question.",
        NearestReason::Insufficient => "Passages come near the question, and none of them answers it.",
        NearestReason::ModelDeclined => "The passages found do not answer it.",
        NearestReason::NothingSupported => {
            "A draft was written, but the self-check found no sentence of it carried by the passages."
        }
    }
}

/// A share of one as whole percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", (share * 100.0).clamp(0.0, 100.0))
}

/// One sentence on what this answer is.
pub(crate) fn summary(answer: &Answer) -> String {
    if let Some(sweep) = &answer.sweep {
        return format!(
            "Counted by looking through {} documents for the words given; {} files or parts could not be read.",
            sweep.searched, sweep.unreadable
        );
    }
    match answer.outcome {
        Outcome::Answered => {
            let sources = answer.citations.len();
            let corrected = if answer.corrected { " The self-check changed the first draft." } else { "" };
            format!(
                "Answered from {sources} {}. Confidence {}.{corrected}",
                if sources == 1 { "source" } else { "sources" },
                percent(answer.confidence)
            )
        }
        Outcome::NotFound => {
            let why = answer.reason.map(|r| format!(" {}", reason(r))).unwrap_or_default();
            format!("Not found: the documents searched do not answer this question.{why}")
        }
    }
}

/// The facts of the footer as name and value, in order.
pub(crate) fn record(answer: &Answer) -> Vec<(&'static str, String)> {
    let mut record = vec![("Answer", answer.id.clone())];
    record.extend(answer.question_id.iter().map(|id| ("Question id", id.clone())));
    if !answer.created_at.is_empty() {
        record.push(("Given", answer.created_at.clone()));
    }
    match &answer.model {
        Some(model) => {
            record.push(("Model", format!("{} on {}", model.name, model.device)));
            record.push(("Model file, SHA-256", model.file_sha256.clone()));
        }
        None => record.push(("Model", "none: verbatim evidence only".to_owned())),
    }
    let seconds = answer.timings_ms.total as f64 / 1000.0;
    record.push(("Time taken", format!("{seconds:.1} s")));
    record.into_iter().map(|(name, value)| (name, one_line(&value))).collect()
}

/// The citations whose every sentence in the answer is supported, and whose quote the self-check found to the letter.
pub(crate) fn verified(answer: &Answer) -> BTreeSet<usize> {
    let (mut good, mut bad) = (BTreeSet::new(), BTreeSet::new());
    // What was removed is not in the answer and says nothing about its quotes.
    for sentence in answer.sentences.iter().filter(|s| s.verdict != Verdict::Removed) {
        let holds =
            sentence.verdict == Verdict::Supported && sentence.checks.as_ref().is_none_or(|c| c.quote);
        if holds { &mut good } else { &mut bad }.extend(&sentence.citations);
    }
    &good - &bad
}

/// What is said of a quote that is not verified.
pub(crate) const UNVERIFIED: &str = "Unverified: the self-check did not confirm what cites this.";

/// The facts of a version as name and value, in order.
pub(crate) fn facts(facts: Option<&SourceFacts>) -> Vec<(&'static str, String)> {
    let Some(facts) = facts else { return Vec::new() };
    let named = [
        ("Read", &facts.ingested_at),
        ("Text, SHA-256", &facts.text_sha256),
        ("File, SHA-256", &facts.file_sha256),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name, one_line(value.as_deref()?)))).collect()
}

/// How a conversation is headed.
pub(crate) fn conversation(answers: &[Answer]) -> String {
    format!("Conversation of {} answers", answers.len())
}

/// How a reader can check a quote.
pub(crate) const VERIFY: &str = "Each quote is the text of the document, to the letter, from the first to the last \
     character named with it. Characters are Unicode scalar values counted from the start of the extracted text.";
