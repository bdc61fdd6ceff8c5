//! The self-check: does what a sentence cites carry it?
//!
//! Three tests, strictest first. *Quote*: a citation is a verbatim slice (kept by construction and verified again
//! before an answer is stored). *Facts*: every number, date and name of the sentence stands in one statement of the
//! cited evidence, and neither side turns the other's statement round. *Support*: share of the sentence's content
//! words that stand in the evidence, mixed with the cosine of the two.

use std::path::Path;
use std::sync::Mutex;

use citadel_core::{CheckedSentence, Embedder, ModelError, StopFlag, Verdict};
use serde::Serialize;

use crate::EngineError;
use crate::evidence::{dot, points_back};
use crate::vault::lock;
use crate::words::{Facts, content_words, facts, is_negated, word_set};

/// At and above this support a sentence passes. A first guess.
pub(crate) const SUPPORT_THRESHOLD: f64 = 0.6;

/// Weight of the cosine against word coverage in the support score.
const COSINE_WEIGHT: f64 = 0.4;

/// What is left of the support where a fact is missing or the statement is turned round: below any threshold.
const FACT_PENALTY: f64 = 0.3;

/// A piece of evidence as the check reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The verbatim evidence.
    pub text: &'a str,
    /// Title and headings shown with it: they may supply names, never numbers.
    pub context: &'a str,
}

/// What the check found of one sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// Positions in the sources of those that carry the sentence; the nearest where none does.
    pub sources: Vec<usize>,
    /// 0 to 1.
    pub score: f64,
    /// [`Verdict::Supported`] or [`Verdict::Unsupported`].
    pub verdict: Verdict,
}

