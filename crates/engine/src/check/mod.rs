//! The self-check: does what a sentence cites carry it?
//!
//! Three stages. *Quote*: a citation is a verbatim slice (kept by construction and verified again before an answer is
//! stored). *Facts*: every number, date and name of the sentence stands in one statement of the cited evidence, and neither
//! side turns the other's statement round. *Entailment*: the reader, an encoder trained on claims, says whether the evidence
//! carries the sentence, which a regression turns into a probability. Facts that do not hold fail whatever the rest says.

use std::path::Path;
use std::sync::Mutex;

use citadel_core::{CheckedSentence, Checks, Embedder, ModelError, Reader, ReaderText, StopFlag, Verdict};
use serde::Serialize;

use crate::EngineError;
use crate::calibration::{SUPPORT, SUPPORT_THRESHOLD, logistic};
use crate::evidence::{dot, points_back};
use crate::vault::lock;
use crate::words::{Facts, content_words, facts, is_negated, word_set};

/// Sources that the reader compares a sentence with: those that carry most of its words.
const READ_SOURCES: usize = 3;
/// A further source is cited beside the best where it carries the sentence with this probability.
const ALSO: f64 = 0.9;
/// Most sources of one sentence.
const MOST_SOURCES: usize = 2;
/// The probability of a sentence that is a quotation.
const VERBATIM: f64 = 0.99;

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
    /// How likely the first of them carries it, 0 to 1.
    pub score: f64,
    /// [`Verdict::Supported`] or [`Verdict::Unsupported`].
    pub verdict: Verdict,
    /// What each stage said about the first of them.
    pub checks: Checks,
}

/// What the check compares with, and the stages that are left out, for measuring what each is worth.
pub(crate) struct Judges<'a> {
    pub embedder: &'a mut dyn Embedder,
    pub reader: &'a mut dyn Reader,
    pub without: &'a [Stage],
}

/// A sentence beside one source.
struct Comparison {
    source: usize,
    facts: FactCheck,
    coverage: f64,
    cosine: f64,
    verbatim: bool,
}

/// Checks each of `sentences` against each of `sources`.
pub(crate) fn check(
    sentences: &[&str],
    sources: &[Source<'_>],
    judges: &mut Judges<'_>,
    stop: &StopFlag,
) -> Result<Vec<Finding>, ModelError> {
    if sources.is_empty() {
        return Ok(sentences.iter().map(|_| nothing()).collect());
    }
    let texts: Vec<String> =
        sentences.iter().copied().chain(sources.iter().map(|s| s.text)).map(str::to_owned).collect();
    let vectors = judges.embedder.embed_documents(&texts, stop)?;
    let (of_sentences, of_sources) = vectors.split_at(sentences.len().min(vectors.len()));
    let cosine = |sentence: usize, source: usize| {
        let pairs =
            of_sentences[sentence].iter().flat_map(|a| of_sources[source].iter().map(move |b| dot(a, b)));
        pairs.fold(0.0f64, f64::max).clamp(0.0, 1.0)
    };
    let compared: Vec<Vec<Comparison>> = sentences
        .iter()
        .enumerate()
        .map(|(number, sentence)| {
            let read = Reading::new(sentence);
            let mut all: Vec<Comparison> =
                (0..sources.len()).map(|s| read.compare(s, &sources[s], cosine(number, s))).collect();
            all.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then(a.source.cmp(&b.source)));
            all.truncate(READ_SOURCES);
            all
        })
        .collect();
    let text =
        |c: &Comparison| ReaderText { context: sources[c.source].context, text: sources[c.source].text };
    let pairs: Vec<(&str, ReaderText<'_>)> = sentences
        .iter()
        .zip(&compared)
        .flat_map(|(sentence, all)| all.iter().map(move |c| (*sentence, text(c))))
        .collect();
    let mut entailed = if judges.without.contains(&Stage::Entailment) {
        vec![0.0; pairs.len()]
    } else {
        judges.reader.support(&pairs, stop)?
    }
    .into_iter();
    let without_facts = judges.without.contains(&Stage::Facts);
    Ok(compared
        .iter()
        .map(|all| {
            let judged =
                all.iter().zip(entailed.by_ref()).map(|(c, odds)| c.judge(f64::from(odds), without_facts));
            let mut judged: Vec<Finding> = judged.collect();
            judged.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.sources.cmp(&b.sources)));
            let also: Vec<usize> =
                judged.iter().skip(1).filter(|f| f.score >= ALSO).flat_map(|f| f.sources.clone()).collect();
            let mut best = judged.into_iter().next().unwrap_or_else(nothing);
            if best.verdict == Verdict::Supported {
                best.sources.extend(also);
                best.sources.truncate(MOST_SOURCES);
            }
            best
        })
        .collect())
}

