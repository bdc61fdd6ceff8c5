//! The language model writes, the self-check judges, and what fails is corrected once: by a second draft from the strongest
//! evidence, then by that evidence itself.

use std::collections::HashSet;
use std::time::Instant;

use citadel_core::{
    AnswerTimings, ChatMessage, FinishReason, GenerationRequest, Generator, ModelInfo, NearestReason,
    Passage, Sampling, StopFlag, Verdict,
};

use super::quote::{is_tabular, is_yes_or_no, leads_in, quotation, restates};
use super::{Judged, Outcomes, whole_ms};
use crate::check::{self, Finding, Judges, Source, Stage, split_sentences, without_marks};
use crate::evidence::{Evidence, select};
use crate::reading::Read;
use crate::vault::lock;
use crate::words::content_words;
use crate::{AskEvent, Engine, EngineError, prompt};

/// Most pieces of evidence shown to the model, and their tokens by its tokenizer: a small model loses its way in more.
const MAX_EVIDENCE: usize = 5;
const EVIDENCE_TOKENS: usize = 300;
/// Most tokens of an answer.
const ANSWER_TOKENS: usize = 96;
/// Likely answers that a sentence may give: those this near to the likeliest.
const LIKELY: f64 = 0.4;

/// What an answer is written from.
pub(super) struct Draw<'a> {
    pub question: &'a str,
    pub passages: &'a [Passage],
    pub read: &'a Read,
    pub without: &'a [Stage],
}

impl Engine {
    /// Lets the model write, checks each sentence, and corrects once what does not hold.
    pub(super) fn write(
        &self,
        draw: &Draw<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
        (begun, timings): (Instant, &mut AnswerTimings),
    ) -> Result<Outcomes, EngineError> {
        let Draw { question, passages, read, .. } = *draw;
        let loaded = self.generator()?;
        let mut generator = lock(&loaded.generator);
        let evidence =
            select(&read.ranked, passages, MAX_EVIDENCE, EVIDENCE_TOKENS, |t| generator.count_tokens(t))?;
        let mut outcome = Outcomes {
            evidence,
            model: Some(ModelInfo {
                name: generator.name().to_owned(),
                file_sha256: loaded.file_sha256.clone(),
                device: generator.device().to_owned(),
            }),
            ..Outcomes::default()
        };
        let mut declined = false;
        let drafts = if draw.without.contains(&Stage::Correction) { 1 } else { 2 };
        for attempt in 0..drafts {
            let messages = match (attempt, outcome.evidence.first()) {
                (0, _) => prompt::answer(question, &outcome.evidence, passages),
                (_, Some(strongest)) => {
                    sink(AskEvent::Retry);
                    outcome.corrected = true;
                    prompt::correct(question, strongest, passages)
                }
                (_, None) => break,
            };
            let started = Instant::now();
            let first_token = &mut timings.first_token;
            let draft = draft(generator.as_mut(), &messages, stop, sink, first_token, begun)?;
            timings.generate += whole_ms(started);
            if prompt::declined(&draft) {
                declined = true;
                break;
            }
            let started = Instant::now();
            let shown = if attempt == 0 { outcome.evidence.len() } else { 1 };
            let judged = self.judge(draw, &draft, &outcome.evidence[..shown], stop)?;
            timings.check += whole_ms(started);
            for sentence in judged {
                let verdict = sentence.finding.verdict;
                sink(AskEvent::Checked { text: &sentence.text, verdict });
                if verdict != Verdict::Supported {
                    outcome.corrected = true;
                    outcome.removed.push(sentence);
                } else if !outcome.kept.iter().any(|k| same_words(&k.text, &sentence.text)) {
                    outcome.kept.push(sentence);
                }
            }
            if answers(draw, &outcome.kept) {
                break;
            }
            // What is carried and answers something else is no answer.
            outcome.removed.extend(outcome.kept.drain(..).map(|mut sentence| {
                sentence.finding.verdict = Verdict::Unsupported;
                sentence
            }));
        }
        if outcome.kept.is_empty() && !draw.without.contains(&Stage::Quotation) {
            let quoted = quotation(question, read, &mut outcome.evidence, passages, 1)?;
            // Reader and gate were fitted on prose. Of tables the model, where it declines, knows as much: only a row that the
            // question names is quoted against it.
            let in_table = |source: &usize| is_tabular(&passages[outcome.evidence[*source].passage]);
            let holds =
                |q: &Judged| !declined || q.text.contains(" | ") || !q.finding.sources.iter().any(in_table);
            outcome.kept = quoted.into_iter().filter(holds).collect();
            outcome.corrected |= !outcome.kept.is_empty();
        }
        if outcome.kept.is_empty() {
            outcome.reason =
                Some(if declined { NearestReason::ModelDeclined } else { NearestReason::NothingSupported });
        }
        Ok(outcome)
    }

