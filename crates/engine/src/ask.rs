//! From a question to a cited answer: retrieve, select evidence, gate, generate, check, correct once.

use std::collections::HashSet;
use std::time::Instant;

use citadel_core::{
    Answer, AnswerTimings, Citation, Embedder, FinishReason, GenerationRequest, Generator, ModelInfo,
    NearestReason, Outcome, Passage, Sampling, Sentence, StopFlag, Verdict,
};
use sha2::{Digest, Sha256};

use crate::check::{self, Finding, Source, split_sentences, without_marks};
use crate::evidence::{Evidence, rank_sentences, select};
use crate::question::{Kind, kind};
use crate::search::{SearchMode, check_question};
use crate::vault::{lock, now_ms};
use crate::{AskEvent, Engine, EngineError, prompt};

/// Passages that an answer is written from.
const PASSAGES: usize = 5;

/// Passages looked at beyond those, to take the place of copies: the same file twice in a vault is common.
const COPIES: usize = 10;
/// Most pieces of evidence shown to the model, and their tokens by its tokenizer: a small model loses its way in more.
const MAX_EVIDENCE: usize = 5;
const EVIDENCE_TOKENS: usize = 300;
/// Most tokens of an answer.
const ANSWER_TOKENS: usize = 96;
/// Sentences of an answer in quote mode.
const QUOTED: usize = 2;
/// Below this relevance of the best sentence there is nothing to answer from. docs/evaluation.md shows what other values
/// would let through.
const WEAK_EVIDENCE: f64 = 0.45;
/// Below this relevance of the best sentence a failed draft is not corrected: a correction in the words of the source is
/// nearly always carried by it, so that relevance alone decides whether it answers.
const STRONG_EVIDENCE: f64 = 0.63;
/// Words of the best sentence that a correction begins with: a small model then goes on in the words of the source.
const ANCHOR_WORDS: usize = 3;
/// A further quote must come this near to the best.
const QUOTE_MARGIN: f64 = 0.9;

/// What a question for yes or no begins with.
const YES_OR_NO: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "can", "could", "may", "must", "has", "have", "had",
    "should", "shall", "will", "would",
];

/// How to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskMode {
    /// The language model writes from the evidence.
    #[default]
    Generate,
    /// Verbatim evidence only, no generation.
    Quote,
}

/// What to ask.
#[derive(Clone, Debug)]
pub struct AskRequest {
    /// In plain words.
    pub question: String,
    /// The caller's id in a batch.
    pub question_id: Option<String>,
    /// How to answer.
    pub mode: AskMode,
    /// Only these collections; all where empty.
    pub collections: Vec<String>,
}

/// A sentence on its way into the answer.
struct Judged {
    text: String,
    finding: Finding,
}

/// What a run of the pipeline came to.
struct Outcomes {
    kept: Vec<Judged>,
    removed: Vec<Judged>,
    evidence: Vec<Evidence>,
    reason: Option<NearestReason>,
    corrected: bool,
    model: Option<ModelInfo>,
}

impl Outcomes {
    fn nothing(reason: NearestReason) -> Self {
        Self {
            kept: Vec::new(),
            removed: Vec::new(),
            evidence: Vec::new(),
            reason: Some(reason),
            corrected: false,
            model: None,
        }
    }
}

impl Engine {
    /// Answers from the documents and stores the answer. When `stop` is raised, the result is
    /// [`citadel_core::ModelError::Stopped`] and nothing is stored.
    pub fn ask(
        &self,
        request: &AskRequest,
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
    ) -> Result<Answer, EngineError> {
        check_question(&request.question)?;
        if let Kind::Sweep(sweep) = kind(&request.question) {
            return self.answer_sweep(request, &sweep, stop, sink);
        }
        let begun = Instant::now();
        let mut timings = AnswerTimings::default();
        let mut found =
            self.retrieve(&request.question, SearchMode::Hybrid, &request.collections, PASSAGES + COPIES)?;
        keep_distinct(&mut found.passages);
        timings.retrieve = whole_ms(begun);
        sink(AskEvent::Passages(&found.passages));
        let outcome = if found.passages.is_empty() {
            Outcomes::nothing(NearestReason::NoDocuments)
        } else {
            let encoder = self.encoder()?;
            let ranked = rank_sentences(
                &request.question,
                &found.query_vector,
                &found.passages,
                lock(&encoder.embedder).as_mut(),
                stop,
            )?;
            let best = ranked.first().map_or(0.0, |e| e.relevance.score);
            if best < WEAK_EVIDENCE {
                Outcomes::nothing(NearestReason::WeakEvidence)
            } else {
                match request.mode {
                    AskMode::Quote => quote(&ranked, &found.passages)?,
                    AskMode::Generate => {
                        let clock = (begun, &mut timings);
                        self.write(&request.question, &found.passages, &ranked, stop, sink, clock)?
                    }
                }
            }
        };
        let mut answer = self.compose(request, found.passages, outcome)?;
        timings.total = whole_ms(begun);
        answer.timings_ms = timings;
        self.catalog().put_answer(&answer, now_ms())?;
        Ok(answer)
    }