/// No source carries it.
fn nothing() -> Finding {
    Finding { sources: Vec::new(), score: 0.0, verdict: Verdict::Unsupported, checks: Checks::default() }
}

impl Comparison {
    /// Which sources are worth reading.
    fn worth(&self) -> f64 {
        self.coverage + self.cosine + if self.facts.holds() { 1.0 } else { 0.0 }
    }

    /// `entailment` is the reader's log-odds.
    fn judge(&self, entailment: f64, without_facts: bool) -> Finding {
        let facts = &self.facts;
        let yes = |holds: bool| if holds { 1.0 } else { 0.0 };
        let features = [
            ("entailment", entailment),
            ("coverage", self.coverage),
            ("cosine", self.cosine),
            ("names", facts.missing_names),
            ("numbers", yes(facts.lacks_number)),
            ("negation", yes(facts.turned)),
            ("verbatim", yes(self.verbatim)),
        ];
        let mut score = if self.verbatim { VERBATIM } else { SUPPORT.probability(&features) };
        if !without_facts && !facts.holds() {
            score = score.min(SUPPORT_THRESHOLD / 2.0);
        }
        let verdict = if score >= SUPPORT_THRESHOLD { Verdict::Supported } else { Verdict::Unsupported };
        let checks = Checks {
            quote: true,
            facts: facts.holds(),
            missing: facts.missing.clone(),
            entailment: if self.verbatim { 1.0 } else { logistic(entailment) },
            features: features.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
        };
        Finding { sources: vec![self.source], score, verdict, checks }
    }
}

/// The facts of a sentence beside a source.
#[derive(Clone, Debug, Default)]
struct FactCheck {
    /// Facts that do not stand in the statement that has most of them.
    missing: Vec<String>,
    /// Share of the names that are among them.
    missing_names: f64,
    /// Whether a number is.
    lacks_number: bool,
    /// Whether one says what the other denies.
    turned: bool,
    /// A number or a word alone states nothing that could be true.
    says_nothing: bool,
}

impl FactCheck {
    fn holds(&self) -> bool {
        self.missing.is_empty() && !self.turned && !self.says_nothing
    }
}

/// A sentence taken apart once.
struct Reading<'a> {
    sentence: &'a str,
    words: Vec<String>,
    facts: Facts,
    negated: bool,
}

impl<'a> Reading<'a> {
    fn new(sentence: &'a str) -> Self {
        Self {
            sentence,
            words: content_words(sentence),
            facts: facts(sentence),
            negated: is_negated(sentence),
        }
    }

    /// Two sources are never taken together: a name from one and a number from the other would carry a sentence that neither
    /// says.
    fn compare(&self, source: usize, evidence: &Source<'_>, cosine: f64) -> Comparison {
        let in_text = word_set(evidence.text);
        let in_context = word_set(evidence.context);
        let covered = self.words.iter().filter(|w| in_text.contains(*w) || in_context.contains(*w)).count();
        let coverage = covered as f64 / self.words.len().max(1) as f64;
        let facts = statements(evidence.text)
            .into_iter()
            .map(|statement| self.against(statement, &in_context))
            .min_by_key(|f| (f.lacks_number, f.turned, f.missing.len()))
            .unwrap_or_default();
        let verbatim = !facts.says_nothing && is_quotation(self.sentence, evidence.text);
        Comparison { source, facts, coverage, cosine, verbatim }
    }