/// Checks each of `sentences` against each of `sources`.
pub(crate) fn check(
    sentences: &[&str],
    sources: &[Source<'_>],
    embedder: &mut dyn Embedder,
    stop: &StopFlag,
) -> Result<Vec<Finding>, ModelError> {
    let nothing = || Finding { sources: Vec::new(), score: 0.0, verdict: Verdict::Unsupported };
    if sources.is_empty() {
        return Ok(sentences.iter().map(|_| nothing()).collect());
    }
    let texts: Vec<String> =
        sentences.iter().copied().chain(sources.iter().map(|s| s.text)).map(str::to_owned).collect();
    let vectors = embedder.embed_documents(&texts, stop)?;
    let (of_sentences, of_sources) = vectors.split_at(sentences.len().min(vectors.len()));
    let cosine = |sentence: usize, source: usize| {
        let pairs =
            of_sentences[sentence].iter().flat_map(|a| of_sources[source].iter().map(move |b| dot(a, b)));
        pairs.fold(0.0f64, f64::max).clamp(0.0, 1.0)
    };
    Ok(sentences
        .iter()
        .enumerate()
        .map(|(number, sentence)| {
            let read = Reading::new(sentence);
            let mut singles: Vec<(usize, f64)> =
                (0..sources.len()).map(|s| (s, read.support(&sources[s], cosine(number, s)))).collect();
            singles.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let Some(&(best, score)) = singles.first() else { return nothing() };
            if score >= SUPPORT_THRESHOLD {
                return Finding { sources: vec![best], score, verdict: Verdict::Supported };
            }
            Finding { sources: vec![best], score, verdict: Verdict::Unsupported }
        })
        .collect())
}

/// A sentence taken apart once.
struct Reading {
    words: Vec<String>,
    facts: Facts,
    negated: bool,
}

impl Reading {
    fn new(sentence: &str) -> Self {
        Self { words: content_words(sentence), facts: facts(sentence), negated: is_negated(sentence) }
    }

    /// Support of the sentence by one source, 0 to 1. Two sources are never taken together: a name from one and a number
    /// from the other would carry a sentence that neither says.
    fn support(&self, source: &Source<'_>, cosine: f64) -> f64 {
        // A number or a word alone states nothing that could be true.
        if self.words.len() < 2 || !self.words.iter().any(|w| w.contains(char::is_alphabetic)) {
            return 0.0;
        }
        let in_text = word_set(source.text);
        let in_context = word_set(source.context);
        let covered = self.words.iter().filter(|w| in_text.contains(*w) || in_context.contains(*w)).count();
        let coverage = covered as f64 / self.words.len() as f64;
        let support = ((1.0 - COSINE_WEIGHT) * coverage + COSINE_WEIGHT * cosine).clamp(0.0, 1.0);
        let carried = statements(source.text).into_iter().any(|statement| {
            let words = word_set(statement);
            self.negated == is_negated(statement)
                && self.facts.numbers.iter().all(|n| words.contains(n))
                && self.facts.names.iter().all(|n| words.contains(n) || in_context.contains(n))
        });
        if carried { support } else { support * FACT_PENALTY }
    }
}

/// What the self-check alone finds of an answer. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
pub struct CheckResult {
    /// The caller's id.
    pub id: String,
    /// Whether every sentence is supported (and there is one).
    pub supported: bool,
    /// That of the weakest sentence, 0 to 1.
    pub score: f64,
    /// The sentences in order.
    pub sentences: Vec<CheckedSentence>,
}

/// The self-check without a vault: answers from anywhere against passages from anywhere.
pub struct Checker {
    embedder: Mutex<Box<dyn Embedder>>,
}

impl Checker {
    /// Loads the encoder of a model pack.
    pub fn load(models: &Path) -> Result<Self, EngineError> {
        Ok(Self { embedder: Mutex::new(crate::load::embedder(models)?) })
    }

    /// Checks one answer. A sentence that only leads in (`The answer to …:`) is checked like any other.
    pub fn check(
        &self,
        id: String,
        answer: &str,
        passages: &[String],
        stop: &StopFlag,
    ) -> Result<CheckResult, EngineError> {
        let sentences = check_answer(answer, passages, lock(&self.embedder).as_mut(), stop)?;
        let score = sentences.iter().map(|s| s.score).fold(1.0, f64::min);
        Ok(CheckResult {
            id,
            supported: !sentences.is_empty() && sentences.iter().all(|s| s.verdict == Verdict::Supported),
            score: if sentences.is_empty() { 0.0 } else { score },
            sentences,
        })
    }
}

/// Sentences without a word in them (list marks, lone citation marks) are left out.
fn check_answer(
    answer: &str,
    passages: &[String],
    embedder: &mut dyn Embedder,
    stop: &StopFlag,
) -> Result<Vec<CheckedSentence>, ModelError> {
    let plain = without_marks(answer);
    let sentences = split_sentences(&plain);
    let pieces: Vec<&str> = passages.iter().flat_map(|p| windows(p)).collect();
    let sources: Vec<Source<'_>> = pieces.iter().map(|text| Source { text, context: "" }).collect();
    let findings = check(&sentences, &sources, embedder, stop)?;
    Ok(sentences
        .iter()
        .zip(findings)
        .map(|(text, f)| CheckedSentence { text: (*text).to_owned(), verdict: f.verdict, score: f.score })
        .collect())
}

/// The sentences of a text that hold at least one letter or digit.
pub(crate) fn split_sentences(text: &str) -> Vec<&str> {
    let map = citadel_core::TextMap::new(text);
    citadel_chunk::sentences(text)
        .into_iter()
        .filter_map(|range| map.slice(range))
        .map(str::trim)
        .filter(|s| s.contains(char::is_alphanumeric))
        .collect()
}

/// Sentences of a passage, each with its neighbours to three in all: what one statement can lean on.
fn windows(passage: &str) -> Vec<&str> {
    let map = citadel_core::TextMap::new(passage);
    let ranges = citadel_chunk::sentences(passage);
    (0..ranges.len())
        .filter_map(|i| {
            let last = (i + 2).min(ranges.len() - 1);
            map.slice(citadel_core::CharRange::new(ranges[i].start, ranges[last].end))
        })
        .collect()
}

/// The sentences of a piece of evidence, each together with those before it that it points back to: within one of these a
/// name and a number belong together. `Rooms cost up to 135. In Zurich it is 190.` does not say that Zurich is 135.
fn statements(evidence: &str) -> Vec<&str> {
    let map = citadel_core::TextMap::new(evidence);
    let mut out = Vec::new();
    let mut start = 0;
    for range in citadel_chunk::sentences(evidence) {
        if !map.slice(range).is_some_and(points_back) {
            start = range.start;
        }
        out.extend(map.slice(citadel_core::CharRange::new(start, range.end)));
    }
    out
}

/// The text without citation marks such as `[1]` or `[2, 3]`.
pub(crate) fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        match from.find(']') {
            Some(close) if is_mark(&from[1..close]) => {
                out.push_str(before.trim_end_matches(' '));
                rest = &from[close + 1..];
            }
            _ => {
                out.push_str(before);
                out.push('[');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_mark(inside: &str) -> bool {
    inside.contains(|c: char| c.is_ascii_digit())
        && inside.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | '-' | '–'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use citadel_core::fakes::FakeEmbedder;

    const HOTEL: &str = "Hotel rooms are reimbursed up to 180 EUR per night.";
    const RECEIPTS: &str = "Receipts are needed for every expense above 25 EUR.";
    const MANAGERS: &str = "Managers may not approve their own expenses.";

    const ZURICH: &str = "Rooms are reimbursed up to 135 EUR. Rooms in Zurich are reimbursed up to 190 EUR.";
    const FOUNDER: &str = "Ada Finch was a weaver. She founded the firm in 1852.";

    #[test]
    fn verdicts() {
        let check_one = |sentence: &str, expected: Verdict, cites: &[usize]| {
            let sources = [HOTEL, RECEIPTS, MANAGERS, ZURICH, FOUNDER]
                .map(|text| Source { text, context: "Travel policy of Finch" });
            let mut embedder = FakeEmbedder::new(64);
            let found = check(&[sentence], &sources, &mut embedder, &StopFlag::new()).unwrap();
            assert_eq!(found[0].verdict, expected, "{sentence}: {found:?}");
            if expected == Verdict::Supported {
                assert_eq!(found[0].sources, cites, "{sentence}");
            }
        };
        check_one("Hotel rooms are reimbursed up to 180 EUR per night.", Verdict::Supported, &[0]);
        check_one("The hotel rooms are reimbursed up to 180 EUR a night.", Verdict::Supported, &[0]);
        // The wrong number from the neighbouring source: the very mistake that a small model makes.
        check_one("Hotel rooms are reimbursed up to 25 EUR per night.", Verdict::Unsupported, &[]);
        check_one("Hotel rooms in Paris are reimbursed up to 180 EUR per night.", Verdict::Unsupported, &[]);
        check_one("Hotel rooms are not reimbursed up to 180 EUR per night.", Verdict::Unsupported, &[]);
        check_one("Managers may approve their own expenses.", Verdict::Unsupported, &[]);
        // A name from one source and a number from another say nothing together.
        check_one("Receipts are needed for every hotel above 180 EUR.", Verdict::Unsupported, &[]);
        check_one("180", Verdict::Unsupported, &[]);
        check_one("The moon is made of cheese.", Verdict::Unsupported, &[]);
        // Neighbours that are cited together still say their own things only.
        check_one("Rooms in Zurich are reimbursed up to 190 EUR.", Verdict::Supported, &[3]);
        check_one("Rooms in Zurich are reimbursed up to 135 EUR.", Verdict::Unsupported, &[]);
        check_one("Ada Finch founded the firm in 1852.", Verdict::Supported, &[4]);
        // A name may come from the title shown with the evidence.
        check_one("At Finch, hotel rooms are reimbursed up to 180 EUR per night.", Verdict::Supported, &[0]);
    }

    #[test]
    fn no_source_carries_nothing() {
        let found = check(&["Anything."], &[], &mut FakeEmbedder::new(8), &StopFlag::new()).unwrap();
        assert_eq!(found[0].verdict, Verdict::Unsupported);
        assert!(found[0].sources.is_empty());
    }

    #[test]
    fn marks_are_taken_out_and_brackets_kept() {
        for (text, expected) in [
            ("It is 5 [1].", "It is 5."),
            ("It is [2, 3] so. [4]", "It is so."),
            ("An [aside] stays, [", "An [aside] stays, ["),
            ("[1] First.", " First."),
        ] {
            assert_eq!(without_marks(text), expected);
        }
    }
}