    /// Lets the model write, checks each sentence, and corrects once what does not hold.
    fn write(
        &self,
        question: &str,
        passages: &[Passage],
        ranked: &[Evidence],
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
        (begun, timings): (Instant, &mut AnswerTimings),
    ) -> Result<Outcomes, EngineError> {
        let loaded = self.generator()?;
        let mut generator = lock(&loaded.generator);
        let evidence =
            select(ranked, passages, MAX_EVIDENCE, EVIDENCE_TOKENS, |t| generator.count_tokens(t))?;
        let model = ModelInfo {
            name: generator.name().to_owned(),
            file_sha256: loaded.file_sha256.clone(),
            device: generator.device().to_owned(),
        };
        let encoder = self.encoder()?;
        let mut outcome = Outcomes {
            kept: Vec::new(),
            removed: Vec::new(),
            reason: None,
            corrected: false,
            model: Some(model),
            evidence,
        };
        for attempt in 0..2 {
            let shown = if attempt == 0 { outcome.evidence.len() } else { 1 };
            let (messages, anchor) = if attempt == 0 {
                (prompt::answer(question, &outcome.evidence, passages), String::new())
            } else {
                let (Some(strongest), Some(best)) = (outcome.evidence.first(), ranked.first()) else { break };
                if best.relevance.score < STRONG_EVIDENCE {
                    break;
                }
                sink(AskEvent::Retry);
                (prompt::correct(question, strongest, passages), first_words(&best.text, ANCHOR_WORDS))
            };
            let started = Instant::now();
            let first_token = &mut timings.first_token;
            let draft = draft(generator.as_mut(), &messages, &anchor, stop, sink, first_token, begun)?;
            timings.generate += whole_ms(started);
            if prompt::declined(&draft) {
                outcome.reason.get_or_insert(NearestReason::ModelDeclined);
                break;
            }
            let started = Instant::now();
            let shown = &outcome.evidence[..shown];
            let mut judged = judge(&draft, shown, passages, lock(&encoder.embedder).as_mut(), stop)?;
            for sentence in &mut judged {
                if restates(&sentence.text, question) {
                    sentence.finding.verdict = Verdict::Unsupported;
                }
            }
            timings.check += whole_ms(started);
            let mut failed = false;
            for sentence in judged {
                let verdict = sentence.finding.verdict;
                sink(AskEvent::Checked { text: &sentence.text, verdict });
                if verdict == Verdict::Supported {
                    if !outcome.kept.iter().any(|k| same_words(&k.text, &sentence.text)) {
                        outcome.kept.push(sentence);
                    }
                } else {
                    failed = true;
                    outcome.removed.push(sentence);
                }
            }
            if !failed && (attempt > 0 || !outcome.kept.is_empty()) {
                break;
            }
            outcome.corrected = true;
        }
        if outcome.kept.is_empty() {
            outcome.reason.get_or_insert(NearestReason::NothingSupported);
        } else {
            outcome.reason = None;
        }
        Ok(outcome)
    }

    /// Numbers the citations, verifies each quote against the stored text, and writes the answer.
    fn compose(
        &self,
        request: &AskRequest,
        mut passages: Vec<Passage>,
        outcome: Outcomes,
    ) -> Result<Answer, EngineError> {
        let mut citations: Vec<Citation> = Vec::new();
        let mut number_of: Vec<(usize, usize)> = Vec::new();
        let mut text = String::new();
        let mut sentences = Vec::new();
        let answered = !outcome.kept.is_empty();
        for passage in &mut passages {
            passage.used = Some(false);
        }
        for judged in &outcome.kept {
            let mut numbers = Vec::new();
            for &source in &judged.finding.sources {
                let evidence = &outcome.evidence[source];
                let number = match number_of.iter().find(|(s, _)| *s == source) {
                    Some((_, number)) => *number,
                    None => {
                        let number = citations.len() + 1;
                        citations.push(self.cite(number, evidence, &passages[evidence.passage])?);
                        number_of.push((source, number));
                        number
                    }
                };
                passages[evidence.passage].used = Some(true);
                numbers.push(number);
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&with_marks(&judged.text, &numbers));
            sentences.push(Sentence {
                text: judged.text.clone(),
                citations: numbers,
                verdict: Verdict::Supported,
                score: judged.finding.score,
            });
        }
        sentences.extend(outcome.removed.iter().map(|judged| Sentence {
            text: judged.text.clone(),
            citations: Vec::new(),
            verdict: Verdict::Removed,
            score: judged.finding.score,
        }));
        if !answered {
            text = refusal(&request.question, outcome.reason);
        }
        let confidence =
            if answered { outcome.kept.iter().map(|j| j.finding.score).fold(1.0, f64::min) } else { 0.0 };
        let now = now_ms();
        Ok(Answer {
            id: answer_id(now, &request.question),
            question_id: request.question_id.clone(),
            question: request.question.clone(),
            created_at: rfc3339(now),
            outcome: if answered { Outcome::Answered } else { Outcome::NotFound },
            text,
            sentences,
            citations,
            passages,
            confidence,
            corrected: outcome.corrected,
            reason: if answered { None } else { outcome.reason },
            sweep: None,
            model: outcome.model,
            timings_ms: AnswerTimings::default(),
        })
    }