    fn against(&self, statement: &str, in_context: &std::collections::HashSet<String>) -> FactCheck {
        let words = word_set(statement);
        let lacking = |facts: &[String], context: bool| -> Vec<String> {
            let there = |f: &String| words.contains(f) || context && in_context.contains(f);
            facts.iter().filter(|f| !there(f)).cloned().collect()
        };
        let (numbers, names) = (lacking(&self.facts.numbers, false), lacking(&self.facts.names, true));
        FactCheck {
            missing_names: names.len() as f64 / self.facts.names.len().max(1) as f64,
            lacks_number: !numbers.is_empty(),
            turned: self.negated != is_negated(statement),
            says_nothing: self.words.len() < 2 || !self.words.iter().any(|w| w.contains(char::is_alphabetic)),
            missing: numbers.into_iter().chain(names).collect(),
        }
    }
}

/// Whether the sentence stands in the text, word for word.
fn is_quotation(sentence: &str, text: &str) -> bool {
    let flat = |text: &str| {
        let words: Vec<String> = crate::words::words(text).iter().map(|w| w.text.to_lowercase()).collect();
        format!(" {} ", words.join(" "))
    };
    flat(text).contains(&flat(sentence))
}

/// A stage that can be left out, to measure what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The reader's order of the evidence, and that an answer must be what it found.
    Reader,
    /// The sufficiency gate.
    Gate,
    /// Facts, of the self-check.
    Facts,
    /// Entailment, of the self-check.
    Entailment,
    /// The second draft.
    Correction,
    /// The quotation where no draft holds.
    Quotation,
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
    reader: Mutex<Box<dyn Reader>>,
}

impl Checker {
    /// Loads the encoders of a model pack.
    pub fn load(models: &Path) -> Result<Self, EngineError> {
        let embedder = Mutex::new(crate::load::embedder(models)?);
        Ok(Self { embedder, reader: Mutex::new(crate::load::reader(models, None)?) })
    }

    /// Checks one answer. A sentence that only leads in (`The answer to …:`) is checked like any other.
    pub fn check(
        &self,
        id: String,
        answer: &str,
        passages: &[String],
        stop: &StopFlag,
    ) -> Result<CheckResult, EngineError> {
        let (mut embedder, mut reader) = (lock(&self.embedder), lock(&self.reader));
        let mut judges = Judges { embedder: embedder.as_mut(), reader: reader.as_mut(), without: &[] };
        let sentences = check_answer(answer, passages, &mut judges, stop)?;
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
    judges: &mut Judges<'_>,
    stop: &StopFlag,
) -> Result<Vec<CheckedSentence>, ModelError> {
    let plain = without_marks(answer);
    let sentences = split_sentences(&plain);
    let pieces: Vec<&str> = passages.iter().flat_map(|p| windows(p)).collect();
    let sources: Vec<Source<'_>> = pieces.iter().map(|text| Source { text, context: "" }).collect();
    let findings = check(&sentences, &sources, judges, stop)?;
    Ok(sentences
        .iter()
        .zip(findings)
        .map(|(text, f)| CheckedSentence {
            text: (*text).to_owned(),
            verdict: f.verdict,
            score: f.score,
            checks: Some(f.checks),
        })
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
    use citadel_core::fakes::{FakeEmbedder, FakeReader};

    fn check_with_fakes(sentence: &str, sources: &[Source<'_>]) -> Vec<Finding> {
        let (mut embedder, mut reader) = (FakeEmbedder::new(64), FakeReader);
        let mut judges = Judges { embedder: &mut embedder, reader: &mut reader, without: &[] };
        check(&[sentence], sources, &mut judges, &StopFlag::new()).unwrap()
    }

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
            let found = check_with_fakes(sentence, &sources);
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
        let found = check_with_fakes("Anything.", &[]);
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