    /// Checks every sentence of a draft against the evidence it was written from. The model's own marks are not trusted:
    /// a sentence is cited with the evidence that was found to carry it.
    fn judge(
        &self,
        draw: &Draw<'_>,
        draft: &str,
        evidence: &[Evidence],
        stop: &StopFlag,
    ) -> Result<Vec<Judged>, EngineError> {
        let plain = without_marks(draft);
        let sentences = split_sentences(&plain);
        let contexts: Vec<String> =
            evidence.iter().map(|e| prompt::context(&draw.passages[e.passage])).collect();
        let sources: Vec<Source<'_>> =
            evidence.iter().zip(&contexts).map(|(e, context)| Source { text: &e.text, context }).collect();
        let (encoder, reader) = (self.encoder()?, self.reader()?);
        let (mut embedder, mut reader) = (lock(&encoder.embedder), lock(&reader));
        let mut judges =
            Judges { embedder: embedder.as_mut(), reader: reader.as_mut(), without: draw.without };
        let findings = check::check(&sentences, &sources, &mut judges, stop)?;
        let judged = |(text, mut finding): (&str, Finding)| {
            if restates(text, draw.question) {
                finding.verdict = Verdict::Unsupported;
            }
            Judged { text: text.to_owned(), finding }
        };
        Ok(sentences.into_iter().zip(findings).map(judged).collect())
    }
}

/// Whether some sentence gives what the reader found to be asked for, and one does not only lead in.
fn answers(draw: &Draw<'_>, kept: &[Judged]) -> bool {
    let found = &draw.read.found;
    let least = found.first().map_or(0.0, |f| f.probability) * LIKELY;
    let unread = found.is_empty() || draw.without.contains(&Stage::Reader) || is_yes_or_no(draw.question);
    let says = |f: &crate::reading::Found| kept.iter().any(|k| f.is_in(&k.text));
    kept.iter().any(|k| !leads_in(&k.text))
        && (unread || found.iter().filter(|f| f.probability >= least).any(says))
}

/// One turn of the model. A turn cut off by the token limit loses its last, unfinished sentence if it has another.
fn draft(
    generator: &mut dyn Generator,
    messages: &[ChatMessage],
    stop: &StopFlag,
    sink: &mut dyn FnMut(AskEvent<'_>),
    first_token: &mut Option<u64>,
    begun: Instant,
) -> Result<String, EngineError> {
    let request =
        GenerationRequest { messages, prefill: "", max_tokens: ANSWER_TOKENS, sampling: Sampling::Greedy };
    let generation = generator.generate(&request, stop, &mut |piece| {
        first_token.get_or_insert(whole_ms(begun));
        sink(AskEvent::Draft { text: piece });
        true
    })?;
    let mut text = generation.text;
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
    Ok(text)
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |t: &str| content_words(t).into_iter().collect::<HashSet<_>>();
    words(a) == words(b)
}