    /// A citation whose quote was read again from the catalog: a slice that is not the stored text is a fault of ours
    /// and must never reach a reader.
    pub(crate) fn cite(
        &self,
        number: usize,
        evidence: &Evidence,
        passage: &Passage,
    ) -> Result<Citation, EngineError> {
        let catalog = self.catalog();
        let stored = catalog.slice(passage.version_id, evidence.range)?;
        if stored.as_deref() != Some(evidence.text.as_str()) {
            return Err(EngineError::Internal("a quote that is not the stored text"));
        }
        let (page, page_label) = match catalog.page_at(passage.version_id, evidence.range.start)? {
            Some((page, label)) => (Some(page), label),
            None => (None, None),
        };
        Ok(Citation {
            number,
            document_id: passage.document_id.clone(),
            version_id: passage.version_id,
            path: passage.path.clone(),
            title: passage.title.clone(),
            heading: passage.heading.clone(),
            page,
            page_label,
            quote: evidence.text.clone(),
            start: evidence.range.start,
            end: evidence.range.end,
        })
    }
}

/// Answers with the best evidence itself.
fn quote(ranked: &[Evidence], passages: &[Passage]) -> Result<Outcomes, EngineError> {
    let best = ranked.first().map_or(0.0, |e| e.relevance.score);
    let near: Vec<Evidence> =
        ranked.iter().filter(|e| e.relevance.score >= best * QUOTE_MARGIN).cloned().collect();
    let evidence = select(&near, passages, QUOTED, usize::MAX, |_| Ok(0))?;
    let kept = evidence
        .iter()
        .enumerate()
        .map(|(number, e)| Judged {
            text: e.text.split_whitespace().collect::<Vec<_>>().join(" "),
            finding: Finding {
                sources: vec![number],
                score: e.relevance.score.clamp(0.0, 1.0),
                verdict: Verdict::Supported,
            },
        })
        .collect();
    Ok(Outcomes { kept, removed: Vec::new(), evidence, reason: None, corrected: false, model: None })
}

/// One turn of the model, which begins with `anchor`. A turn cut off by the token limit loses its last, unfinished sentence if it has another.
fn draft(
    generator: &mut dyn Generator,
    messages: &[citadel_core::ChatMessage],
    anchor: &str,
    stop: &StopFlag,
    sink: &mut dyn FnMut(AskEvent<'_>),
    first_token: &mut Option<u64>,
    begun: Instant,
) -> Result<String, EngineError> {
    let request = GenerationRequest {
        messages,
        prefill: anchor,
        max_tokens: ANSWER_TOKENS,
        sampling: Sampling::Greedy,
    };
    if !anchor.is_empty() {
        sink(AskEvent::Draft(anchor));
    }
    let generation = generator.generate(&request, stop, &mut |piece| {
        first_token.get_or_insert(whole_ms(begun));
        sink(AskEvent::Draft(piece));
        true
    })?;
    let mut text = format!("{anchor}{}", generation.text);
    match generation.finish {
        FinishReason::Stopped => return Err(citadel_core::ModelError::Stopped.into()),
        FinishReason::Length => {
            let sentences = split_sentences(&text);
            if sentences.len() > 1 {
                text = sentences[..sentences.len() - 1].join(" ");
            }
        }
        FinishReason::EndOfTurn => {}
    }
    // Where the model did not go on, the words it was to begin with are no answer.
    Ok(if generation.text.contains(char::is_alphanumeric) { text } else { String::new() })
}

/// Checks every sentence of a draft against the evidence it was written from. The model's own marks are not trusted:
/// a sentence is cited with the evidence that was found to carry it.
fn judge(
    draft: &str,
    evidence: &[Evidence],
    passages: &[Passage],
    embedder: &mut dyn Embedder,
    stop: &StopFlag,
) -> Result<Vec<Judged>, EngineError> {
    let plain = without_marks(draft);
    let sentences = split_sentences(&plain);
    let contexts: Vec<String> = evidence.iter().map(|e| prompt::context(&passages[e.passage])).collect();
    let sources: Vec<Source<'_>> =
        evidence.iter().zip(&contexts).map(|(e, context)| Source { text: &e.text, context }).collect();
    let findings = check::check(&sentences, &sources, embedder, stop)?;
    Ok(sentences
        .into_iter()
        .zip(findings)
        .map(|(text, finding)| Judged { text: text.to_owned(), finding })
        .collect())
}

/// The first words of a sentence, fewer where it is short.
fn first_words(sentence: &str, most: usize) -> String {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    words[..most.min(words.len() / 2)].join(" ")
}

/// Whether a sentence says nothing that the question does not say: `Which engines use the Yarrow system?`, `The engines use
/// the Yarrow system.` Questions for yes or no are answered in this way.
fn restates(sentence: &str, question: &str) -> bool {
    let first = crate::words::words(question).first().map(|w| w.text.to_lowercase());
    if first.is_some_and(|w| YES_OR_NO.contains(&w.as_str())) {
        return false;
    }
    let asked = crate::words::word_set(question);
    crate::words::content_words(sentence).iter().all(|w| asked.contains(w))
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |t: &str| crate::words::content_words(t).into_iter().collect::<HashSet<_>>();
    words(a) == words(b)
}

/// `It is 5.` with 1 and 2 → `It is 5 [1][2].`
pub(crate) fn with_marks(sentence: &str, numbers: &[usize]) -> String {
    let body = sentence.trim_end_matches(['.', '!', '?', '。']);
    let marks: String = numbers.iter().map(|n| format!("[{n}]")).collect();
    format!("{} {marks}{}", body.trim_end(), &sentence[body.len()..])
}

fn refusal(question: &str, reason: Option<NearestReason>) -> String {
    let question: String = question.split_whitespace().collect::<Vec<_>>().join(" ");
    match reason {
        Some(NearestReason::NoDocuments) => {
            format!("There are no documents to answer “{question}” from.")
        }
        _ => format!("The documents do not answer “{question}”. The nearest passages are shown instead."),
    }
}

/// Time-ordered and unlikely to meet its like: 48 bits of milliseconds, 32 bits of a hash.
pub(crate) fn answer_id(now: i64, question: &str) -> String {
    static ASKED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count = ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let hash = Sha256::digest(format!("{now} {count} {} {question}", std::process::id()));
    format!("{now:012x}{}", crate::models::hex(&hash[..4]))
}

pub(crate) fn rfc3339(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        .unwrap_or_default()
}

pub(crate) fn whole_ms(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The best passages, none of them twice: of those with the same words the first stays.
fn keep_distinct(passages: &mut Vec<Passage>) {
    let mut seen = HashSet::new();
    passages.retain(|p| seen.insert(p.text.split_whitespace().collect::<Vec<_>>().join(" ")));
    passages.truncate(PASSAGES);
    for (at, passage) in passages.iter_mut().enumerate() {
        passage.rank = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_before_the_full_stop() {
        assert_eq!(with_marks("It is 5.", &[1, 2]), "It is 5 [1][2].");
        assert_eq!(with_marks("180 EUR", &[1]), "180 EUR [1]");
        assert_eq!(with_marks("180 EUR per night (see p. 3).", &[3]), "180 EUR per night (see p. 3) [3].");
    }

    #[test]
    fn a_sentence_that_restates_the_question_answers_nothing() {
        for (sentence, question, expected) in [
            ("The engines used the Yarrow system.", "What sort of engines used the Yarrow system?", true),
            ("Triple expansion engines used it.", "What sort of engines used the Yarrow system?", false),
            ("The limit is £190.", "What is the limit?", false),
            (
                "Managers may not approve their own expenses.",
                "May managers approve their own expenses?",
                false,
            ),
        ] {
            assert_eq!(restates(sentence, question), expected, "{sentence}");
        }
    }

    #[test]
    fn answer_ids_differ_and_are_in_order_of_time() {
        let (a, b) = (answer_id(1_000, "q"), answer_id(1_000, "q"));
        assert_ne!(a, b);
        assert!(answer_id(2_000, "q") > a);
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }
}
